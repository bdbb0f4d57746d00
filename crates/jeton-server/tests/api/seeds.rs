//! The five documents the project was created from, each walked in its own order with its own sample data.
//!
//! Where a document would have the service do something unsafe, the walk shows what it does instead.

use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::actors::{ANY, Actor, Server, claims_of, header_of};

/// Four routes; the token travels bare in the `Authorization` header.
#[tokio::test]
async fn seed_000_register_login_get_jwt_set_jwt() {
    let server = Server::start().await;
    let visitor = server.visitor();

    let reply = visitor.register("nicolas", "flask and jwt").await;
    reply.assert(
        201,
        &json!({ "message": "User registered successfully", "user": { "id": ANY, "username": "nicolas" } }),
    );
    let reply = visitor.register("nicolas", "flask and jwt").await;
    reply.assert_error(400, "username_taken", "Username already exists");

    let nicolas = visitor.sign_in("nicolas", "flask and jwt").await;
    let reply = visitor.login("nicolas", "flask or jwt").await;
    reply.assert_error(401, "invalid_credentials", "Invalid username or password");

    let reply = visitor
        .get("/get-jwt")
        .header("authorization", &nicolas.access)
        .await;
    reply.assert(
        200,
        &json!({ "message": "Token is valid", "user": "nicolas", "claims": claims_of(&nicolas.access) }),
    );
    visitor
        .get("/get-jwt")
        .await
        .assert_error(401, "token_missing", "Token is missing");
    let reply = visitor.get("/get-jwt").header("authorization", "nonsense").await;
    reply.assert_error(401, "invalid_token", "Invalid token");
    server.clock().advance(Duration::from_mins(30));
    let reply = visitor
        .get("/get-jwt")
        .header("authorization", &nicolas.access)
        .await;
    reply.assert_error(401, "token_expired", "Token has expired");

    // The document makes a token for whoever names a user. Here it takes their password, or an administrator.
    visitor
        .post("/set-jwt", &json!({ "username": "nicolas" }))
        .await
        .assert_code(422, "invalid_request");
    let admin = server.admin("ada").await;
    admin.token_for("nicolas").await.assert_status(200);
    admin
        .token_for("nobody")
        .await
        .assert_error(404, "user_not_found", "User does not exist");
}

/// The same routes with hashed passwords and a user called Romel.
#[tokio::test]
async fn seed_001_romel_registers_logs_in_and_asks_about_his_token() {
    let server = Server::start().await;
    let visitor = server.visitor();
    let romel = json!({ "username": "Romel", "password": "pass1425" });
    let tokens = json!({
        "message": ANY, "token": ANY, "access_token": ANY, "refresh_token": ANY, "token_type": "bearer",
        "expires_in": 900, "refresh_expires_in": 604_800, "user_id": ANY,
    });
    let with_message = |message| {
        let mut tokens = tokens.clone();
        tokens["message"] = json!(message);
        tokens
    };

    let reply = visitor.post("/register", &romel).await;
    reply.assert(
        201,
        &json!({ "message": "User registered successfully", "user": { "id": ANY, "username": "Romel" } }),
    );
    let reply = visitor.post("/login", &romel).await;
    reply.assert(200, &with_message("Login successful"));
    let token = reply.text("token").to_owned();
    let reply = visitor.get_with("/get-jwt", &token).await;
    reply.assert(
        200,
        &json!({ "message": "Token is valid", "user": "Romel", "claims": ANY }),
    );
    let reply = visitor.post("/set-jwt", &romel).await;
    reply.assert(200, &with_message("JWT created"));
    visitor
        .get_with("/get-jwt", reply.text("token"))
        .await
        .assert_status(200);

    let wrong = visitor
        .post(
            "/set-jwt",
            &json!({ "username": "Romel", "password": "pass1426" }),
        )
        .await;
    wrong.assert_error(401, "invalid_credentials", "Invalid username or password");
    let unknown = visitor
        .post("/login", &json!({ "username": "Ramon", "password": "pass1425" }))
        .await;
    unknown.assert_error(401, "invalid_credentials", "Invalid username or password");
    let reply = visitor.post("/register", &romel).await;
    reply.assert_error(400, "username_taken", "Username already exists");
}

/// A sample is signed and verified, in the header as the document sends it. The sample holds no password.
#[tokio::test]
async fn seed_002_a_sample_is_signed_and_verified() {
    let server = Server::with_secret("4inK]I+X+;n2+g\"*>AMQc{p99)9DB@a@").await;
    let visitor = server.visitor();

    let signed = visitor.get("/sign-token").await;
    signed.assert(200, &json!({ "token": ANY }));
    let token = signed.text("token");
    let now = server.clock().seconds();
    let sample = json!({ "id": 1, "username": "test", "iat": now, "exp": now + 300 });
    let reply = visitor.call(Method::POST, "/verify-token").bearer(token).await;
    reply.assert(200, &json!({ "user": sample, "typ": "JWT" }));

    visitor
        .call(Method::POST, "/verify-token")
        .await
        .assert_error(401, "token_missing", "Token is missing");
    visitor
        .get_with("/protected", token)
        .await
        .assert_error(401, "invalid_token", "Invalid token");
    server.clock().advance(Duration::from_mins(5));
    let reply = visitor.call(Method::POST, "/verify-token").bearer(token).await;
    reply.assert_error(401, "token_expired", "Token has expired");
}

