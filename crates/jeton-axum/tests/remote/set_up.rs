use std::time::Duration;

use jeton_axum::{FeedSetUpError, RemoteKeys, RemoteKeysError, RevocationFeed};

use crate::server::rules;

#[tokio::test]
async fn only_https_will_do_unless_told_otherwise() {
    for url in [
        "http://id.example/keys",
        "ftp://id.example/keys",
        "file:///etc/keys",
    ] {
        let error = RemoteKeysError::NotHttps(url.to_owned());
        assert_eq!(RemoteKeys::at(url, rules()).build().unwrap_err(), error);
        assert_eq!(RemoteKeys::discover(url, rules()).build().unwrap_err(), error);
    }
    let file = RemoteKeys::at("file:///etc/keys", rules())
        .danger_allow_http()
        .build();
    assert!(matches!(file, Err(RemoteKeysError::NotHttps(_))));
    assert!(RemoteKeys::at("https://id.example/keys", rules()).build().is_ok());
    assert!(
        RemoteKeys::at("http://id.example/keys", rules())
            .danger_allow_http()
            .build()
            .is_ok()
    );
}

#[test]
fn an_address_has_to_be_one() {
    let error = RemoteKeys::discover("id.example", rules()).build().unwrap_err();
    assert_eq!(error, RemoteKeysError::Url("id.example".to_owned()));
}

#[tokio::test]
async fn what_is_no_certificate_is_refused() {
    for pem in [
        "",
        "nonsense",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let keys = RemoteKeys::at("https://id.example/keys", rules()).certificate_authority(pem);
        assert_eq!(
            keys.build().unwrap_err(),
            RemoteKeysError::CertificateAuthority,
            "{pem}"
        );
        let feed = RevocationFeed::of("https://id.example", "id", "secret").certificate_authority(pem);
        assert_eq!(
            feed.follow().unwrap_err(),
            FeedSetUpError::CertificateAuthority,
            "{pem}"
        );
    }
}

#[test]
fn the_way_out_of_http_is_named() {
    let error = RemoteKeys::at("http://id.example/keys", rules())
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("danger_allow_http"), "{error}");
    let error = RevocationFeed::of("http://id.example", "id", "secret")
        .follow()
        .unwrap_err();
    assert!(error.to_string().contains("danger_allow_http"), "{error}");
}

#[test]
fn limits_within_which_nothing_could_be_fetched_or_kept_are_refused() {
    let (none, half) = (Duration::ZERO, Duration::from_millis(500));
    let begin = || RemoteKeys::at("https://id.example/keys", rules());
    for (name, builder) in [
        ("timeout", begin().timeout(none)),
        ("max_size", begin().max_size(0)),
        ("cooldown", begin().cooldown(none)),
        ("refresh_every", begin().refresh_every(none)),
        ("keep_for", begin().keep_for(none)),
        ("keep_for", begin().keep_for(half)),
    ] {
        assert_eq!(builder.build().unwrap_err(), RemoteKeysError::Limit(name));
    }
}

#[tokio::test]
async fn pauses_that_are_none_are_refused() {
    let (none, half) = (Duration::ZERO, Duration::from_millis(500));
    let begin = || RevocationFeed::of("https://id.example", "id", "secret");
    for (builder, error) in [
        (begin().wait(half), FeedSetUpError::Wait),
        (begin().pauses(none, half), FeedSetUpError::Pauses),
        (begin().pauses(2 * half, half), FeedSetUpError::Pauses),
    ] {
        assert_eq!(builder.follow().unwrap_err(), error);
    }
}
