//! The authorization request: who is answered, and with what.

use super::cast;
use crate::actors::{Answered, Application, CALLBACK, Server};

#[tokio::test]
async fn whoever_is_signed_in_is_asked_once_and_the_application_gets_a_code() {
    let (_, application, bo) = cast().await;
    let page = bo.open(&application.asks().path()).await;
    assert!(page.location().starts_with("/consent?ceremony=ja_"), "{page:?}");
    let question = bo.open(page.location()).await;
    question
        .assert_status(200)
        .assert_shows("Allow Grafana?")
        .assert_shows("Know that it is you")
        .assert_shows("app.example");
    let policy = question.header("content-security-policy");
    assert!(
        policy.contains("form-action 'self' https://app.example;"),
        "{policy}"
    );
    let ceremony = question.value_of("ceremony").unwrap();
    let answer = bo
        .send("/consent", &[("ceremony", ceremony), ("decision", "allow")])
        .await;
    let answered = Answered::of(&answer);
    assert_eq!(answered.to, CALLBACK);
    assert_eq!(answered.one("state"), "a state");
    assert_eq!(answered.one("iss"), "http://localhost:5000");
    application.redeem(&answered.one("code")).await.assert_status(200);

    let again = bo.open(&application.asks().path()).await;
    Answered::of(&again).one("code");
}

#[tokio::test]
async fn whoever_is_not_signed_in_signs_in_first_and_comes_back() {
    let (server, application, _) = cast().await;
    let cy = server.person();
    let page = cy.open(&application.asks().with("login_hint", "bo").path()).await;
    assert!(
        page.location()
            .starts_with("/signin?return_to=%2Foauth%2Fauthorize"),
        "{page:?}"
    );
    let entrance = cy.open(page.location()).await;
    assert_eq!(entrance.value_of("username"), Some("bo"));
    assert!(
        entrance
            .header("content-security-policy")
            .contains("form-action 'self' https://app.example;")
    );
    assert!(entrance.headers.get("cross-origin-opener-policy").is_none());
    let back = entrance
        .value_of("return_to")
        .unwrap()
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    let fields = [
        ("username", "bo"),
        ("password", "bos own passphrase"),
        ("return_to", &back),
    ];
    let signed_in = cy.send("/signin", &fields).await;
    let kept = cy.open(signed_in.location()).await;
    let asked = cy.open(kept.location()).await;
    assert!(asked.location().starts_with("/consent?"), "{asked:?}");
}

