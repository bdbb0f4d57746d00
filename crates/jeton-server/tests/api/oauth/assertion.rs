//! Clients that prove themselves by a JWT of their own key (RFC 7523 §2.2 and §3).

use std::time::Duration;

use jeton::{Algorithm, Claims, Issuer, SigningKey};
use jeton_server::service::machinery::clock::Clock;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actors::{ANY, Admin, Application, CALLBACK, Person, Reply, Server, VERIFIER};

const ISSUER: &str = "http://localhost:5000";
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const MINUTE: Duration = Duration::from_mins(1);

#[derive(Serialize, Deserialize)]
struct Assertion {}

impl Claims for Assertion {
    const TYP: &'static str = "JWT";
}

/// A client and the key that it registered.
struct Keyed {
    server: Server,
    client: Application,
    pem: String,
}

async fn cast() -> (Server, Admin, Keyed) {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let keyed = Keyed::new(&server, &ada, "Grafana").await;
    (server, ada, keyed)
}

impl Keyed {
    async fn new(server: &Server, ada: &Admin, name: &str) -> Self {
        let key = SigningKey::generate(Algorithm::Es256).unwrap().with_kid("a");
        let members = json!({
            "name": name,
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": { "keys": [key.verifying_key().to_jwk().unwrap()] },
        });
        Self {
            server: server.clone(),
            client: Application::registered(server, ada, members).await,
            pem: key.to_pem().unwrap().to_string(),
        }
    }

    /// An assertion from and about this client, good for a minute.
    fn asserts(&self, audience: &str, id: &str) -> String {
        self.asserts_as(&self.client.id, &self.client.id, audience, id, MINUTE)
    }

    fn asserts_as(&self, issuer: &str, subject: &str, audience: &str, id: &str, lives: Duration) -> String {
        let key = SigningKey::from_pem(Algorithm::Es256, &self.pem).unwrap();
        let issuer = Issuer::<Assertion>::new(key.with_kid("a"), issuer, lives);
        let draft = issuer.draft(&Assertion {}).subject(subject).audience(audience);
        let draft = if id.is_empty() { draft } else { draft.id(id) };
        draft.issue_at(self.server.clock().now()).unwrap()
    }

    /// Asks about a token, which takes nothing but the proof.
    async fn proves(&self, assertion: &str) -> Reply {
        self.client
            .form("/oauth/introspect", &with(assertion, &[("token", "x")]))
            .await
    }
}

/// The fields of a form, and the assertion beside them.
fn with<'a>(assertion: &'a str, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let proof = [
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
    ];
    fields.iter().copied().chain(proof).collect()
}

#[track_caller]
fn assert_refused(reply: &Reply, status: u16, error: &str) {
    reply.assert(status, &json!({ "error": error, "error_description": ANY }));
}

#[tokio::test]
async fn a_client_with_a_key_gets_its_tokens_and_asks_at_every_endpoint() {
    let (server, _ada, keyed) = cast().await;
    let person: Person = server.person();
    person.sign_in("ada").await;
    let code = keyed.client.code_from(&person).await;
    let redeeming = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let proof = keyed.asserts(ISSUER, "1");
    let tokens = keyed.client.form("/oauth/token", &with(&proof, &redeeming)).await;
    tokens.assert_status(200);
    let refresh = tokens.text("refresh_token");
    let refreshing = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let proof = keyed.asserts(ISSUER, "2");
    let again = keyed
        .client
        .form("/oauth/token", &with(&proof, &refreshing))
        .await;
    again.assert_status(200);
    let asking = keyed.client.asks().without("client_id");
    let proof = keyed.asserts(ISSUER, "3");
    keyed
        .client
        .form("/oauth/par", &with(&proof, &asking.pairs()))
        .await
        .assert_status(201);
    let token = [("token", again.text("refresh_token"))];
    let proof = keyed.asserts(ISSUER, "4");
    let told = keyed
        .client
        .form("/oauth/introspect", &with(&proof, &token))
        .await;
    assert_eq!(told.json["active"], true);
    let proof = keyed.asserts(ISSUER, "5");
    keyed
        .client
        .form("/oauth/revoke", &with(&proof, &token))
        .await
        .assert_status(200);
}

/// The issuer is what an assertion is for; the addresses of the token endpoint and of that for pushed requests stand for
/// it (RFC 7523 §3, RFC 9126 §2), and nothing else does.
#[tokio::test]
async fn an_assertion_is_for_this_service_and_no_other() {
    let (_server, _ada, keyed) = cast().await;
    for (number, good) in [
        ISSUER.to_owned(),
        format!("{ISSUER}/oauth/token"),
        format!("{ISSUER}/oauth/par"),
    ]
    .iter()
    .enumerate()
    {
        let proof = keyed.asserts(good, &number.to_string());
        keyed.proves(&proof).await.assert_status(200);
    }
    for other in [
        "https://evil.example",
        "http://localhost:5000/",
        "http://localhost:5000/oauth",
        "http://localhost:50000",
        "HTTP://LOCALHOST:5000",
        "",
    ] {
        let proof = keyed.asserts(other, "once");
        assert_refused(&keyed.proves(&proof).await, 401, "invalid_client");
    }
}

