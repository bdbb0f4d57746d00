use std::time::Duration;

use base64_simd::STANDARD;
use serde_json::json;

use crate::actors::{ANY, Actor, Program, Reply, Server, claims_of, form_to, header_of};

async fn cast() -> (Server, Program) {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let program = Program::new(&server, &ada, "billing", &["invoices:read", "invoices:write"]).await;
    (server, program)
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode_to_string(format!("{id}:{secret}")))
}

#[track_caller]
fn assert_refused(reply: &Reply, status: u16, error: &str) {
    reply.assert(status, &json!({ "error": error, "error_description": ANY }));
}

#[tokio::test]
async fn a_program_gets_a_token_of_its_own() {
    let (server, program) = cast().await;
    let reply = program.ask_for_token().await;
    reply.assert(
        200,
        &json!({
            "access_token": ANY,
            "token_type": "Bearer",
            "expires_in": 900,
            "scope": "invoices:read invoices:write",
        }),
    );
    assert_eq!(reply.header("pragma"), "no-cache");
    let token = reply.text("access_token");
    assert_eq!(header_of(token)["typ"], "at+jwt");
    let now = server.clock().seconds();
    assert_eq!(
        claims_of(token),
        json!({
            "iss": "http://localhost:5000",
            "sub": program.id,
            "aud": "http://localhost:5000",
            "exp": now + 900,
            "iat": now,
            "nbf": now,
            "jti": claims_of(token)["jti"],
            "client_id": program.id,
            "uv": 0,
            "scope": "invoices:read invoices:write",
        })
    );
}

#[tokio::test]
async fn the_secret_may_be_in_the_header_and_scopes_may_be_fewer() {
    let (server, program) = cast().await;
    let ask = |scope: &str| {
        form_to(
            &server.visitor(),
            &format!("grant_type=client_credentials&scope={scope}"),
        )
        .header("authorization", basic(&program.id, &program.secret))
    };
    let reply = ask("invoices%3Aread").await;
    reply.assert_status(200);
    assert_eq!(claims_of(reply.text("access_token"))["scope"], "invoices:read");
    let twice = ask("invoices:read+invoices:read").await;
    assert_eq!(twice.text("scope"), "invoices:read");
    for scope in [
        "invoices:delete",
        "invoices:read+x",
        "A",
        "invoices:read++invoices:write",
        "%22",
    ] {
        assert_refused(&ask(scope).await, 400, "invalid_scope");
    }
}

#[tokio::test]
async fn who_is_not_who_they_say_gets_nothing() {
    let (server, program) = cast().await;
    let visitor = server.visitor();
    let nobody = "019b0000-0000-7000-8000-000000000000";
    let wrong = format!("{}x", program.secret);
    for (id, secret) in [
        (&*program.id, &*wrong),
        (&program.id, ""),
        (nobody, &program.secret),
        ("billing", &program.secret),
        ("", ""),
        ("jeton", ""),
    ] {
        let reply = form_to(&visitor, "grant_type=client_credentials")
            .header("authorization", basic(id, secret))
            .await;
        assert_refused(&reply, 401, "invalid_client");
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        assert_refused(&form_to(&visitor, &form).await, 401, "invalid_client");
    }
    for more in ["&", "&anything", "=anything", "&&&"] {
        let reply = form_to(&visitor, "grant_type=client_credentials")
            .header(
                "authorization",
                basic(&program.id, &format!("{}{more}", program.secret)),
            )
            .await;
        assert_refused(&reply, 401, "invalid_client");
    }
    let reply = form_to(&visitor, "grant_type=client_credentials").await;
    assert_refused(&reply, 401, "invalid_client");
}

#[tokio::test]
async fn requests_that_cannot_be_are_told_so_in_the_words_of_the_standard() {
    let (server, program) = cast().await;
    let visitor = server.visitor();
    let credentials = format!("client_id={}&client_secret={}", program.id, program.secret);
    for form in [
        String::new(),
        credentials.clone(),
        format!("{credentials}&grant_type="),
        format!("{credentials}&grant_type=client_credentials&grant_type=client_credentials"),
        format!("{credentials}&{credentials}&grant_type=client_credentials"),
        format!("grant_type=client_credentials&client_secret={}", program.secret),
        "grant_type=refresh_token".to_owned(),
        "grant_type=refresh_token&refresh_token=a&refresh_token=b".to_owned(),
    ] {
        assert_refused(&form_to(&visitor, &form).await, 400, "invalid_request");
    }
    for grant in ["password", "implicit", "urn%3Aietf"] {
        let reply = form_to(&visitor, &format!("{credentials}&grant_type={grant}")).await;
        assert_refused(&reply, 400, "unsupported_grant_type");
    }
    let good = format!("{credentials}&grant_type=client_credentials");
    let both = form_to(&visitor, &good).header("authorization", basic(&program.id, &program.secret));
    assert_refused(&both.await, 400, "invalid_request");
    for header in ["Basic", "Basic !", "Basic eA==", "Bearer a.b.c", "Basic \u{e9}"] {
        let reply = form_to(&visitor, &good).header("authorization", header).await;
        assert_refused(&reply, 400, "invalid_request");
    }
    let json = visitor
        .post("/oauth/token", &json!({ "grant_type": "client_credentials" }))
        .await;
    assert_refused(&json, 415, "unsupported_media_type");
    let long = form_to(&visitor, &format!("{good}&more={}", "x".repeat(300_000))).await;
    assert_refused(&long, 413, "payload_too_large");
    let get = visitor.get("/oauth/token").await;
    assert_refused(&get, 405, "method_not_allowed");
    let nowhere = visitor.get("/oauth/nowhere").await;
    assert_refused(&nowhere, 404, "not_found");
    form_to(&visitor, &format!("{good}&unknown=1&resource=x"))
        .await
        .assert_status(200);
}

