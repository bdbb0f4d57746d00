use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use http::{HeaderName, Method};
use jeton::{Algorithm, Claims, IssueError, KeyError, SigningKey};
use jeton_axum::{
    Auth, Identity, TokenLocation, Tokens,
    cookies::{Cookie, CookieMode, CookieSettingsError, Cookies, SameSite},
    csrf::Csrf,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::{AUDIENCE, ISSUER, World, secret, user};

/// Differs: refresh tokens live 7 days, cookies last as long as their tokens, and are Secure, `__Host-` and
/// `SameSite=Lax`.
#[tokio::test]
async fn test_default_configs() {
    let world = World::new();
    let access = world.app.access.check(&world.access_token()).unwrap();
    let refresh = world.app.refresh.check(&world.refresh_token()).unwrap();
    assert_eq!(access.expires_at(), world.clock.now() + Duration::from_mins(15));
    assert_eq!(
        refresh.expires_at(),
        world.clock.now() + Duration::from_hours(7 * 24)
    );
    assert_eq!(
        (access.algorithm().name(), access.subject()),
        ("HS256", Some("alice"))
    );
    assert!(access.not_before().is_some() && access.id().is_some());

    let token = world.access_token();
    let cookie = format!(
        "access_token_cookie={token}; {}={token}",
        CookieMode::Host.name(Cookie::Access)
    );
    assert_eq!(world.get("/protected", &[("cookie", &cookie)]).await.status, 401);
    assert_eq!(
        world.get(&format!("/protected?jwt={token}"), &[]).await.status,
        401
    );
    let json = [("content-type", "application/json")];
    let body = format!(r#"{{"access_token":"{token}"}}"#);
    assert_eq!(world.ask("POST", "/protected", &json, &body).await.status, 401);
    assert_eq!(world.with_token("/protected", &token).await.status, 200);
}

#[tokio::test]
async fn test_override_configs() {
    let mut world = World::new();
    world.tokens = world
        .tokens
        .access_lifetime(Duration::from_mins(1))
        .refresh_lifetime(Duration::from_mins(2))
        .ids(|| "chosen".to_owned());
    let cookies = Cookies::builder(CookieMode::Host)
        .name(Cookie::Access, "a")
        .name(Cookie::Refresh, "r")
        .name(Cookie::Csrf, "c")
        .path(Cookie::Access, "/api")
        .domain("example.com")
        .same_site(SameSite::Strict)
        .build()
        .unwrap();
    let year = Duration::from_hours(365 * 24);
    let line = cookies.set(Cookie::Access, "x", year).unwrap();
    let expected = "a=x; Path=/api; Domain=example.com; Max-Age=31536000; SameSite=Strict; Secure; HttpOnly";
    assert_eq!(line.to_str().unwrap(), expected);

    let csrf = Csrf::new([3; 32], cookies)
        .unwrap()
        .header(HeaderName::from_static("x-proof"))
        .form_field("proof")
        .methods([Method::DELETE]);
    let world = world.access(|auth| {
        auth.realm("elsewhere")
            .csrf(csrf, |token| token.id().map(str::as_bytes))
            .locations([
                TokenLocation::header_named(HeaderName::from_static("x-token"), "Token"),
                TokenLocation::cookie("a"),
                TokenLocation::query("q"),
                TokenLocation::json("j"),
            ])
    });
    let token = world.access_token();
    let verified = world.app.access.check(&token).unwrap();
    assert_eq!(verified.expires_at(), world.clock.now() + Duration::from_mins(1));
    assert_eq!(verified.id(), Some("chosen"));
    let refresh = world.app.refresh.check(&world.refresh_token()).unwrap();
    assert_eq!(refresh.expires_at(), world.clock.now() + Duration::from_mins(2));
    let header = format!("Token {token}");
    assert_eq!(world.get("/protected", &[("x-token", &header)]).await.status, 200);
    let cookie = format!("a={token}");
    for (method, status) in [("POST", 200), ("DELETE", 403)] {
        let reply = world.ask(method, "/protected", &[("cookie", &cookie)], "").await;
        assert_eq!(reply.status, status, "{method}");
    }
    assert_eq!(world.get(&format!("/protected?q={token}"), &[]).await.status, 200);
    let reply = world.get("/protected", &[]).await;
    assert_eq!(reply.headers["www-authenticate"], r#"Bearer realm="elsewhere""#);
}

/// Differs: there is no encoder to choose. A claim is written as its type says, dates included.
#[test]
fn test_config_json_encoder_flask() {
    #[derive(Serialize, Deserialize)]
    struct Dated {
        #[serde(serialize_with = "in_words")]
        since: String,
    }
    fn in_words<S: serde::Serializer>(date: &String, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("since {date}"))
    }
    impl Claims for Dated {
        const TYP: &'static str = "at+jwt";
    }
    struct Member;
    impl Identity<Dated> for Member {
        fn subject(&self) -> Cow<'_, str> {
            "alice".into()
        }
        fn claims(&self) -> Dated {
            Dated {
                since: "2022-08-12".to_owned(),
            }
        }
    }
    let clock = World::new().clock;
    let tokens = Tokens::<Dated>::new(secret(1), ISSUER, AUDIENCE, clock.clone());
    let auth = Auth::<Dated>::new(tokens.verifier(), clock);
    let with_more = tokens
        .access_token(&Member)
        .claim("more", 1)
        .create()
        .map(|token| token.text);
    for token in [tokens.create_access_token(&Member), with_more] {
        let token = auth.check(&token.unwrap()).unwrap();
        assert_eq!(token.claims().since, "since 2022-08-12");
    }
}

/// Differs: every token ends. A lifetime that no `exp` can hold is an error, not a token without an end.
#[test]
fn test_tokens_never_expire() {
    let World { tokens, .. } = World::new();
    let tokens = tokens
        .access_lifetime(Duration::MAX)
        .refresh_lifetime(Duration::MAX);
    for token in [
        tokens.create_access_token(&user("alice")),
        tokens.create_refresh_token(&user("alice")),
    ] {
        assert_eq!(token, Err(IssueError::TimeOutOfRange.into()));
    }
}

#[test]
fn test_tokens_with_int_values() {
    let [short, long] = [300, 432_000].map(Duration::from_secs);
    let mut world = World::new();
    world.tokens = world.tokens.access_lifetime(short).refresh_lifetime(long);
    let end = |time: SystemTime| time.duration_since(world.clock.now()).unwrap().as_secs();
    let access = world.app.access.check(&world.access_token()).unwrap();
    let refresh = world.app.refresh.check(&world.refresh_token()).unwrap();
    assert_eq!(
        (end(access.expires_at()), end(refresh.expires_at())),
        (300, 432_000)
    );
}

#[test]
fn test_symmetric_secret_key() {
    for secret in ["", "secret", "the app's SECRET_KEY"] {
        assert!(
            matches!(SigningKey::hs256(secret), Err(KeyError::SecretTooShort { .. })),
            "{secret}"
        );
    }
}

/// A secret is no key of an asymmetric algorithm, and what it signed is nothing to one: the key is what decides.
#[tokio::test]
async fn test_default_with_asymmetric_secret_key() {
    let long = "a shared secret, and a long one so that nothing else is wrong with it";
    assert!(SigningKey::from_pem(Algorithm::Rs256, long).is_err());
    assert!(SigningKey::hmac(Algorithm::Rs256, long).is_err());
    let asymmetric = World::signing_with(SigningKey::generate(Algorithm::Es256).unwrap());
    let token = asymmetric.access_token();
    asymmetric
        .with_token("/protected", &token)
        .await
        .assert_subject(Some("alice"));
    let shared = World::signing_with(SigningKey::hs256(long).unwrap());
    for (world, token) in [(&asymmetric, shared.access_token()), (&shared, token)] {
        let reply = world.with_token("/protected", &token).await;
        reply.assert_refused(401, "invalid_token", "Invalid token");
    }
}

/// Each location alone and several together: a token is found where one looks, and nowhere else.
#[tokio::test]
async fn test_jwt_token_locations_config() {
    let all = [
        TokenLocation::header(),
        TokenLocation::cookie("session"),
        TokenLocation::query("jwt"),
        TokenLocation::json("access_token"),
    ];
    let alone = (0..4).map(|place| place..=place);
    for places in alone.chain((0..4).map(|last| 0..=last)) {
        let world = World::new().access(|auth| auth.locations(all[places.clone()].to_vec()));
        for (place, status) in (0..4).map(|place| (place, if places.contains(&place) { 200 } else { 401 })) {
            let token = world.access_token();
            let header = format!("Bearer {token}");
            let cookie = format!("session={token}");
            let (path, headers, body) = match place {
                0 => (
                    "/protected".to_owned(),
                    vec![("authorization", &*header)],
                    String::new(),
                ),
                1 => ("/protected".to_owned(), vec![("cookie", &*cookie)], String::new()),
                2 => (format!("/protected?jwt={token}"), Vec::new(), String::new()),
                _ => (
                    "/protected".to_owned(),
                    vec![("content-type", "application/json")],
                    json!({ "access_token": token }).to_string(),
                ),
            };
            let reply = world.ask("GET", &path, &headers, &body).await;
            assert_eq!(reply.status, status, "{places:?} {place}");
        }
    }
}

/// Differs: neither on nor off unless it is said. A cookie then changes nothing.
#[tokio::test]
async fn test_csrf_protect_config() {
    let csrf = || Csrf::new([3; 32], CookieMode::Host).unwrap();
    let [undecided, on, off] = std::array::from_fn(|_| {
        World::new().access(|auth| auth.locations([TokenLocation::cookie("session")]))
    });
    let on = on.access(|auth| auth.csrf(csrf(), |token| token.id().map(str::as_bytes)));
    let off = off.access(Auth::danger_without_csrf);
    for (world, post) in [(undecided, 403), (on, 403), (off, 200)] {
        let cookie = format!("session={}", world.access_token());
        for (method, status) in [("GET", 200), ("POST", post)] {
            let reply = world.ask(method, "/protected", &[("cookie", &cookie)], "").await;
            assert_eq!(reply.status, status, "{method}");
        }
    }
}

/// An algorithm that signs tokens here is always one that verifies them.
#[test]
fn test_missing_algorithm_in_decode_algorithms() {
    for algorithm in [
        Algorithm::Hs256,
        Algorithm::Hs512,
        Algorithm::Es256,
        Algorithm::EdDsa,
    ] {
        let world = World::signing_with(SigningKey::generate(algorithm).unwrap());
        let token = world.app.access.check(&world.access_token()).unwrap();
        assert_eq!(token.algorithm(), algorithm);
        assert!(world.app.refresh.check(&world.refresh_token()).is_ok());
    }
}

/// Most wrong settings are other types here, and do not compile; the rest are errors when they are built.
#[test]
fn test_invalid_config_options() {
    let empty = Cookies::builder(CookieMode::Host).name(Cookie::Csrf, "").build();
    assert_eq!(empty, Err(CookieSettingsError::Name(String::new())));
    assert!(HeaderName::try_from("").is_err());
    assert!(Csrf::new("short", CookieMode::Host).is_err());
    let insecure = Cookies::builder(CookieMode::Loopback)
        .same_site(SameSite::None)
        .build();
    assert!(matches!(insecure, Err(CookieSettingsError::NeedsHttps(_))));
}
