//! The outbox: what is sent to the outside. Each message was written in the transaction of its cause, and is sent by
//! whichever node takes it, again and again for a day.

use serde_json::{Map, Value, json};

use crate::{
    model::{
        id::MessageId,
        message::{Kind, Logout, Message},
        time::Timestamp,
    },
    outbound::Outbound,
    service::{
        Failure, Service,
        accounts::admin::{Administrator, RecentAdministrator},
        keys::IdTokenError,
        machinery::id_tokens::Statement,
    },
    store::StoreError,
};

mod sender;

pub use sender::Sender;

/// How many messages are shown.
const SHOWN: u32 = 200;

/// How long a receiver may take a logout token for new (OpenID Connect Back-Channel Logout §2.4).
const LOGOUT_TOKEN_LIFETIME: i64 = 120;

const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Why a message was not delivered.
#[derive(Debug)]
enum Undelivered {
    /// The recipient said no, or it cannot be sent yet.
    Refused(String),
    /// Nobody answers there: other messages to the same recipient fare no better.
    Away(String),
    /// It never can be.
    Hopeless(&'static str),
}

impl Service {
    /// Messages of late, the newest first: those that wait, were sent, or were given up.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database fails.
    pub async fn messages(&self, _admin: &Administrator) -> Result<Vec<Message>, Failure> {
        Ok(self.store.messages(SHOWN).await?)
    }

    /// Has a message sent now, whenever it is due. Whether there is one that was not sent yet.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database fails.
    pub async fn send_now(&self, _admin: &RecentAdministrator, id: MessageId) -> Result<bool, Failure> {
        let found = self.store.hasten(id, self.now()).await?;
        self.revocations.look_into_outbox();
        Ok(found)
    }

    async fn deliver(&self, message: &Message) -> Result<(), Undelivered> {
        match message.kind {
            Kind::Logout => self.tell_of_sign_out(message).await,
        }
    }

    async fn tell_of_sign_out(&self, message: &Message) -> Result<(), Undelivered> {
        let logout: Logout = jeton::json::from_slice(&message.content)
            .map_err(|_| Undelivered::Hopeless("the message cannot be read"))?;
        let client = self.store.client(logout.client).await?;
        let client = client.ok_or(Undelivered::Hopeless("the client was deleted"))?;
        let (alg, name) = (client.registration.id_token_alg, logout.client.to_string());
        let now = self.clock.now();
        let claims = claims_of(message, &logout, now.into());
        let token = self
            .sign_statement(alg, Statement::LogoutToken, &name, claims, now)
            .await?;
        post(&self.outbound, &message.recipient, &[("logout_token", &token)]).await
    }
}

fn claims_of(message: &Message, logout: &Logout, now: Timestamp) -> Map<String, Value> {
    let claims = [
        ("sub", json!(logout.user.to_string())),
        ("sid", json!(logout.grant.to_string())),
        ("jti", json!(message.id.to_string())),
        ("exp", json!(now.seconds() + LOGOUT_TOKEN_LIFETIME)),
        ("events", json!({ LOGOUT_EVENT: {} })),
    ];
    claims
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

async fn post(outbound: &Outbound, url: &str, form: &[(&str, &str)]) -> Result<(), Undelivered> {
    match outbound.post_form(url, form).await {
        Ok(200 | 204) => Ok(()),
        Ok(status) => Err(Undelivered::Refused(format!("answered with status {status}"))),
        Err(error) => Err(Undelivered::Away(error.to_string())),
    }
}

impl From<StoreError> for Undelivered {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<IdTokenError> for Undelivered {
    fn from(error: IdTokenError) -> Self {
        Self::Refused(error.to_string())
    }
}