#[tokio::test]
async fn until_the_client_and_its_address_are_certain_the_person_alone_is_answered() {
    let (server, application, bo) = cast().await;
    let other = server.admin("di").await;
    let program = crate::actors::Program::new(&server, &other, "billing", &["invoices:read"]).await;
    for asking in [
        application.asks().without("client_id"),
        application.asks().with("client_id", "grafana"),
        application
            .asks()
            .with("client_id", "019b0000-0000-7000-8000-000000000000"),
        application.asks().with("client_id", &program.id),
        application.asks().and("client_id", &application.id),
        application.asks().without("redirect_uri"),
        application.asks().and("redirect_uri", CALLBACK),
        application
            .asks()
            .with("redirect_uri", "https://app.example/callback/"),
        application
            .asks()
            .with("redirect_uri", "https://app.example/callback?x=1"),
        application
            .asks()
            .with("redirect_uri", "https://app.example/callback#x"),
        application
            .asks()
            .with("redirect_uri", "https://app.example:443/callback"),
        application
            .asks()
            .with("redirect_uri", "https://app.example@evil.example/callback"),
        application
            .asks()
            .with("redirect_uri", "https://app.example.evil.example/callback"),
        application.asks().with("redirect_uri", "//app.example/callback"),
        application
            .asks()
            .with("redirect_uri", "javascript:alert(document.domain)//"),
        application
            .asks()
            .with("redirect_uri", "https://evil.example/<script>"),
    ] {
        let page = bo.open(&asking.path()).await;
        page.assert_status(400).assert_shows("cannot be answered");
        page.assert_hides("evil").assert_hides("alert(");
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_rest_is_told_to_the_client() {
    let (_, application, bo) = cast().await;
    let asks = || application.asks();
    let verifier = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    for (asking, error) in [
        (asks().without("response_type"), "invalid_request"),
        (asks().with("response_type", "token"), "unsupported_response_type"),
        (
            asks().with("response_type", "code id_token"),
            "unsupported_response_type",
        ),
        (asks().with("response_mode", "fragment"), "invalid_request"),
        (asks().without("code_challenge"), "invalid_request"),
        (asks().without("code_challenge_method"), "invalid_request"),
        (
            asks()
                .with("code_challenge_method", "plain")
                .with("code_challenge", verifier),
            "invalid_request",
        ),
        (asks().with("code_challenge", "short"), "invalid_request"),
        (
            asks().without("code_challenge").without("code_challenge_method"),
            "invalid_request",
        ),
        (
            asks().with("request", "eyJhbGciOiJub25lIn0.e30."),
            "request_not_supported",
        ),
        (
            asks().with("request_uri", "https://app.example/request"),
            "request_uri_not_supported",
        ),
        (asks().with("registration", "{}"), "registration_not_supported"),
        (asks().with("scope", "billing:write"), "invalid_scope"),
        (asks().with("prompt", "none login"), "invalid_request"),
        (asks().with("prompt", "create"), "invalid_request"),
        (asks().with("max_age", "-1"), "invalid_request"),
        (asks().with("max_age", "+1"), "invalid_request"),
        (asks().with("resource", "api"), "invalid_target"),
        (
            asks().with("resource", "https://api.example/#x"),
            "invalid_target",
        ),
        (asks().with("claims", "[]"), "invalid_request"),
        (asks().and("nonce", "another"), "invalid_request"),
        (asks().and("scope", "openid"), "invalid_request"),
        (asks().with("nonce", &"x".repeat(2049)), "invalid_request"),
        (asks().with("prompt", "none"), "consent_required"),
    ] {
        let page = bo.open(&asking.path()).await;
        Answered::of(&page).assert_refused(error);
    }
}

#[tokio::test]
async fn a_state_that_is_too_long_comes_back_to_nobody() {
    let (_, application, bo) = cast().await;
    let page = bo
        .open(&application.asks().with("state", &"x".repeat(2049)).path())
        .await;
    assert!(!page.location().contains("xxxx"), "{page:?}");
    assert_eq!(Answered::of(&page).one("error"), "invalid_request");
}

#[tokio::test]
async fn in_silence_nobody_is_asked_anything() {
    let (server, application, bo) = cast().await;
    let silent = application.asks().with("prompt", "none");
    let nobody = server.person();
    Answered::of(&nobody.open(&silent.path()).await).assert_refused("login_required");
    application.code_from(&bo).await;
    Answered::of(&bo.open(&silent.path()).await).one("code");
    let hours = std::time::Duration::from_hours(2);
    server.clock().advance(hours);
    let recent = silent.clone().with("max_age", "3600");
    Answered::of(&bo.open(&recent.path()).await).assert_refused("login_required");
    let another = silent.with(
        "claims",
        r#"{"id_token":{"sub":{"value":"019b0000-0000-7000-8000-000000000000"}}}"#,
    );
    Answered::of(&bo.open(&another.path()).await).assert_refused("login_required");
}

#[tokio::test]
async fn whoever_has_to_prove_it_again_gives_their_password_and_keeps_their_session() {
    let (server, application, bo) = cast().await;
    application.code_from(&bo).await;
    server.clock().advance(std::time::Duration::from_mins(30));
    let before = server.clock().seconds();
    for asking in [
        application.asks().with("prompt", "login"),
        application.asks().with("max_age", "60"),
        application.asks().with("max_age", "0"),
    ] {
        let page = bo.open(&asking.path()).await;
        let question = bo.open(page.location()).await;
        question.assert_status(200).assert_shows("prove once more");
        let ceremony = question.value_of("ceremony").unwrap().to_owned();
        let wrong = [
            ("ceremony", &*ceremony),
            ("confirm_password", "not bos passphrase"),
        ];
        bo.send("/consent", &wrong)
            .await
            .assert_status(401)
            .assert_wrong_at("confirm_password");
        let allow = [("ceremony", &*ceremony), ("decision", "allow")];
        bo.send("/consent", &allow)
            .await
            .assert_status(200)
            .assert_shows("prove once more");
        let right = [
            ("ceremony", &*ceremony),
            ("confirm_password", "bos own passphrase"),
        ];
        let answered = Answered::of(&bo.send("/consent", &right).await);
        let tokens = application.redeem(&answered.one("code")).await;
        let claims = crate::actors::claims_of(tokens.text("id_token"));
        assert!(claims["auth_time"].as_i64().unwrap() >= before, "{claims}");
        server.clock().advance(std::time::Duration::from_mins(30));
    }
    bo.open("/account").await.assert_status(200);
}

#[tokio::test]
async fn a_form_brings_the_answer_where_the_client_asks_for_one() {
    let (_, application, bo) = cast().await;
    application.code_from(&bo).await;
    let page = bo
        .open(&application.asks().with("response_mode", "form_post").path())
        .await;
    page.assert_status(200);
    assert!(page.html.contains(&format!("action=\"{CALLBACK}\"")), "{page:?}");
    assert!(page.value_of("code").unwrap().starts_with("jc_"));
    assert_eq!(page.value_of("state"), Some("a state"));
    assert!(
        page.header("content-security-policy")
            .contains("form-action 'self' https://app.example;")
    );
}

#[tokio::test]
async fn a_request_by_post_is_the_same_as_by_get_whoever_sends_it() {
    let (_, application, bo) = cast().await;
    let bo = bo.from("https://app.example");
    let asking = application.asks();
    let page = bo.send_bare("/oauth/authorize", &asking.pairs()).await;
    assert!(page.location().starts_with("/oauth/authorize?"), "{page:?}");
    let page = bo.open(page.location()).await;
    assert!(page.location().starts_with("/consent?"), "{page:?}");
}

#[tokio::test]
async fn two_requests_in_two_tabs_both_come_to_their_end() {
    let (_, application, bo) = cast().await;
    let first = bo.open(&application.asks().with("state", "one").path()).await;
    let second = bo.open(&application.asks().with("state", "two").path()).await;
    for (page, state) in [(second, "two"), (first, "one")] {
        let question = bo.open(page.location()).await;
        if question.status == 303 {
            // What was allowed in the other tab need not be asked again.
            assert_eq!(Answered::of(&question).one("state"), state);
            continue;
        }
        let ceremony = question.value_of("ceremony").unwrap().to_owned();
        let answer = bo
            .send("/consent", &[("ceremony", &ceremony), ("decision", "allow")])
            .await;
        assert_eq!(Answered::of(&answer).one("state"), state);
    }
}

#[tokio::test]
async fn a_client_without_pkce_may_leave_it_out_where_it_was_registered_so() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let old = Application::registered(
        &server,
        &ada,
        serde_json::json!({ "name": "old", "pkce": "optional" }),
    )
    .await;
    let page = server.person();
    page.sign_in("ada").await;
    let asking = old
        .asks()
        .without("code_challenge")
        .without("code_challenge_method");
    let code = old.allowed_by(&page, &asking).await.one("code");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", CALLBACK),
    ];
    old.token(&fields).await.assert_status(200);

    // Whoever takes the challenge out of a request is found out by the verifier.
    let code = old.allowed_by(&page, &asking).await.one("code");
    let reply = old.redeem(&code).await;
    assert_eq!(
        (reply.status.as_u16(), reply.text("error")),
        (400, "invalid_grant")
    );
}

#[tokio::test]
async fn under_a_shared_secret_nobody_is_signed_in_for_others() {
    let server = Server::with_secret("a secret of at least thirty-two bytes").await;
    let person = server.person();
    person
        .open("/oauth/authorize?client_id=x")
        .await
        .assert_status(404);
}
