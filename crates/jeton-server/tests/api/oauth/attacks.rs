//! Attacks on authorization servers and their clients (RFC 9700 §4), each as its attacker would go about it.

use serde_json::json;

use super::cast;
use crate::actors::{ANY, Actor, Answered, Application, CALLBACK, Page, Person, Server, VERIFIER, claims_of};

/// The pages that a request of this application leads to: the entrance, the question, the proof, the form, the doubt.
async fn pages(server: &Server, application: &Application, bo: &Person) -> Vec<Page> {
    let asks = || application.asks();
    let nobody = server.person();
    let entrance = nobody.open(&asks().path()).await;
    let question = bo.open(&asks().path()).await;
    let proof = bo.open(&asks().with("prompt", "login").path()).await;
    let mut pages = vec![
        nobody.open(entrance.location()).await,
        bo.open(question.location()).await,
        bo.open(proof.location()).await,
    ];
    application.code_from(bo).await;
    pages.push(bo.open(&asks().with("response_mode", "form_post").path()).await);
    pages.push(bo.open(&asks().without("client_id").path()).await);
    pages.push(bo.open("/oauth/logout").await);
    pages
}

/// RFC 9700 §4.16, and §4.2.4: an address with a code in it is told to nobody else.
#[tokio::test]
async fn no_page_of_a_sign_in_is_framed_or_tells_others_its_address() {
    let (server, application, bo) = cast().await;
    let pages = pages(&server, &application, &bo).await;
    assert_eq!(pages.len(), 6);
    for page in &pages {
        assert!(page.header("content-type").starts_with("text/html"), "{page:?}");
        let policy = page.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(page.header("x-frame-options"), "DENY");
        assert_eq!(page.header("referrer-policy"), "same-origin");
    }
    let led = bo.open(&application.asks().path()).await;
    Answered::of(&led).one("code");
    assert_eq!(led.header("referrer-policy"), "same-origin");
    assert_eq!(led.header("cache-control"), "no-store");
}

/// RFC 9700 §4.1: an address that looks like one registered is another.
#[tokio::test]
async fn an_address_that_looks_like_a_registered_one_leads_nobody_there() {
    let (_, application, bo) = cast().await;
    for look_alike in [
        "https://app.example/callback/../evil",
        "https://app.example/callback/%2e%2e/evil",
        "https://app.example/%63allback",
        "https://app.example/callback%00",
        "https://app.example/callback ",
        "https://app.example/callback\u{200b}",
        "https://app.example/callback;evil",
        "https://app.example/CALLBACK",
        "https://APP.example/callback",
        "HTTPS://app.example/callback",
        "http://app.example/callback",
        "https://app.example./callback",
        "https://app\u{2024}example/callback",
        "https://\u{430}pp.example/callback",
        "https://app.example\\@evil.example/callback",
        "https://app.example%2f@evil.example/callback",
        "https://evil.example/https://app.example/callback",
        "https:app.example/callback",
        "https:/app.example/callback",
        "///app.example/callback",
        "/callback",
        "javascript://app.example/callback%0aalert(1)",
        "data:text/html,https://app.example/callback",
        "https://app.example/callback?code=stolen",
        "https://app.example/callback#code=stolen",
        "https://app.example/callback#",
        "https://app.example/callback?",
    ] {
        let page = bo
            .open(&application.asks().with("redirect_uri", look_alike).path())
            .await;
        page.assert_status(400).assert_shows("cannot be answered");
        page.assert_hides("evil").assert_hides("stolen");
    }
}

/// RFC 9700 §4.11: an error leads to an application that is known, and the service's own pages to nobody else's.
#[tokio::test]
async fn no_error_and_no_return_leads_to_an_address_that_a_link_chose() {
    let (_, application, bo) = cast().await;
    let asks = || application.asks().with("redirect_uri", "https://evil.example/");
    for asking in [
        asks().with("scope", "nothing"),
        asks().with("response_type", "token"),
        asks().with("prompt", "none"),
        asks().with("request", "x"),
        asks().without("client_id"),
    ] {
        let page = bo.open(&asking.path()).await;
        page.assert_status(400).assert_hides("evil");
    }
    for path in ["/oauth/logout", "/signin", "/signup", "/consent"] {
        for name in ["post_logout_redirect_uri", "return_to", "redirect_uri", "asked"] {
            let page = bo.open(&format!("{path}?{name}=https://evil.example/")).await;
            if page.status == 303 {
                assert!(!page.location().contains("evil"), "{page:?}");
            } else {
                page.assert_hides("href=\"https://evil")
                    .assert_hides("action=\"https://evil");
            }
        }
    }
}

/// RFC 9700 §4.5: a code that was given in another browser does not fit what this one began.
#[tokio::test]
async fn a_code_of_another_browser_does_not_fit_the_verifier_of_this_one() {
    let (server, application, bo) = cast().await;
    server.signed_up("mallory").await;
    let mallory = server.person();
    mallory.sign_in("mallory").await;
    let hers = "Q2mJ1y8mXtQ0S0z4T4mJ0r7r2o1m8b2xv3m9p5k7w6Y";
    let challenge = "5YNTnC7js4dG0lhF-2xQol2Keggzfn_u44kFkJuebp8";
    let asking = application.asks().with("code_challenge", challenge);
    let stolen = application.allowed_by(&bo, &application.asks()).await.one("code");
    application.allowed_by(&mallory, &asking).await.one("code");
    let fields = |verifier| {
        [
            ("grant_type", "authorization_code"),
            ("code", &*stolen),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier),
        ]
    };
    let refused = application.token(&fields(hers)).await;
    refused.assert(
        400,
        &json!({ "error": "invalid_grant", "error_description": ANY }),
    );
    application.token(&fields(VERIFIER)).await.assert_status(200);
}

