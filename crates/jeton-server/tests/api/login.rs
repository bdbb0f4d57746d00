use std::time::Duration;

use serde_json::{Value, json};

use crate::actors::{ANY, Actor, Server, claims_of, header_of};

mod devices;
mod imported;
mod meanwhile;
mod throttle;

pub(crate) use meanwhile::slow_server;

#[tokio::test]
async fn a_login_is_answered_with_a_pair_of_tokens() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let reply = server.visitor().login("Romel", &romel.password).await;
    reply.assert(
        200,
        &json!({
            "message": "Login successful", "token": ANY, "access_token": ANY, "refresh_token": ANY,
            "token_type": "bearer", "expires_in": 900, "refresh_expires_in": 604_800, "user_id": romel.id,
        }),
    );
    assert_eq!(reply.json["token"], reply.json["access_token"]);
    assert!(!reply.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn an_access_token_says_what_rfc_9068_and_the_service_ask_and_no_more() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let (header, claims) = (header_of(&romel.access), claims_of(&romel.access));
    let now = server.clock().seconds();
    assert_eq!(
        claims,
        json!({
            "iss": "http://localhost:5000", "sub": romel.id, "aud": "http://localhost:5000",
            "exp": now + 900, "iat": now, "nbf": now, "jti": claims["jti"], "client_id": "jeton",
            "sid": claims["sid"], "uv": 0, "auth_time": now, "username": "Romel",
        })
    );
    assert_eq!(
        header,
        json!({ "alg": "ES256", "typ": "at+jwt", "kid": header["kid"] })
    );
    for id in ["jti", "sid"] {
        assert_eq!(claims[id].as_str().unwrap().len(), 36);
    }
    assert_eq!(&romel.id[14..15], "7", "a UUIDv7");
}

/// Strict resource servers (RFC 9068) refuse a list that is there and empty.
#[tokio::test]
async fn empty_claims_are_left_out_of_every_access_token() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let romel = server.signed_up("Romel").await;
    let claims = json!({ "claims": { "tenant": "blue" } });
    ada.call(http::Method::PATCH, &format!("/admin/users/{}", romel.id))
        .json(&claims)
        .await
        .assert_status(200);
    let with_claims = romel.another_session().await;
    let on_behalf = ada.token_for("Romel").await;
    for token in [
        &romel.access,
        &with_claims.access,
        on_behalf.text("access_token"),
        &ada.access,
    ] {
        let claims = claims_of(token);
        for (name, value) in claims.as_object().unwrap() {
            let empty = [json!(""), json!([]), json!({}), json!(null)];
            assert!(!empty.contains(value), "{name} in {claims}");
        }
        let shown = server.visitor().get_with("/get-jwt", token).await;
        shown.assert_status(200);
        assert_eq!(shown.json["claims"], claims);
        server
            .visitor()
            .get_with("/protected", token)
            .await
            .assert_status(200);
    }
    assert_eq!(claims_of(&with_claims.access)["tenant"], "blue");
}

#[tokio::test]
async fn a_refresh_token_is_signed_with_a_key_of_its_own_and_says_where_it_belongs() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let (header, claims) = (header_of(&romel.refresh), claims_of(&romel.refresh));
    let now = server.clock().seconds();
    assert_eq!(
        header,
        json!({ "alg": "HS256", "typ": "rt+jwt", "kid": header["kid"] })
    );
    assert_ne!(header["kid"], header_of(&romel.access)["kid"]);
    assert_eq!(claims["sid"], claims_of(&romel.access)["sid"]);
    assert_eq!(
        (&claims["iat"], &claims["exp"]),
        (&json!(now), &json!(now + 7 * 86_400))
    );
    for personal in ["username", "email", "roles", "password"] {
        assert_eq!(claims[personal], Value::Null);
    }
}

#[tokio::test]
async fn a_shared_secret_signs_access_tokens_with_hs256() {
    let secret = "4inK]I+X+;n2+g\"*>AMQc{p99)9DB@a@";
    let server = Server::with_secret(secret).await;
    let romel = server.signed_up("Romel").await;
    assert_eq!(header_of(&romel.access)["alg"], "HS256");
    let key = jeton::SigningKey::hs256(secret)
        .unwrap()
        .with_kid(header_of(&romel.access)["kid"].as_str().unwrap());
    let verifier = jeton::jws::Verifier::new(jeton::KeySet::new([key.verifying_key()]).unwrap());
    assert!(verifier.verify(&romel.access).is_ok());
    assert!(verifier.verify(&romel.refresh).is_err());
    romel.assert_is_in().await;
}

