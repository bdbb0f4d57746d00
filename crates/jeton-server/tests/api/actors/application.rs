use aws_lc_rs::digest::{SHA256, digest};
use base64_simd::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::{Value, json};

use super::{Actor, Admin, Call, Page, Person, Reply, Server};

/// Where the application's answers go.
pub(crate) const CALLBACK: &str = "https://app.example/callback";

/// The verifier of every request, and nobody's secret.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// An application that signs people in: a client with a redirect URI.
pub(crate) struct Application {
    server: Server,
    pub(crate) id: String,
    /// None of a public client.
    pub(crate) secret: Option<String>,
}

/// An authorization request, parameter by parameter.
#[derive(Clone)]
pub(crate) struct Asking(Vec<(&'static str, String)>);

impl Application {
    /// A confidential one that may refresh.
    pub(crate) async fn new(server: &Server, ada: &Admin, name: &str) -> Self {
        Self::registered(server, ada, json!({ "name": name })).await
    }

    /// One with further members in its registration.
    pub(crate) async fn registered(server: &Server, ada: &Admin, members: Value) -> Self {
        let mut body = json!({
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "post_logout_redirect_uris": ["https://app.example/bye"],
        });
        body.as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        let made = ada.post("/admin/clients", &body).await;
        made.assert_status(201);
        Self {
            server: server.clone(),
            id: made.text("client_id").to_owned(),
            secret: made.json["client_secret"].as_str().map(str::to_owned),
        }
    }

    /// The same application with another secret, or with none.
    pub(crate) fn with_secret(self, secret: Option<&str>) -> Self {
        Self {
            secret: secret.map(str::to_owned),
            ..self
        }
    }

    /// The same application, calling another node.
    pub(crate) fn on(self, node: &Server) -> Self {
        Self {
            server: node.clone(),
            ..self
        }
    }

    /// The usual request: who are you, with PKCE.
    pub(crate) fn asks(&self) -> Asking {
        let challenge = URL_SAFE_NO_PAD.encode_to_string(digest(&SHA256, VERIFIER.as_bytes()));
        Asking(Vec::new())
            .with("response_type", "code")
            .with("client_id", &self.id)
            .with("redirect_uri", CALLBACK)
            .with("scope", "openid profile")
            .with("state", "a state")
            .with("nonce", "a nonce")
            .with("code_challenge", &challenge)
            .with("code_challenge_method", "S256")
    }

    /// Has somebody who is signed in allow what it asks for, and returns the answer's parameters.
    pub(crate) async fn allowed_by(&self, person: &Person, asking: &Asking) -> Answered {
        let page = person.open(&asking.path()).await;
        page.assert_status(303);
        if page.location().starts_with("https://") {
            return Answered::of(&page);
        }
        let question = person.open(page.location()).await;
        question.assert_status(200);
        let ceremony = question.value_of("ceremony").unwrap().to_owned();
        let answer = person
            .send("/consent", &[("ceremony", &ceremony), ("decision", "allow")])
            .await;
        Answered::of(&answer)
    }

    /// A code that somebody who is signed in lets it have.
    pub(crate) async fn code_from(&self, person: &Person) -> String {
        self.allowed_by(person, &self.asks()).await.one("code")
    }

    /// The tokens of somebody who is signed in.
    pub(crate) async fn tokens_of(&self, person: &Person) -> Reply {
        let code = self.code_from(person).await;
        let reply = self.redeem(&code).await;
        reply.assert_status(200);
        reply
    }

    /// Redeems a code.
    pub(crate) async fn redeem(&self, code: &str) -> Reply {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ])
        .await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Reply {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)])
            .await
    }

    /// A form to the token endpoint, with id and secret beside it.
    pub(crate) async fn token(&self, fields: &[(&str, &str)]) -> Reply {
        self.form("/oauth/token", fields).await
    }

    /// A form with id and secret beside it.
    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields).append_pair("client_id", &self.id);
        if let Some(secret) = &self.secret {
            body.append_pair("client_secret", secret);
        }
        let body = body.finish();
        self.call(Method::POST, path)
            .raw("application/x-www-form-urlencoded", body)
            .await
    }

    /// A request for what the userinfo endpoint tells.
    pub(crate) async fn userinfo(&self, access: &str) -> Reply {
        self.call(Method::GET, "/oauth/userinfo").bearer(access).await
    }

    pub(crate) async fn introspect(&self, token: &str) -> Reply {
        self.form("/oauth/introspect", &[("token", token)]).await
    }
}

impl Actor for Application {
    fn call(&self, method: Method, path: &str) -> Call {
        Call::new(self.server.clone(), method, path)
    }
}

impl Asking {
    /// With a parameter set, or set anew.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value.to_owned()));
        self
    }

    /// With one value more of a parameter.
    pub(crate) fn and(mut self, name: &'static str, value: &str) -> Self {
        self.0.push((name, value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| *known != name);
        self
    }

    /// The value of a parameter.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.iter();
        pairs
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The same in the reverse order.
    pub(crate) fn reversed(mut self) -> Self {
        self.0.reverse();
        self
    }

    pub(crate) fn path(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.0);
        format!("/oauth/authorize?{}", query.finish())
    }

    pub(crate) fn pairs(&self) -> Vec<(&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect()
    }
}

/// What came back to the application.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) to: String,
    pairs: Vec<(String, String)>,
}

impl Answered {
    #[track_caller]
    pub(crate) fn of(page: &Page) -> Self {
        assert_eq!(page.status, 303, "{page:?}");
        let (to, query) = page.location().split_once('?').unwrap();
        Self {
            to: to.to_owned(),
            pairs: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        }
    }

    #[track_caller]
    pub(crate) fn one(&self, name: &str) -> String {
        let mut values = self.pairs.iter().filter(|(known, _)| known == name);
        let value = values.next().unwrap_or_else(|| panic!("no {name}: {self:?}"));
        assert!(values.next().is_none(), "{name} is there twice: {self:?}");
        value.1.clone()
    }

    /// That the client is told of an error, at its own address, with its state and by whom.
    #[track_caller]
    pub(crate) fn assert_refused(&self, error: &str) {
        assert_eq!(self.to, CALLBACK, "{self:?}");
        assert_eq!(self.one("error"), error, "{self:?}");
        assert_eq!(self.one("state"), "a state");
        assert_eq!(self.one("iss"), "http://localhost:5000");
        assert!(!self.pairs.iter().any(|(name, _)| name == "code"), "{self:?}");
    }
}
