//! Users made through the service's own routes.

use std::{io, net::SocketAddr};

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
        client.post("/register", &credentials(&name)).await?.json()?;
        registered.push(name);
    }
    Ok(registered)
}

/// A session: its tokens.
pub struct Session {
    pub access: String,
    pub refresh: String,
}

impl Session {
    pub fn read(body: &Value) -> io::Result<Self> {
        let text = |name: &str| {
            let text = body[name].as_str();
            text.map(str::to_owned)
                .ok_or_else(|| io::Error::other(format!("the answer has no {name}")))
        };
        Ok(Self {
            access: text("access_token")?,
            refresh: text("refresh_token")?,
        })
    }
}

pub async fn sign_in(client: &mut Client, name: &str) -> io::Result<Session> {
    Session::read(&client.post("/login", &credentials(name)).await?.json()?)
}