/// The same where a client has no PKCE: its ID token has the nonce of the browser that the code was given in.
#[tokio::test]
async fn without_pkce_a_code_of_another_browser_is_told_by_its_nonce() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let members = json!({ "name": "old", "pkce": "optional" });
    let old = Application::registered(&server, &ada, members).await;
    let person = server.person();
    person.sign_in("ada").await;
    let asking = old
        .asks()
        .without("code_challenge")
        .without("code_challenge_method");
    let stolen = old
        .allowed_by(&person, &asking.clone().with("nonce", "of the victim"))
        .await
        .one("code");
    old.allowed_by(&person, &asking.with("nonce", "of the attacker"))
        .await
        .one("code");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &*stolen),
        ("redirect_uri", CALLBACK),
    ];
    let tokens = old.token(&fields).await;
    assert_eq!(claims_of(tokens.text("id_token"))["nonce"], "of the victim");
}

/// RFC 9700 §4.8: neither half of PKCE can be taken away, nor made weaker.
#[tokio::test]
async fn pkce_cannot_be_taken_out_of_a_request_or_its_code() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let person = server.person();
    person.sign_in("ada").await;
    let members = json!({ "name": "old", "pkce": "optional" });
    for client in [
        Application::new(&server, &ada, "new").await,
        Application::registered(&server, &ada, members).await,
    ] {
        let code = client.code_from(&person).await;
        let without = [
            ("grant_type", "authorization_code"),
            ("code", &*code),
            ("redirect_uri", CALLBACK),
        ];
        let refused = client.token(&without).await;
        refused.assert(
            400,
            &json!({ "error": "invalid_grant", "error_description": ANY }),
        );
        client.redeem(&code).await.assert_status(200);
        for weaker in [
            client.asks().with("code_challenge_method", "plain"),
            client.asks().without("code_challenge_method"),
            client.asks().without("code_challenge"),
        ] {
            let answered = Answered::of(&person.open(&weaker.path()).await);
            answered.assert_refused("invalid_request");
        }
    }
}

/// RFC 9207: each answer says who gives it, in the very words of the metadata, so that a client with two providers knows
/// whose answer it has; and no code is good at another.
#[tokio::test]
async fn a_client_of_two_providers_is_told_by_each_answer_whose_it_is() {
    let honest = Server::with(&[("issuer", "https://honest.example")]).await;
    let evil = Server::with(&[("issuer", "https://evil.example/")]).await;
    let mut codes = Vec::new();
    for (server, issuer) in [
        (&honest, "https://honest.example"),
        (&evil, "https://evil.example/"),
    ] {
        let path = "/.well-known/openid-configuration";
        let metadata = server.visitor().get(path).await.json;
        assert_eq!(metadata["issuer"], issuer);
        assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
        let ada = server.admin("ada").await;
        let members = json!({ "name": "own", "first_party": true });
        let client = Application::registered(server, &ada, members).await;
        let person = server.person();
        person.sign_in("ada").await;
        let given = Answered::of(&person.open(&client.asks().path()).await);
        assert_eq!(given.one("iss"), issuer);
        let refused = client.asks().with("scope", "nothing");
        let refused = Answered::of(&person.open(&refused.path()).await);
        assert_eq!(refused.one("iss"), issuer);
        let form = client.asks().with("response_mode", "form_post");
        assert_eq!(person.open(&form.path()).await.value_of("iss"), Some(issuer));
        codes.push((client, given.one("code")));
    }
    let [(here, _), (_, elsewhere)] = &codes[..] else {
        panic!("two providers")
    };
    let refused = here.redeem(elsewhere).await;
    refused.assert(
        400,
        &json!({ "error": "invalid_grant", "error_description": ANY }),
    );
}

/// RFC 9700 §4.12: the browser fetches where it is led to, and carries no password on.
#[tokio::test]
async fn no_answer_has_the_browser_send_a_form_on() {
    let (server, application, bo) = cast().await;
    let asking = application.asks();
    let page = bo.open(&asking.path()).await;
    let question = bo.open(page.location()).await;
    let ceremony = question.value_of("ceremony").unwrap().to_owned();
    let allow = [("ceremony", &*ceremony), ("decision", "allow")];
    let sign_in = [("username", "bo"), ("password", "bos own passphrase")];
    for (path, fields) in [
        ("/consent", &allow[..]),
        ("/oauth/authorize", &asking.pairs()),
        ("/oauth/logout", &[]),
        ("/signout", &[]),
    ] {
        assert_eq!(bo.send(path, fields).await.status, 303, "{path}");
    }
    let anew = server.person().send("/signin", &sign_in).await;
    assert_eq!(anew.status, 303);
}

/// RFC 6749 §4.1.2: a code that comes twice takes back what it gave, also when it would have expired by then.
#[tokio::test]
async fn a_code_that_comes_again_late_takes_back_what_it_gave_too() {
    let (server, application, bo) = cast().await;
    let code = application.code_from(&bo).await;
    let tokens = application.redeem(&code).await;
    server.clock().advance(std::time::Duration::from_mins(5));
    let refused = application.redeem(&code).await;
    refused.assert(
        400,
        &json!({ "error": "invalid_grant", "error_description": ANY }),
    );
    application
        .userinfo(tokens.text("access_token"))
        .await
        .assert_status(401);
    application
        .refresh(tokens.text("refresh_token"))
        .await
        .assert_status(400);
}