#[tokio::test]
async fn it_opens_no_users_route_and_a_user_none_of_its() {
    let (server, program) = cast().await;
    for path in [
        "/protected",
        "/profile",
        "/get-jwt",
        "/sessions",
        "/admin/users",
        "/admin/audit",
    ] {
        program.get(path).await.assert_code(401, "invalid_token");
    }
    for path in ["/logout", "/verify-token", "/sign-token", "/admin/explain"] {
        program
            .post(path, &json!({}))
            .await
            .assert_code(401, "invalid_token");
    }
    program
        .post("/refresh", &json!({}))
        .await
        .assert_code(401, "invalid_token");
    let romel = server.signed_up("Romel").await;
    romel.get("/revocations").await.assert_code(401, "invalid_token");
}

#[tokio::test]
async fn a_refresh_token_is_exchanged_as_at_refresh() {
    let (server, program) = cast().await;
    let visitor = server.visitor();
    let romel = server.signed_up("Romel").await;
    let form = |token: &str| format!("grant_type=refresh_token&refresh_token={token}&client_id=jeton");
    let reply = form_to(&visitor, &form(&romel.refresh)).await;
    reply.assert(
        200,
        &json!({
            "access_token": ANY,
            "token_type": "Bearer",
            "expires_in": 900,
            "refresh_token": ANY,
        }),
    );
    let successor = reply.text("refresh_token").to_owned();
    // The same exchange, whichever way it is asked for.
    let replayed = visitor.refresh(&romel.refresh).await;
    assert_eq!(replayed.text("refresh_token"), successor);
    form_to(&visitor, &form(&successor)).await.assert_status(200);
    assert_refused(
        &form_to(&visitor, &form(&romel.refresh)).await,
        400,
        "invalid_grant",
    );
    visitor
        .refresh(&successor)
        .await
        .assert_code(401, "token_revoked");
    for token in ["nonsense", &*romel.access, &program.access] {
        assert_refused(&form_to(&visitor, &form(token)).await, 400, "invalid_grant");
    }
    let foreign = format!(
        "grant_type=refresh_token&refresh_token={successor}&client_id={}",
        program.id
    );
    assert_refused(&form_to(&visitor, &foreign).await, 401, "invalid_client");
    let foreign = format!("{foreign}&client_secret={}", program.secret);
    assert_refused(&form_to(&visitor, &foreign).await, 400, "unauthorized_client");
}

#[tokio::test]
async fn a_token_is_explained_and_revoked_like_any_other() {
    let (server, program) = cast().await;
    let ada = server.admin("eve").await;
    let asked = json!({ "token": program.access });
    let good = ada.post("/admin/explain", &asked).await;
    assert_eq!(good.text("verdict"), "It is good.");
    assert_eq!(good.json["user"]["service_account"], true);
    ada.post("/admin/tokens/revoke", &asked).await.assert_status(200);
    program
        .get("/revocations")
        .await
        .assert_code(401, "token_revoked");
    let revoked = ada.post("/admin/explain", &asked).await;
    assert_eq!(revoked.text("verdict"), "Refused: this token alone was revoked.");
}

#[tokio::test]
async fn a_token_expires() {
    let (server, program) = cast().await;
    server.clock().advance(Duration::from_secs(931));
    program
        .get("/revocations")
        .await
        .assert_code(401, "token_expired");
}

/// A scope has at least one character (RFC 6749 §3.3), and resource servers refuse one that has none.
#[tokio::test]
async fn a_program_without_scopes_gets_a_token_without_the_claim() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let program = Program::new(&server, &ada, "idle", &[]).await;
    let reply = program.ask_for_token().await;
    reply.assert(
        200,
        &json!({ "access_token": ANY, "token_type": "Bearer", "expires_in": 900 }),
    );
    let claims = claims_of(reply.text("access_token"));
    assert_eq!(claims["scope"], serde_json::Value::Null, "{claims}");
    program
        .get("/revocations")
        .await
        .assert_code(403, "insufficient_scope");
}
