//! The modules of the OpenID Foundation's plans for providers, one test each, by the module's name: it does what the
//! module does, and holds the service to what the module expects.
//!
//! The clients here are as those plans have them: confidential, without PKCE, with the secret in the header.

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use base64_simd::{STANDARD, URL_SAFE_NO_PAD};
use http::Method;
use jeton::{Claims, KeySet, Profile, Verified, Verifier};
use jeton_server::service::machinery::clock::Clock;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::actors::{
    Actor, Admin, Answered, Application, Asking, CALLBACK, Page, Person, Reply, Server, claims_of,
};

mod claims;
mod config;
mod flows;
mod logout;
mod refusals;
mod sign_ins;

const ISSUER: &str = "http://localhost:5000";

/// A provider with one client and one user, who has not signed in yet.
struct Suite {
    server: Server,
    ada: Admin,
    client: Application,
    user: Person,
}

/// How a user came to the end of an authorization request.
struct Walked {
    /// What they were asked on the way.
    stations: Vec<&'static str>,
    answered: Answered,
}

/// The tokens of one flow, whose ID token was verified.
struct Flow {
    stations: Vec<&'static str>,
    tokens: Reply,
    id: Value,
}

/// The claims of an ID token that a verifier need not know.
#[derive(Serialize, Deserialize)]
struct IdToken {}

impl Claims for IdToken {
    const TYP: &'static str = "JWT";
}

impl Suite {
    async fn start() -> Self {
        Self::with(json!({})).await
    }

    /// With further members in the client's registration.
    async fn with(members: Value) -> Self {
        let server = Server::start().await;
        let ada = server.admin("ada").await;
        let bo = json!({ "username": "bo", "password": "bos own passphrase", "email": "bo@example.org" });
        server.visitor().post("/register", &bo).await.assert_status(201);
        let mut all = json!({ "name": "suite", "pkce": "optional" });
        all.as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        let client = Application::registered(&server, &ada, all).await;
        let user = server.person();
        Self {
            server,
            ada,
            client,
            user,
        }
    }

    /// The request of most modules.
    fn asks(&self) -> Asking {
        asks(&self.client)
    }

    async fn walk(&self, asking: &Asking) -> Walked {
        walk(&self.user, &asking.path()).await
    }

    /// A whole flow: the request, the code, the tokens, the ID token's checks, and the userinfo endpoint.
    async fn flow(&self, asking: &Asking) -> Flow {
        let walked = self.walk(asking).await;
        self.redeemed(&self.client, walked, asking).await
    }

    async fn redeemed(&self, client: &Application, walked: Walked, asking: &Asking) -> Flow {
        let Walked { stations, answered } = walked;
        assert_eq!(answered.to, CALLBACK);
        assert_eq!(answered.one("iss"), ISSUER);
        assert_eq!(Some(&*answered.one("state")), asking.value("state"));
        let tokens = exchange(client, &answered.one("code")).await;
        tokens.assert_status(200);
        let id = self.verified(client, &tokens, asking.value("nonce")).await;
        let told = client.userinfo(tokens.text("access_token")).await;
        told.assert_status(200);
        assert_eq!(told.json["sub"], id["sub"]);
        Flow { stations, tokens, id }
    }

    /// The claims of an ID token after every check of OpenID Connect Core §3.1.3.7.
    async fn verified(&self, client: &Application, tokens: &Reply, nonce: Option<&str>) -> Value {
        assert_eq!(tokens.text("token_type"), "Bearer");
        let token = tokens.text("id_token");
        let set = self.server.visitor().get("/.well-known/jwks.json").await;
        let verifier = Verifier::builder(KeySet::from_jwks(&set.body).unwrap())
            .issuer(ISSUER)
            .audience(&client.id)
            .profile(Profile::Jwt)
            .build();
        let claims: Result<Verified<IdToken>, _> = verifier.verify_at(token, self.server.clock().now());
        claims.unwrap();
        let claims = claims_of(token);
        assert_eq!(claims["aud"], client.id, "one audience, and no `azp`");
        assert_eq!(claims["nonce"].as_str(), nonce);
        assert_eq!(claims["iat"], self.server.clock().seconds());
        let hash = digest(&SHA256, tokens.text("access_token").as_bytes());
        let half = URL_SAFE_NO_PAD.encode_to_string(&hash.as_ref()[..16]);
        assert_eq!(claims["at_hash"], half);
        claims
    }
}

/// The request of most modules, for a client: no PKCE, and no scope but `openid`.
fn asks(client: &Application) -> Asking {
    client
        .asks()
        .without("code_challenge")
        .without("code_challenge_method")
        .with("scope", "openid")
}

/// Redeems a code as a client with a secret in the header does.
async fn exchange(client: &Application, code: &str) -> Reply {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
    ];
    with_secret_in_header(client, "/oauth/token", &fields).await
}

async fn with_secret_in_header(client: &Application, path: &str, fields: &[(&str, &str)]) -> Reply {
    let secret = client.secret.as_deref().unwrap();
    let basic = STANDARD.encode_to_string(format!("{}:{secret}", client.id));
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    client
        .call(Method::POST, path)
        .header("authorization", format!("Basic {basic}"))
        .raw("application/x-www-form-urlencoded", body)
        .await
}

/// Goes wherever a request leads, as somebody who signs in and allows all they are asked for.
async fn walk(user: &Person, path: &str) -> Walked {
    let page = user.open(path).await;
    walk_on(user, page).await
}

async fn walk_on(user: &Person, mut page: Page) -> Walked {
    let mut stations = Vec::new();
    loop {
        if page.status == 303 && page.location().starts_with("https://") {
            let answered = Answered::of(&page);
            return Walked { stations, answered };
        }
        page = if page.status == 303 {
            user.open(page.location()).await
        } else {
            page.assert_status(200);
            assert!(stations.len() < 5, "no end: {stations:?}");
            let (station, answer) = answer(user, &page).await;
            stations.push(station);
            answer
        };
    }
}

async fn answer(user: &Person, page: &Page) -> (&'static str, Page) {
    let password = "bos own passphrase";
    if page.html.contains("name=\"confirm_password\"") {
        let fields = [
            ("ceremony", page.value_of("ceremony").unwrap()),
            ("confirm_password", password),
        ];
        return ("proves it again", user.send("/consent", &fields).await);
    }
    if page.html.contains("name=\"decision\"") {
        let fields = [
            ("ceremony", page.value_of("ceremony").unwrap()),
            ("decision", "allow"),
        ];
        return ("allows it", user.send("/consent", &fields).await);
    }
    let back = plain(page.value_of("return_to").unwrap());
    let fields = [("username", "bo"), ("password", password), ("return_to", &back)];
    ("signs in", user.send("/signin", &fields).await)
}

/// A value as it was before a page escaped it.
fn plain(value: &str) -> String {
    value.replace("&#38;", "&").replace("&amp;", "&")
}

/// The names of what is in a claims object.
fn names(claims: &Value) -> BTreeSet<&str> {
    claims.as_object().unwrap().keys().map(String::as_str).collect()
}
