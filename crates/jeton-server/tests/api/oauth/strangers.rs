//! What strangers send to OAuth's endpoints, and from where.

use http::Method;
use serde_json::json;

use crate::actors::{ANY, Actor, Answered, Application, CALLBACK, Call, Person, Server, VERIFIER, Visitor};

async fn cast() -> (Server, Application, Person) {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    server.signed_up("bo").await;
    let application = Application::new(&server, &ada, "Grafana").await;
    let bo = server.person();
    bo.sign_in("bo").await;
    (server, application, bo)
}

/// RFC 6749 §3.1 and §3.2: which of two values counts, readers would see differently.
#[tokio::test]
async fn a_parameter_that_is_there_twice_is_refused_at_every_endpoint() {
    let (_, application, bo) = cast().await;
    for (name, value) in application.asks().pairs() {
        let asking = application.asks();
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(asking.pairs())
            .append_pair(name, value)
            .finish();
        let page = bo.open(&format!("/oauth/authorize?{query}")).await;
        match name {
            "client_id" | "redirect_uri" => _ = page.assert_status(400).assert_shows("is there twice"),
            // Which of the two the client knows is not certain.
            "state" => {
                let answered = Answered::of(&page);
                assert_eq!(answered.one("error"), "invalid_request");
                assert!(!page.location().contains("state="), "{page:?}");
            }
            _ => Answered::of(&page).assert_refused("invalid_request"),
        }
    }
    let code = application.code_from(&bo).await;
    let redeeming = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let asked = [("token", "x")];
    let asking = application.asks().without("client_id");
    let pushed = asking.pairs();
    for (path, fields) in [
        ("/oauth/token", &redeeming[..]),
        ("/oauth/introspect", &asked),
        ("/oauth/revoke", &asked),
        ("/oauth/par", &pushed),
    ] {
        for again in fields.iter().chain(&[("client_id", &*application.id)]) {
            let mut twice = fields.to_vec();
            twice.push(*again);
            if again.0 == "client_id" {
                twice.push(*again);
            }
            let refused = application.form(path, &twice).await;
            refused.assert(
                400,
                &json!({ "error": "invalid_request", "error_description": ANY }),
            );
        }
    }
    application.redeem(&code).await.assert_status(200);
}

/// What was sent comes back in no refusal, neither to the person nor to the client, but for the client's `state`.
#[tokio::test]
async fn nothing_that_was_sent_is_repeated() {
    const MARKER: &str = "Zq<b>marker7";
    let (_, application, bo) = cast().await;
    let holds = |text: &str| text.to_lowercase().contains("marker7");
    let asking = application.asks();
    let parameters = [
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "prompt",
        "max_age",
        "request",
        "request_uri",
        "registration",
        "resource",
        "claims",
        "id_token_hint",
        "unknown",
    ];
    for name in parameters {
        let path = asking.clone().with("prompt", "none").with(name, MARKER).path();
        let page = bo.open(&path).await;
        assert!(
            !holds(&page.html) && !holds(&format!("{:?}", page.headers)),
            "{page:?}"
        );
    }
    for name in [
        "id_token_hint",
        "client_id",
        "post_logout_redirect_uri",
        "logout_hint",
    ] {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("post_logout_redirect_uri", "https://app.example/other")
            .append_pair(name, MARKER)
            .finish();
        let page = bo.open(&format!("/oauth/logout?{query}")).await;
        page.assert_status(400);
        assert!(!holds(&page.html), "{page:?}");
    }
    let ceremony = bo.open("/consent?ceremony=ja_marker7").await;
    assert!(!holds(&ceremony.html), "{ceremony:?}");
    for path in ["/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/par"] {
        for name in [
            "grant_type",
            "code",
            "redirect_uri",
            "code_verifier",
            "refresh_token",
            "scope",
            "token",
            "token_type_hint",
            "client_assertion_type",
            "request_uri",
            "resource",
        ] {
            let reply = application.form(path, &[(name, MARKER)]).await;
            assert!(!holds(&reply.body), "{path} {name}: {}", reply.body);
        }
    }
    let form = "application/x-www-form-urlencoded";
    let reply = application
        .call(Method::POST, "/oauth/userinfo")
        .raw(form, "access_token=marker7")
        .await;
    assert!(reply.is_error() && !holds(&format!("{}{:?}", reply.body, reply.headers)));
}

/// RFC 9700 §2.6: an application in the browser calls what heeds no cookie, and no page reads what a person is shown.
#[tokio::test]
async fn a_page_of_any_origin_redeems_and_none_reads_what_heeds_cookies() {
    let (server, application, bo) = cast().await;
    let visitor = server.visitor();
    let foreign = |call: Call| call.header("origin", "https://app.example");
    let metadata = "/.well-known/openid-configuration";
    for path in [
        "/oauth/token",
        "/oauth/userinfo",
        "/oauth/revoke",
        "/oauth/par",
        metadata,
    ] {
        let preflight = foreign(visitor.call(Method::OPTIONS, path))
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization")
            .await;
        let answer = if path == metadata {
            foreign(visitor.call(Method::GET, path)).await
        } else {
            foreign(posted(&visitor, path)).await
        };
        for reply in [preflight, answer] {
            assert_eq!(reply.header("access-control-allow-origin"), "*", "{path}");
            let with_cookies = reply.headers.get("access-control-allow-credentials");
            assert!(with_cookies.is_none(), "{path}: {reply:?}");
        }
    }
    let asked = foreign(posted(&visitor, "/oauth/introspect")).await;
    assert!(asked.headers.get("access-control-allow-origin").is_none());
    let bo = bo.from("https://app.example");
    for path in [&*application.asks().path(), "/oauth/logout", "/consent"] {
        let page = bo.open(path).await;
        assert!(
            page.headers.get("access-control-allow-origin").is_none(),
            "{path}"
        );
    }
}

fn posted(visitor: &Visitor, path: &str) -> Call {
    let form = "application/x-www-form-urlencoded";
    visitor.call(Method::POST, path).raw(form, "token=x")
}
