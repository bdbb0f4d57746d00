use std::time::Duration;

use http::{HeaderName, Method};
use jeton::{KeyError, SigningKey};
use jeton_axum::{
    TokenLocation,
    cookies::{Cookie, CookieMode, CookieSettingsError, Cookies, SameSite},
    csrf::Csrf,
};

use crate::support::World;

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

#[test]
fn test_symmetric_secret_key() {
    for secret in ["", "secret", "the app's SECRET_KEY"] {
        assert!(
            matches!(SigningKey::hs256(secret), Err(KeyError::SecretTooShort { .. })),
            "{secret}"
        );
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
