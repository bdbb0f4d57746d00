//! Bodies no route can work with: always the same answers, on every route that takes one.

use serde_json::{Value, json};

use crate::actors::{Actor, Admin, Call, Server, form_to};

mod echoes;
mod hostile;
mod routes;

/// Routes that need a body.
const WITH_A_BODY: [&str; 9] = [
    "/register",
    "/login",
    "/token",
    "/set-jwt",
    "/sign-token",
    "/password",
    "/password/reset",
    "/admin/users",
    "/admin/keys",
];

/// Routes that can do without.
const PERHAPS_WITH_A_BODY: [&str; 3] = ["/verify-token", "/refresh", "/logout"];

/// As an administrator, whom every route lets come as far as its body.
async fn admin() -> Admin {
    Server::start().await.admin("ada").await
}

fn everywhere(admin: &Admin) -> impl Iterator<Item = Call> {
    WITH_A_BODY
        .into_iter()
        .chain(PERHAPS_WITH_A_BODY)
        .map(|path| admin.post(path, &json!({})))
}

#[tokio::test]
async fn a_body_over_the_limit_is_too_large_whether_it_says_so_or_not() {
    let ada = admin().await;
    let three_mb = format!("{{\"username\":\"{}\"}}", "x".repeat(3_000_000));
    for request in everywhere(&ada) {
        let request = request.raw("application/json", three_mb.clone());
        let sentence = "The body is longer than 256 KiB";
        request
            .clone()
            .await
            .assert_error(413, "payload_too_large", sentence);
        let announced = request.header("content-length", three_mb.len().to_string());
        announced.await.assert_error(413, "payload_too_large", sentence);
    }
}

#[tokio::test]
async fn the_limit_is_256_kib_to_the_byte() {
    let visitor = Server::start().await.visitor();
    let padded = |bytes: usize| {
        let mut body = r#"{"username":"Romel","password":"pass1425"}"#.to_owned();
        body.extend(std::iter::repeat_n(' ', bytes - body.len()));
        visitor
            .post("/register", &json!({}))
            .raw("application/json", body)
    };
    padded(256 * 1024 + 1).await.assert_code(413, "payload_too_large");
    padded(256 * 1024).await.assert_status(201);
}

#[tokio::test]
async fn what_is_not_json_is_malformed() {
    let ada = admin().await;
    let deep = "[".repeat(100_000);
    let deep_member = format!("{{\"unknown\":{}", "[".repeat(100_000));
    let broken: [&[u8]; 14] = [
        b"{",
        b"nonsense",
        b"{\"username\":",
        b"{\"username\":\"Romel\",}",
        b"{'username':'Romel'}",
        b"{\"username\":\"Romel\",\"password\":\"pass1425\"} {}",
        b"{\"username\":\"Romel\",\"password\":\"pass1425\"}]",
        b"{\"username\":\"a\0b\"}",
        b"{\"username\":\"\xff\xfe\"}",
        b"\xff\xfe{\0}\0",
        b"\xef\xbb\xbf{}",
        b"{\"username\":\"\\ud800\"}",
        deep.as_bytes(),
        deep_member.as_bytes(),
    ];
    for request in everywhere(&ada) {
        for body in broken {
            let reply = request.clone().raw("application/json", body).await;
            reply.assert_code(400, "malformed_json");
        }
    }
}

#[tokio::test]
async fn an_empty_body_is_malformed_where_one_is_needed() {
    let ada = admin().await;
    for path in WITH_A_BODY {
        let reply = ada.post(path, &json!({})).raw("application/json", "").await;
        reply.assert_code(400, "malformed_json");
    }
    for path in PERHAPS_WITH_A_BODY {
        let reply = ada.post(path, &json!({})).raw("application/json", "").await;
        assert!(![400, 415, 422].contains(&reply.status.as_u16()), "{path}");
    }
}

#[tokio::test]
async fn what_is_not_said_to_be_json_is_not_read() {
    let ada = admin().await;
    let sentence = "Send the body as JSON, with the header Content-Type: application/json";
    for request in everywhere(&ada) {
        for content_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "application/jsonp",
            "",
        ] {
            let reply = request.clone().raw(content_type, "{}").await;
            reply.assert_error(415, "unsupported_media_type", sentence);
        }
        let reply = request.without("content-type").await;
        reply.assert_error(415, "unsupported_media_type", sentence);
    }
    for content_type in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
    ] {
        let reply = ada.post("/sign-token", &json!({})).raw(content_type, "{}").await;
        reply.assert_status(200);
    }
}

#[tokio::test]
async fn only_an_object_will_do() {
    let ada = admin().await;
    for request in everywhere(&ada) {
        for body in [
            json!(null),
            json!(true),
            json!(7),
            json!("Romel"),
            json!([]),
            json!([{}]),
            json!(["newcomer", "pass1425"]),
            json!(["newcomer", "pass1425", null]),
            json!(["newcomer", "pass1425", false]),
            json!(["session", null]),
            json!([null]),
        ] {
            let reply = request.clone().json(&body).await;
            reply.assert_error(422, "invalid_request", "The body must be a JSON object");
        }
    }
    ada.assert_is_in().await;
}