/// A token endpoint and a protected route, as a front end calls them.
#[tokio::test]
async fn seed_003_a_token_opens_the_protected_route() {
    let server = Server::start().await;
    let visitor = server.visitor();

    let reply = visitor.register("alesanchezr", "12341234").await;
    reply.assert_code(422, "weak_password");
    visitor
        .register("alesanchezr", "twelve thirty-four")
        .await
        .assert_status(201);

    let account = json!({ "username": "alesanchezr", "password": "twelve thirty-four" });
    let reply = visitor.post("/token", &account).await;
    reply.assert(
        200,
        &json!({
            "token": ANY, "access_token": ANY, "refresh_token": ANY, "token_type": "bearer",
            "expires_in": 900, "refresh_expires_in": 604_800, "user_id": ANY,
        }),
    );
    let (token, id) = (reply.text("token").to_owned(), reply.text("user_id").to_owned());
    let reply = visitor
        .post("/token", &json!({ "username": "joe", "password": "1234" }))
        .await;
    reply.assert_error(401, "invalid_credentials", "Invalid username or password");

    let reply = visitor.get_with("/protected", &token).await;
    reply.assert(200, &json!({ "id": id, "username": "alesanchezr" }));
    visitor
        .get("/protected")
        .await
        .assert_error(401, "token_missing", "Token is missing");
}

/// A pair of tokens is made, verified, shown the profile to, and does what the five practice problems ask for.
#[tokio::test]
async fn seed_004_pairs_of_tokens_and_the_five_practice_problems() {
    let server = Server::start().await;
    let visitor = server.visitor();
    let account =
        json!({ "username": "john", "password": "johns own passphrase", "email": "john@example.org" });
    let registered = visitor.post("/register", &account).await;
    let id = registered.json["user"]["id"].clone();

    // create_token_pair
    let mut john = visitor.sign_in("john", "johns own passphrase").await;
    assert_eq!(claims_of(&john.access)["sub"], id);
    assert_eq!(claims_of(&john.access)["username"], "john");
    assert_eq!(header_of(&john.refresh)["typ"], "rt+jwt");

    // decode_token, verify_token
    let reply = visitor
        .post("/verify-token", &json!({ "token": john.access }))
        .await;
    reply.assert(200, &json!({ "user": claims_of(&john.access), "typ": "at+jwt" }));
    let reply = visitor
        .post("/verify-token", &json!({ "token": "not.a.token" }))
        .await;
    reply.assert_error(401, "invalid_token", "Invalid token");

    // get_user_profile
    let reply = john.get("/profile").await;
    reply.assert(
        200,
        &json!({ "id": id, "username": "john", "email": "john@example.org", "roles": [] }),
    );

    // Practice 1 and 4: refresh, and rotation.
    let first = john.clone();
    john.renew().await;
    assert_ne!(john.access, first.access);
    assert_ne!(john.refresh, first.refresh);
    john.renew().await;
    let reply = visitor.refresh(&first.refresh).await;
    reply.assert_code(401, "token_reused");
    john.assert_is_out().await;

    // Practice 2: a logout puts the token on the list.
    let john = visitor.sign_in("john", "johns own passphrase").await;
    john.post("/logout", &json!({}))
        .await
        .assert(200, &json!({ "message": "Logged out" }));
    john.get("/profile")
        .await
        .assert_error(401, "token_revoked", "Token has been revoked");

    // Practice 3: custom claims and roles.
    let admin = server.admin("ada").await;
    assert_eq!(claims_of(&admin.access)["roles"], json!(["admin"]));
    let request = json!({ "username": "john", "claims": { "department": "sales" } });
    let reply = admin.post("/set-jwt", &request).await;
    let read = visitor.get_with("/get-jwt", reply.text("token")).await;
    assert_eq!(read.json["claims"]["department"], "sales");

    // Practice 5: expiry, and in time the prompt to renew.
    let mut john = visitor.sign_in("john", "johns own passphrase").await;
    let claims = claims_of(&john.access);
    assert_eq!(claims["exp"], server.clock().seconds() + 15 * 60);
    server.clock().advance(Duration::from_secs(15 * 60 + 31));
    john.get("/profile")
        .await
        .assert_error(401, "token_expired", "Token has expired");
    john.renew().await;
    john.get("/profile").await.assert_status(200);
}