#[tokio::test]
async fn whoever_cannot_sign_in_gets_one_answer_at_the_cost_of_one_hash() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    server.signed_up("Locked").await;
    server
        .sql("UPDATE users SET disabled_at = 1 WHERE username = 'Locked'")
        .await;
    let long = "x".repeat(100_000);
    for (username, password) in [
        ("Romel", "wrong password"),
        ("Romel", ""),
        ("Romel", "nul\u{0}nul\u{0}"),
        ("Romel", &long),
        ("Nobody", "pass1425"),
        ("Locked", "Lockeds own passphrase"),
        ("", "pass1425"),
        ("no name\u{0}", "pass1425"),
        (&long, "pass1425"),
    ] {
        let before = server.service().hashes_computed();
        let reply = server.visitor().login(username, password).await;
        reply.assert_error(401, "invalid_credentials", "Invalid username or password");
        assert_eq!(reply.header("www-authenticate"), "Bearer realm=\"jeton\"");
        assert_eq!(
            server.service().hashes_computed() - before,
            1,
            "{username:.9} {password:.9}"
        );
    }
    let before = server.service().hashes_computed();
    romel.another_session().await;
    assert_eq!(server.service().hashes_computed() - before, 1);
}

#[tokio::test]
async fn spellings_of_a_name_and_a_password_that_are_one_sign_in_alike() {
    let visitor = Server::start().await.visitor();
    visitor
        .register("Ren\u{e9}", "caf\u{e9} au lait")
        .await
        .assert_status(201);
    for (username, password) in [
        ("ren\u{e9}", "caf\u{e9} au lait"),
        ("RENE\u{301}", "cafe\u{301} au lait"),
        ("Ren\u{e9}", "cafe\u{301}\u{a0}au lait"),
    ] {
        let rene = visitor.sign_in(username, password).await;
        assert_eq!(claims_of(&rene.access)["username"], "Ren\u{e9}");
    }
    visitor
        .login("Ren\u{e9}", "CAF\u{c9} au lait")
        .await
        .assert_code(401, "invalid_credentials");
}

#[tokio::test]
async fn every_login_is_a_session_of_its_own() {
    let server = Server::start().await;
    let first = server.signed_up("Romel").await;
    let second = first.another_session().await;
    let (one, other) = (claims_of(&first.access), claims_of(&second.access));
    assert_eq!(one["sub"], other["sub"]);
    assert_ne!(one["sid"], other["sid"]);
    assert_ne!(one["jti"], other["jti"]);
    first.assert_is_in().await;
    second.assert_is_in().await;
}

#[tokio::test]
async fn lifetimes_issuer_and_audience_are_settings() {
    let server = Server::with(&[
        ("access-lifetime", "5m"),
        ("refresh-lifetime", "1h"),
        ("session-lifetime", "2h"),
        ("issuer", "https://id.example"),
        ("audience", "api"),
    ])
    .await;
    let romel = server.signed_up("Romel").await;
    let claims = claims_of(&romel.access);
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&json!("https://id.example"), &json!("api"))
    );
    assert_eq!(claims["exp"], server.clock().seconds() + 300);
    server.clock().advance(Duration::from_secs(331));
    romel.get("/protected").await.assert_code(401, "token_expired");
}

#[tokio::test]
async fn a_queue_with_no_turn_to_give_says_when_to_come_back() {
    let server = Server::with(&[("hash-deadline", "0s")]).await;
    let reply = server.visitor().login("Romel", "pass1425").await;
    reply.assert_error(
        503,
        "overloaded",
        "Too many sign-ins at this moment, try again shortly",
    );
    assert_eq!(reply.header("retry-after"), "2");
}

#[tokio::test]
async fn a_name_and_a_password_are_needed() {
    let visitor = Server::start().await.visitor();
    for (body, sentence) in [
        (json!({}), "The body has a missing field `username`"),
        (
            json!({ "username": "Romel" }),
            "The body has a missing field `password`",
        ),
        (
            json!({ "username": 7, "password": "pass1425" }),
            "`username` has a wrong type or value",
        ),
    ] {
        visitor
            .post("/login", &body)
            .await
            .assert_error(422, "invalid_request", sentence);
    }
}
