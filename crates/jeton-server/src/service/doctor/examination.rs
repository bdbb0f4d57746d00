use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use super::Setup;
use crate::{
    model::{
        acceptance::CLOCKS_APART,
        client::registration::{GrantType, Registration},
        key::{Purpose, signer},
    },
    service::{Failure, context::Context},
};

/// Facts of the database and the machine.
#[derive(Clone, Debug)]
pub(super) struct Findings {
    /// How many enabled administrators there are, two standing for more.
    pub(super) administrators: u64,
    /// How long the key has signed that signs access tokens; none where there is none.
    pub(super) key_age: Option<Duration>,
    /// The names of clients that may sign people in without PKCE.
    pub(super) clients_without_pkce: Vec<String>,
    /// The schemes of password hashes that are not this service's own.
    pub(super) old_schemes: Vec<String>,
    pub(super) clock_apart: Duration,
    /// The space left for the database in bytes, where it is a file on this machine.
    pub(super) space_left: Option<u64>,
}

/// How the schemes of this service's own hashes begin, whatever they cost.
const OWN_SCHEME: &str = "$argon2id$";

impl Findings {
    pub(super) async fn gather(setup: &Setup, context: &Context<'_>) -> Result<Self, Failure> {
        let store = context.store;
        let now = context.now();
        let keys = store.keys().await?;
        let key = signer(&keys, Purpose::Access, now);
        let schemes = store.password_scheme_names().await?;
        let clients = store.clients().await?.into_iter();
        let asked = context.clock.now();
        let told = store.database_time().await?;
        Ok(Self {
            administrators: store.enabled_administrators(2).await?,
            key_age: key.map(|key| now.since(key.begins())),
            clients_without_pkce: clients
                .filter(|client| signs_in_without_pkce(&client.registration))
                .map(|client| client.name.as_str().to_owned())
                .collect(),
            old_schemes: schemes
                .into_iter()
                .filter(|scheme| !scheme.starts_with(OWN_SCHEME))
                .collect(),
            clock_apart: apart(asked, context.clock.now(), told),
            space_left: setup.folder.as_deref().and_then(space_left),
        })
    }

    pub(super) fn clock_agrees(&self) -> bool {
        self.clock_apart <= CLOCKS_APART
    }
}

fn signs_in_without_pkce(registration: &Registration) -> bool {
    registration.may_omit_pkce() && registration.allows(GrantType::AuthorizationCode)
}

/// How far a clock is from a time that was told between two of its readings.
fn apart(asked: SystemTime, answered: SystemTime, told: SystemTime) -> Duration {
    let early = asked.duration_since(told).unwrap_or_default();
    let late = told.duration_since(answered).unwrap_or_default();
    early.max(late)
}

fn space_left(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}
