//! Grants: opened by a code, rotated as sessions are, ended by whoever may.

use std::time::Duration;

use http::Method;
use serde_json::json;

use super::cast;
use crate::actors::{ANY, Actor, Application, CALLBACK, Reply, Server, VERIFIER, claims_of, header_of};

#[track_caller]
fn assert_refused(reply: &Reply, status: u16, error: &str) {
    reply.assert(status, &json!({ "error": error, "error_description": ANY }));
}

#[tokio::test]
async fn a_code_is_exchanged_for_tokens_that_say_who_signed_in() {
    let (server, application, bo) = cast().await;
    let tokens = application.tokens_of(&bo).await;
    tokens.assert(
        200,
        &json!({
            "access_token": ANY,
            "token_type": "Bearer",
            "expires_in": 900,
            "refresh_token": ANY,
            "id_token": ANY,
            "scope": "openid profile",
        }),
    );
    let access = claims_of(tokens.text("access_token"));
    assert_eq!(header_of(tokens.text("access_token"))["typ"], "at+jwt");
    let now = server.clock().seconds();
    let bo_id = access["sub"].clone();
    assert_eq!(
        access,
        json!({
            "iss": "http://localhost:5000",
            "sub": bo_id,
            "aud": "http://localhost:5000",
            "exp": now + 900,
            "iat": now,
            "nbf": now,
            "jti": access["jti"],
            "client_id": application.id,
            "sid": access["sid"],
            "uv": 0,
            "auth_time": now,
            "username": "bo",
            "scope": "openid profile",
        })
    );
    let id = claims_of(tokens.text("id_token"));
    assert_eq!(id["aud"], application.id);
    assert_eq!(
        (&id["sub"], &id["sid"], &id["nonce"]),
        (&bo_id, &access["sid"], &json!("a nonce"))
    );
    assert_eq!((&id["acr"], &id["amr"]), (&json!("urn:jeton:1"), &json!(["pwd"])));
    assert!(
        id["at_hash"].is_string() && id["preferred_username"] == "bo",
        "{id}"
    );
}

#[tokio::test]
async fn a_code_fits_its_client_address_and_verifier_alone() {
    let (server, application, bo) = cast().await;
    let ada = server.admin("di").await;
    let other = Application::new(&server, &ada, "another").await;
    let code = application.code_from(&bo).await;
    assert_refused(&other.redeem(&code).await, 400, "invalid_grant");
    for (redirect, verifier) in [
        ("https://app.example/other", VERIFIER),
        ("", VERIFIER),
        (CALLBACK, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK"),
        (CALLBACK, "short"),
        (CALLBACK, ""),
    ] {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &*code),
            ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ];
        assert_refused(&application.token(&fields).await, 400, "invalid_grant");
    }
    for code in ["jc_AAAAAAAAAAAAAAAAAAAAAA", "x"] {
        assert_refused(&application.redeem(code).await, 400, "invalid_grant");
    }
    assert_refused(
        &application.token(&[("grant_type", "authorization_code")]).await,
        400,
        "invalid_request",
    );
    application.redeem(&code).await.assert_status(200);
}

#[tokio::test]
async fn a_code_is_good_for_a_minute() {
    let (server, application, bo) = cast().await;
    let code = application.code_from(&bo).await;
    server.clock().advance(Duration::from_mins(1));
    assert_refused(&application.redeem(&code).await, 400, "invalid_grant");
}

#[tokio::test]
async fn of_fifty_who_redeem_a_code_at_once_one_succeeds() {
    let (_, application, bo) = cast().await;
    let code = application.code_from(&bo).await;
    let replies: Vec<Reply> = futures_of(50, || application.redeem(&code)).await;
    let good = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(good, 1);
}

async fn futures_of<F: Future<Output = Reply>>(count: usize, make: impl Fn() -> F) -> Vec<Reply> {
    let mut waiting: Vec<_> = (0..count).map(|_| Box::pin(make())).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        waiting.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(reply) => {
                done.push(reply);
                false
            }
            std::task::Poll::Pending => true,
        });
        if waiting.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done
}

