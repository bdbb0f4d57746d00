use axum::{
    Router,
    extract::FromRef,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header};
use jeton::Verified;
use jeton_axum::{Auth, Bearer, Refused, Rejection, TokenStatus};

use crate::support::{Access, World, bearer, request, send, with_bearer};

#[tokio::test]
async fn a_replaced_body_is_sent_with_the_guards_own_status_and_headers() {
    let world = World::new().with(|auth| {
        auth.rejections(|rejection| {
            let headers = [
                (header::CACHE_CONTROL, "public, max-age=3600"),
                (header::WWW_AUTHENTICATE, "Basic realm=\"mine\""),
                (header::CONTENT_TYPE, "text/plain"),
            ];
            (
                StatusCode::IM_A_TEAPOT,
                headers,
                format!("{}: {}", rejection.code(), rejection),
            )
                .into_response()
        })
    });
    let reply = world.get("/me", &[]).await;
    assert_eq!(
        (reply.status.as_u16(), reply.body.as_str()),
        (401, "token_missing: Token is missing")
    );
    assert_eq!(reply.headers.get_all(header::WWW_AUTHENTICATE).iter().count(), 1);
    assert_eq!(reply.challenge(), r#"Bearer realm="api""#);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("content-type"), Some("text/plain"));
}

#[tokio::test]
async fn a_replaced_body_cannot_challenge_where_signing_in_would_not_help() {
    let world = World::new().with(|auth| {
        auth.revocations(|_: &Verified<Access>| TokenStatus::Unknown)
            .rejections(|_| ([(header::WWW_AUTHENTICATE, "Bearer")], "later").into_response())
    });
    let reply = send(world.app(), with_bearer("/me", &world.token())).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (503, "later"));
    assert_eq!(reply.header("www-authenticate"), None);
}

#[tokio::test]
async fn the_default_body_is_json() {
    let reply = World::new().get("/me", &[]).await;
    assert_eq!(reply.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn layers_answer_in_the_replaced_body_too() {
    let world = World::new().with(|auth| auth.rejections(|rejection| rejection.code().into_response()));
    let app = Router::new()
        .route("/", get(async || "served"))
        .route_layer(world.auth.require::<jeton_axum::SignedIn<Access>>());
    let reply = send(app, request("GET", "/", &[])).await;
    assert_eq!(
        (reply.status.as_u16(), reply.body.as_str()),
        (401, "token_missing")
    );
}

#[tokio::test]
async fn the_realm_is_the_applications() {
    let world = World::new().with(|auth| auth.realm("The notes of Zoe"));
    assert_eq!(
        world.get("/me", &[]).await.challenge(),
        r#"Bearer realm="The notes of Zoe""#
    );
}

#[tokio::test]
async fn no_realm_can_break_out_of_the_challenge() {
    let world = World::new().with(|auth| auth.realm("a\", error=\"none\\\r\nSet-Cookie: x=y; Zoë"));
    let reply = world.get("/me", &[]).await;
    assert_eq!(
        reply.challenge(),
        r#"Bearer realm="a?, error=?none???Set-Cookie: x=y; Zo?""#
    );
    assert!(!reply.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn an_answer_that_is_not_a_refusal_is_left_alone() {
    let world = World::new();
    let reply = send(world.app(), with_bearer("/me", &world.token())).await;
    reply.assert_ok("alice");
    assert_eq!(
        (reply.header("cache-control"), reply.header("www-authenticate")),
        (None, None)
    );
}

#[tokio::test]
async fn a_handler_may_take_the_reason_into_its_own_hands() {
    async fn handler(token: Result<Bearer<Access>, Refused>) -> Response {
        match token.map_err(Refused::into_rejection) {
            Ok(Bearer(token)) => token.subject().unwrap().to_owned().into_response(),
            Err(Rejection::Missing) => "who are you?".into_response(),
            Err(other) => other.code().into_response(),
        }
    }
    let world = World::new();
    let app = Router::new()
        .route("/", get(handler))
        .with_state(world.auth.clone());
    send(app.clone(), request("GET", "/", &[]))
        .await
        .assert_ok("who are you?");
    send(app.clone(), with_bearer("/", "junk"))
        .await
        .assert_ok("invalid_token");
    send(app, with_bearer("/", &world.token()))
        .await
        .assert_ok("alice");
}

#[tokio::test]
async fn the_reason_behind_an_invalid_token_is_there_for_the_log() {
    let world = World::new();
    let rejection = world.auth.check("junk").unwrap_err();
    let source = std::error::Error::source(&rejection).expect("the verifier's error");
    assert_ne!(source.to_string(), rejection.to_string());
    assert!(!format!("{source} {source:?}").contains("junk"));
}

#[tokio::test]
async fn parts_and_tokens_are_judged_without_any_extractor() {
    let world = World::new();
    let authenticate = |headers: &[(&str, &str)]| {
        let (parts, ()) = request("GET", "/", headers).map(drop).into_parts();
        world.auth.authenticate(&parts)
    };
    assert!(authenticate(&[]).unwrap().is_none());
    assert!(matches!(
        authenticate(&[("authorization", "Bearer junk")]),
        Err(Rejection::Invalid(_))
    ));
    let token = world.token();
    let verified = authenticate(&[("authorization", &bearer(&token))])
        .unwrap()
        .unwrap();
    assert_eq!(verified.subject(), Some("alice"));
    assert_eq!(world.auth.check(&token).unwrap().subject(), Some("alice"));

    let response = world.auth.refuse(Rejection::Revoked).into_response();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    assert!(response.headers().contains_key(header::WWW_AUTHENTICATE));
}

#[tokio::test]
async fn the_guard_may_be_one_field_of_the_state() {
    #[derive(Clone)]
    struct AppState {
        auth: Auth<Access>,
    }
    impl FromRef<AppState> for Auth<Access> {
        fn from_ref(state: &AppState) -> Self {
            state.auth.clone()
        }
    }
    let world = World::new();
    let app = Router::new()
        .route("/", get(async |_: Bearer<Access>| "served"))
        .with_state(AppState {
            auth: world.auth.clone(),
        });
    send(app, with_bearer("/", &world.token()))
        .await
        .assert_ok("served");
}

#[test]
fn no_secret_shows_in_debug() {
    let world = World::new();
    let shown = format!("{:?}", world.auth);
    assert!(shown.starts_with("Auth"), "{shown}");
    assert!(!shown.contains("[7, 7"), "{shown}");
}