#[tokio::test]
async fn an_assertion_is_good_once_on_every_node_and_for_minutes_at_most() {
    let (server, _ada, keyed) = cast().await;
    let proof = keyed.asserts(ISSUER, "once");
    keyed.proves(&proof).await.assert_status(200);
    assert_refused(&keyed.proves(&proof).await, 401, "invalid_client");
    // The name is used up, whatever else the assertion says.
    let same = keyed.asserts(&format!("{ISSUER}/oauth/token"), "once");
    assert_refused(&keyed.proves(&same).await, 401, "invalid_client");
    let there = server.another_node().await;
    let elsewhere = Keyed {
        client: keyed.client.on(&there),
        server: there,
        pem: keyed.pem,
    };
    assert_refused(&elsewhere.proves(&proof).await, 401, "invalid_client");
    let nameless = elsewhere.asserts(ISSUER, "");
    assert_refused(&elsewhere.proves(&nameless).await, 401, "invalid_client");
    let id = &elsewhere.client.id;
    let hours = elsewhere.asserts_as(id, id, ISSUER, "long", Duration::from_hours(1));
    assert_refused(&elsewhere.proves(&hours).await, 401, "invalid_client");
    let late = elsewhere.asserts(ISSUER, "late");
    server.clock().advance(MINUTE * 2);
    assert_refused(&elsewhere.proves(&late).await, 401, "invalid_client");
}

#[tokio::test]
async fn an_assertion_proves_nobody_but_its_own_client() {
    let (server, ada, keyed) = cast().await;
    let other = Keyed::new(&server, &ada, "another").await;
    let with_secret = Application::new(&server, &ada, "secretive").await;
    let (own, foreign) = (&*keyed.client.id, &*other.client.id);
    for (number, (issuer, subject)) in [(foreign, foreign), (own, foreign), (foreign, own), (own, "ada")]
        .into_iter()
        .enumerate()
    {
        let proof = keyed.asserts_as(issuer, subject, ISSUER, &number.to_string(), MINUTE);
        for client in [&keyed, &other] {
            assert_refused(&client.proves(&proof).await, 401, "invalid_client");
        }
    }
    // A key is no secret, a secret is no key, and neither may be beside the other.
    let secret = with_secret.secret.clone().unwrap();
    let fields = [("token", "x"), ("client_secret", &*secret)];
    let refused = keyed.client.form("/oauth/introspect", &fields).await;
    assert_refused(&refused, 401, "invalid_client");
    let about = keyed.asserts_as(&with_secret.id, &with_secret.id, ISSUER, "x", MINUTE);
    let bare = with_secret.with_secret(None);
    let refused = bare
        .form("/oauth/introspect", &with(&about, &[("token", "x")]))
        .await;
    assert_refused(&refused, 401, "invalid_client");
    let good = keyed.asserts(ISSUER, "good");
    let refused = keyed
        .client
        .form("/oauth/introspect", &with(&good, &fields))
        .await;
    assert_refused(&refused, 400, "invalid_request");
    let untyped = [("token", "x"), ("client_assertion", &*good)];
    let refused = keyed.client.form("/oauth/introspect", &untyped).await;
    assert_refused(&refused, 400, "invalid_request");
    keyed.proves(&good).await.assert_status(200);
}

/// The header chooses no algorithm: one signed with the public key as a secret is nobody's.
#[tokio::test]
async fn an_assertion_that_the_key_did_not_sign_is_refused() {
    let (_server, _ada, keyed) = cast().await;
    let good = keyed.asserts(ISSUER, "1");
    let [_, claims, signature] = good.split('.').collect::<Vec<_>>()[..] else {
        panic!("three parts")
    };
    let part = |text: &str| base64_simd::URL_SAFE_NO_PAD.encode_to_string(text);
    for bad in [
        format!("{}.{claims}.", part(r#"{"alg":"none"}"#)),
        format!("{}.{claims}.{signature}", part(r#"{"alg":"HS256","kid":"a"}"#)),
        format!("{}.{claims}.{signature}", part(r#"{"alg":"ES256","kid":"b"}"#)),
        format!("{}x", good.trim_end_matches('x')),
        "x".to_owned(),
    ] {
        assert_refused(&keyed.proves(&bad).await, 401, "invalid_client");
    }
    keyed.proves(&good).await.assert_status(200);
}