#[tokio::test]
async fn a_code_that_comes_a_second_time_takes_back_what_it_gave() {
    let (_, application, bo) = cast().await;
    let code = application.code_from(&bo).await;
    let tokens = application.redeem(&code).await;
    application
        .userinfo(tokens.text("access_token"))
        .await
        .assert_status(200);
    assert_refused(&application.redeem(&code).await, 400, "invalid_grant");
    application
        .userinfo(tokens.text("access_token"))
        .await
        .assert_status(401);
    assert_refused(
        &application.refresh(tokens.text("refresh_token")).await,
        400,
        "invalid_grant",
    );
}

#[tokio::test]
async fn a_refresh_that_is_sent_again_gets_the_identical_successor() {
    let (_, application, bo) = cast().await;
    let first = application.tokens_of(&bo).await;
    let token = first.text("refresh_token");
    let replies = futures_of(50, || application.refresh(token)).await;
    let second = replies[0].text("refresh_token");
    assert_ne!(second, token);
    for reply in &replies {
        reply.assert_status(200);
        assert_eq!(reply.text("refresh_token"), second);
        assert_eq!(reply.text("scope"), "openid profile");
    }
}

#[tokio::test]
async fn a_refresh_token_that_was_superseded_ends_its_grant() {
    let (_, application, bo) = cast().await;
    let first = application.tokens_of(&bo).await;
    let second = application.refresh(first.text("refresh_token")).await;
    let third = application.refresh(second.text("refresh_token")).await;
    third.assert_status(200);
    assert_refused(
        &application.refresh(first.text("refresh_token")).await,
        400,
        "invalid_grant",
    );
    assert_refused(
        &application.refresh(third.text("refresh_token")).await,
        400,
        "invalid_grant",
    );
    application
        .userinfo(third.text("access_token"))
        .await
        .assert_status(401);
}

#[tokio::test]
async fn a_refresh_token_is_its_clients_alone() {
    let (server, application, bo) = cast().await;
    let ada = server.admin("di").await;
    let other = Application::new(&server, &ada, "another").await;
    let tokens = application.tokens_of(&bo).await;
    let refresh = tokens.text("refresh_token");
    assert_refused(&other.refresh(refresh).await, 400, "invalid_grant");
    // Nor does it refresh a session of the service's own.
    let visitor = server.visitor();
    visitor
        .post("/refresh", &json!({ "refresh_token": refresh }))
        .await
        .assert_status(401);
    let bare = format!("grant_type=refresh_token&refresh_token={refresh}");
    assert_refused(
        &crate::actors::form_to(&visitor, &bare).await,
        400,
        "invalid_grant",
    );
    application.refresh(refresh).await.assert_status(200);
}

#[tokio::test]
async fn a_refresh_may_ask_for_less_and_never_for_more() {
    let (_, application, bo) = cast().await;
    let tokens = application.tokens_of(&bo).await;
    let ask = |token: String, scope: &'static str| {
        let application = &application;
        async move {
            let fields = [
                ("grant_type", "refresh_token"),
                ("refresh_token", &*token),
                ("scope", scope),
            ];
            application.token(&fields).await
        }
    };
    let refresh = tokens.text("refresh_token").to_owned();
    assert_refused(&ask(refresh.clone(), "openid email").await, 400, "invalid_scope");
    let less = ask(refresh, "openid").await;
    assert_eq!(less.text("scope"), "openid");
    let all = application.refresh(less.text("refresh_token")).await;
    assert_eq!(all.text("scope"), "openid profile");
}

#[tokio::test]
async fn what_a_client_has_opens_nothing_of_the_account() {
    let (_, application, bo) = cast().await;
    let tokens = application.tokens_of(&bo).await;
    let access = tokens.text("access_token");
    for path in ["/protected", "/profile", "/sessions", "/get-jwt", "/admin/users"] {
        let reply = application.call(Method::GET, path).bearer(access).await;
        assert_eq!(reply.status, 401, "{path}");
    }
}

