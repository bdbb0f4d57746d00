use crate::{
    http::{ApiError, App},
    model::{
        client::{Client, ClientSecret},
        id::ClientId,
        scope::{self, Scope},
    },
    pages::texts::{Text, Texts},
    service::{accounts::admin::Administrator, clients::administration::ClientActError},
};

/// A secret with the id that it belongs to, as they are shown this once.
pub(super) struct ShownSecret {
    pub(super) id: String,
    pub(super) secret: String,
}

impl ShownSecret {
    pub(super) fn new(client: &Client, secret: &ClientSecret) -> Self {
        Self {
            id: client.id.to_string(),
            secret: secret.expose().to_owned(),
        }
    }
}

/// The client that a path names.
pub(super) async fn find(app: &App, by: &Administrator, id: &str) -> Result<Client, ApiError> {
    let id: ClientId = id.parse().map_err(|_| ClientActError::NotFound)?;
    Ok(app.service.clients(by).find(id).await?)
}

/// Reads the names of scopes, separated by spaces; or says what is wrong with them.
pub(super) fn scopes<'t>(text: &str, texts: &'t Texts) -> Result<Vec<Scope>, &'t Text> {
    let scopes: Result<Vec<Scope>, _> = text.split_whitespace().map(str::parse).collect();
    let scopes = scopes.map_err(|_| &texts.console.clients.wrong_scope)?;
    scope::fit(scopes).map_err(|_| &texts.console.clients.too_many_scopes)
}
