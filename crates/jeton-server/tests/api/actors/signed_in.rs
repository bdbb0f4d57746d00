use http::Method;
use serde_json::Value;

use super::{Actor, Call, Reply, Server};

/// A user in one of their sessions, who sends the access token as a bearer token.
#[derive(Clone)]
pub(crate) struct SignedIn {
    server: Server,
    pub(crate) id: String,
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl SignedIn {
    pub(super) fn new(server: Server, username: &str, password: &str, tokens: &Reply) -> Self {
        Self {
            server,
            id: tokens.text("user_id").to_owned(),
            username: username.to_owned(),
            password: password.to_owned(),
            access: tokens.text("access_token").to_owned(),
            refresh: tokens.text("refresh_token").to_owned(),
        }
    }

    /// The same user in a session of its own.
    pub(crate) async fn another_session(&self) -> Self {
        self.server
            .visitor()
            .sign_in(&self.username, &self.password)
            .await
    }

    /// Exchanges the refresh token, and keeps what came back.
    pub(crate) async fn renew(&mut self) -> Reply {
        let reply = self.server.visitor().refresh(&self.refresh).await;
        reply.assert_status(200);
        *self = Self::new(self.server.clone(), &self.username, &self.password, &reply);
        reply
    }

    /// The session's id.
    pub(crate) fn session(&self) -> String {
        claims_of(&self.access)["sid"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn assert_is_in(&self) {
        let reply = self.get("/protected").await;
        reply.assert(
            200,
            &serde_json::json!({ "id": self.id, "username": self.username }),
        );
    }

    /// The access token is revoked, and the refresh token's session has ended.
    pub(crate) async fn assert_is_out(&self) {
        self.get("/protected")
            .await
            .assert_error(401, "token_revoked", "Token has been revoked");
        let reply = self.server.visitor().refresh(&self.refresh).await;
        reply.assert_error(401, "token_revoked", "Token has been revoked");
    }
}

impl Actor for SignedIn {
    fn call(&self, method: Method, path: &str) -> Call {
        Call::new(self.server.clone(), method, path).bearer(&self.access)
    }
}

/// The claims of a token, unverified: what any client can read.
pub(crate) fn claims_of(token: &str) -> Value {
    part(token, 1)
}

/// The header of a token.
pub(crate) fn header_of(token: &str) -> Value {
    part(token, 0)
}

fn part(token: &str, index: usize) -> Value {
    let text = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text).unwrap()).unwrap()
}