#[tokio::test]
async fn a_grant_ends_with_its_session_unless_it_may_go_on_without() {
    let (_, application, bo) = cast().await;
    let bound = application.tokens_of(&bo).await;
    let asking = application.asks().with("scope", "openid offline_access");
    let code = application.allowed_by(&bo, &asking).await.one("code");
    let offline = application.redeem(&code).await;
    bo.open("/signout").await;
    bo.send("/signout", &[]).await.assert_status(303);
    assert_refused(
        &application.refresh(bound.text("refresh_token")).await,
        400,
        "invalid_grant",
    );
    application
        .userinfo(bound.text("access_token"))
        .await
        .assert_status(401);
    application
        .userinfo(offline.text("access_token"))
        .await
        .assert_status(200);
    application
        .refresh(offline.text("refresh_token"))
        .await
        .assert_status(200);
}

#[tokio::test]
async fn a_disabled_client_has_nothing_any_more() {
    let (server, application, bo) = cast().await;
    let tokens = application.tokens_of(&bo).await;
    let ada = server.admin("di").await;
    let disabled = json!({ "disabled": true });
    ada.call(Method::PATCH, &format!("/admin/clients/{}", application.id))
        .json(&disabled)
        .await
        .assert_status(200);
    assert_refused(
        &application.refresh(tokens.text("refresh_token")).await,
        401,
        "invalid_client",
    );
    let enabled = json!({ "disabled": false });
    ada.call(Method::PATCH, &format!("/admin/clients/{}", application.id))
        .json(&enabled)
        .await
        .assert_status(200);
    assert_refused(
        &application.refresh(tokens.text("refresh_token")).await,
        400,
        "invalid_grant",
    );
    application
        .userinfo(tokens.text("access_token"))
        .await
        .assert_status(401);
}

#[tokio::test]
async fn tokens_are_for_the_resources_asked_for() {
    let (_, application, bo) = cast().await;
    let asking = application
        .asks()
        .and("resource", "https://api.example/")
        .and("resource", "https://files.example/");
    let code = application.allowed_by(&bo, &asking).await.one("code");
    let tokens = application.redeem(&code).await;
    let audience = &claims_of(tokens.text("access_token"))["aud"];
    assert_eq!(
        *audience,
        json!([
            "https://api.example/",
            "https://files.example/",
            "http://localhost:5000/oauth/userinfo"
        ])
    );
    application
        .userinfo(tokens.text("access_token"))
        .await
        .assert_status(200);
    let refresh = tokens.text("refresh_token");
    let narrow = |resource| {
        [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh),
            ("resource", resource),
        ]
    };
    assert_refused(
        &application.token(&narrow("https://evil.example/")).await,
        400,
        "invalid_target",
    );
    let narrowed = application.token(&narrow("https://files.example/")).await;
    assert_eq!(
        claims_of(narrowed.text("access_token"))["aud"][0],
        "https://files.example/"
    );
}

#[tokio::test]
async fn a_public_client_needs_no_secret_and_no_less_proof() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let members = json!({ "name": "spa", "token_endpoint_auth_method": "none" });
    let spa = Application::registered(&server, &ada, members).await;
    assert_eq!(spa.secret, None);
    let person = server.person();
    person.sign_in("ada").await;
    let tokens = spa.tokens_of(&person).await;
    spa.refresh(tokens.text("refresh_token")).await.assert_status(200);
    assert_refused(
        &spa.introspect(tokens.text("access_token")).await,
        401,
        "invalid_client",
    );
}

#[tokio::test]
async fn a_client_that_does_not_prove_itself_gets_nothing() {
    let (server, application, bo) = cast().await;
    let code = application.code_from(&bo).await;
    let wrong = application.with_secret(Some("jeton_sk_wrong"));
    let reply = wrong.redeem(&code).await;
    assert_refused(&reply, 401, "invalid_client");
    assert!(reply.header("www-authenticate").starts_with("Basic "));
    let nameless = wrong.with_secret(None);
    assert_refused(&nameless.redeem(&code).await, 401, "invalid_client");
    let _ = server;
}
