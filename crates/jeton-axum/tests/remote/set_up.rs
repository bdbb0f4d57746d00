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
