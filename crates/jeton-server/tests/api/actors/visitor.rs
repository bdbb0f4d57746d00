use http::Method;
use serde_json::json;

use super::{Actor, Call, Reply, Server, SignedIn};

/// Somebody who brings nothing.
#[derive(Clone)]
pub(crate) struct Visitor(Server);

impl Visitor {
    pub(super) const fn new(server: Server) -> Self {
        Self(server)
    }

    pub(crate) async fn register(&self, username: &str, password: &str) -> Reply {
        self.post(
            "/register",
            &json!({ "username": username, "password": password }),
        )
        .await
    }

    pub(crate) fn login(&self, username: &str, password: &str) -> Call {
        self.post("/login", &json!({ "username": username, "password": password }))
    }

    /// Signs in with success.
    pub(crate) async fn sign_in(&self, username: &str, password: &str) -> SignedIn {
        let reply = self.login(username, password).await;
        reply.assert_status(200);
        SignedIn::new(self.0.clone(), username, password, &reply)
    }

    /// A request with this token and nothing else.
    pub(crate) fn get_with(&self, path: &str, token: &str) -> Call {
        self.get(path).bearer(token)
    }

    /// Exchanges a refresh token.
    pub(crate) async fn refresh(&self, token: &str) -> Reply {
        self.call(Method::POST, "/refresh").bearer(token).await
    }
}

impl Actor for Visitor {
    fn call(&self, method: Method, path: &str) -> Call {
        Call::new(self.0.clone(), method, path)
    }
}
