use http::Method;
use serde_json::json;

use super::{Actor, Admin, Call, Reply, Server};

/// A client, and the access token it last got.
pub(crate) struct Program {
    server: Server,
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) access: String,
}

impl Program {
    /// Made by an administrator, with a token for all its scopes.
    pub(crate) async fn new(server: &Server, ada: &Admin, name: &str, scopes: &[&str]) -> Self {
        let made = ada
            .post("/admin/clients", &json!({ "name": name, "scopes": scopes }))
            .await;
        made.assert_status(201);
        let mut program = Self {
            server: server.clone(),
            id: made.text("client_id").to_owned(),
            secret: made.text("client_secret").to_owned(),
            access: String::new(),
        };
        let token = program.ask_for_token().await;
        token.assert_status(200);
        token.text("access_token").clone_into(&mut program.access);
        program
    }

    /// Asks for an access token with id and secret.
    pub(crate) async fn ask_for_token(&self) -> Reply {
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            self.id, self.secret
        );
        form_to(&self.server.visitor(), &form).await
    }
}

impl Actor for Program {
    fn call(&self, method: Method, path: &str) -> Call {
        Call::new(self.server.clone(), method, path).bearer(&self.access)
    }
}

/// A form to the token endpoint.
pub(crate) fn form_to(actor: &impl Actor, form: &str) -> Call {
    actor
        .call(Method::POST, "/oauth/token")
        .raw("application/x-www-form-urlencoded", form)
}