#[tokio::test]
async fn members_of_a_wrong_type_are_named() {
    let ada = admin().await;
    let wrong = [
        json!(null),
        json!(true),
        json!(7),
        json!(1.5),
        json!([]),
        json!(["x"]),
        json!({ "x": "y" }),
    ];
    for path in ["/register", "/login", "/token", "/set-jwt"] {
        for member in ["username", "password"] {
            for value in &wrong {
                // Nothing is what `/set-jwt` takes for a password left out.
                if path == "/set-jwt" && member == "password" && value.is_null() {
                    continue;
                }
                let mut body = json!({ "username": "Romel", "password": "pass1425" });
                body[member] = value.clone();
                let sentence = format!("`{member}` has a wrong type or value");
                ada.post(path, &body)
                    .await
                    .assert_error(422, "invalid_request", &sentence);
            }
        }
    }
    for (path, member) in [
        ("/verify-token", "token"),
        ("/refresh", "refresh_token"),
        ("/logout", "refresh_token"),
    ] {
        for value in wrong.iter().filter(|value| !value.is_null()) {
            let sentence = format!("`{member}` has a wrong type or value");
            let reply = ada.post(path, &json!({ member: value })).await;
            reply.assert_error(422, "invalid_request", &sentence);
        }
    }
    for (member, value) in [
        ("claims", json!([])),
        ("claims", json!("x")),
        ("claims", Value::Null),
        ("cookies", json!("yes")),
    ] {
        let reply = ada
            .post("/set-jwt", &json!({ "username": "Romel", member: value }))
            .await;
        reply.assert_error(
            422,
            "invalid_request",
            &format!("`{member}` has a wrong type or value"),
        );
    }
}

#[tokio::test]
async fn a_member_that_is_there_twice_is_refused() {
    let ada = admin().await;
    for (path, member) in [
        ("/register", "username"),
        ("/register", "password"),
        ("/login", "username"),
        ("/login", "password"),
        ("/token", "password"),
        ("/set-jwt", "username"),
        ("/set-jwt", "claims"),
        ("/verify-token", "token"),
        ("/refresh", "refresh_token"),
        ("/logout", "refresh_token"),
    ] {
        let value = if member == "claims" {
            json!({})
        } else {
            json!("pass1425")
        };
        let body = format!("{{\"{member}\":{value},\"{member}\":{value}}}");
        let reply = ada.post(path, &json!({})).raw("application/json", body).await;
        reply.assert_error(422, "invalid_request", TWICE);
    }
    for request in everywhere(&ada) {
        for body in [
            r#"{"unknown":1,"unknown":1}"#,
            r#"{"unknown":[{"a":1,"\u0061":2}]}"#,
            r#"{"claims":{"a":{"b":1,"b":1}}}"#,
        ] {
            let reply = request.clone().raw("application/json", body).await;
            reply.assert_error(422, "invalid_request", TWICE);
        }
    }
}

const TWICE: &str = "A member stands twice in one object of the body";

#[tokio::test]
async fn nesting_without_end_breaks_nothing() {
    let ada = admin().await;
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for path in ["/set-jwt", "/sign-token"] {
        let body = format!(
            "{{\"username\":\"Romel\",\"claims\":{{\"deep\":{}}}}}",
            nested(100_000)
        );
        let reply = ada.post(path, &json!({})).raw("application/json", body).await;
        reply.assert_code(400, "malformed_json");
    }
    for request in everywhere(&ada) {
        // The second is a member no route knows.
        for member in ["username", "unknown"] {
            for depth in [32, 100, 100_000] {
                let body = format!("{{\"{member}\":{},\"claims\":{{}}}}", nested(depth));
                let reply = request.clone().raw("application/json", body).await;
                reply.assert_error(400, "malformed_json", "The body nests deeper than 32 levels");
            }
        }
    }
    let body = format!("{{\"deep\":{}}}", nested(31));
    let reply = ada
        .post("/sign-token", &json!({}))
        .raw("application/json", body)
        .await;
    reply.assert_status(200);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_incomplete() {
    let ada = admin().await;
    let sentence = "The body broke off before its end";
    for request in everywhere(&ada) {
        let reply = request.breaking_off().await;
        reply.assert_error(400, "incomplete_body", sentence);
    }
    let reply = form_to(&ada, "grant_type=refresh_token&").breaking_off().await;
    reply.assert_code(400, "invalid_request");
    assert_eq!(reply.text("error_description"), sentence);
}

#[tokio::test]
async fn a_password_of_100_kb_is_wrong_or_too_long() {
    let ada = admin().await;
    let account = json!({ "username": "Romel", "password": "x".repeat(100_000) });
    let reply = ada.post("/register", &account).await;
    reply.assert_error(422, "invalid_request", "`password` is longer than 1024 bytes");
    for path in ["/login", "/token", "/set-jwt"] {
        let reply = ada.post(path, &account).await;
        reply.assert_error(401, "invalid_credentials", "Invalid username or password");
    }
}
