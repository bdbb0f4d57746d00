use std::ops::Deref;

use http::Method;
use serde_json::json;

use super::{Actor, Call, Reply, SignedIn};

/// An administrator who has signed in.
pub(crate) struct Admin(SignedIn);

impl Admin {
    pub(super) const fn new(user: SignedIn) -> Self {
        Self(user)
    }

    /// The same administrator, signed in this moment.
    pub(crate) async fn signed_in_again(&self) -> Self {
        Self(self.another_session().await)
    }

    /// Asks for a token on somebody's behalf.
    pub(crate) async fn token_for(&self, username: &str) -> Reply {
        self.post("/set-jwt", &json!({ "username": username })).await
    }
}

impl Deref for Admin {
    type Target = SignedIn;

    fn deref(&self) -> &SignedIn {
        &self.0
    }
}

impl Actor for Admin {
    fn call(&self, method: Method, path: &str) -> Call {
        self.0.call(method, path)
    }
}
