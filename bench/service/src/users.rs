//! Users made through the service's own routes.

use std::{io, net::SocketAddr};

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};

use crate::client::Client;

pub const PASSWORD: &str = "a passphrase of the bench";

pub fn credentials(name: &str) -> Value {
    json!({"username": name, "password": PASSWORD})
}

pub async fn register(address: SocketAddr, names: impl Iterator<Item = String>) -> io::Result<Vec<String>> {
    let mut client = Client::connect(address).await?;
    let mut registered = Vec::new();
    for name in names {
        client
            .post("/register", &credentials(&name))
            .await?
            .json::<IgnoredAny>()?;
        registered.push(name);
    }
    Ok(registered)
}

/// A session: its tokens.
#[derive(Deserialize)]
pub struct Session {
    #[serde(rename = "access_token")]
    pub access: String,
    #[serde(rename = "refresh_token")]
    pub refresh: String,
    #[serde(rename = "user_id", default)]
    pub user: String,
}

pub async fn sign_in(client: &mut Client, name: &str) -> io::Result<Session> {
    client.post("/login", &credentials(name)).await?.json()
}
