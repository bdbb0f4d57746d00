//! Everything that is kept about a user, for the user.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{OwnError, owner, seen::OwnSession};
use crate::{
    model::{
        audit::{Actor, Recorded},
        email::EmailAddress,
        locale::Locale,
        role::Role,
        session::{EndReason, Session},
        user::{Account, User},
    },
    service::{Failure, Service, caller::Caller, grants::consent::Application},
};

/// How many events are read at once.
const PAGE: u32 = 1000;

/// Everything that is kept about a user. Secrets and hashes are left out, and what identifies somebody else; times are
/// in UTC (RFC 3339).
#[derive(Debug, Serialize)]
pub struct OwnData {
    pub id: String,
    pub username: String,
    pub email: Option<String>,
    pub locale: Option<&'static str>,
    pub roles: Vec<String>,
    pub claims: Map<String, Value>,
    pub created_at: String,
    /// The scheme and cost of the password's hash; none without a password.
    pub password_scheme: Option<String>,
    /// Until when a code from an administrator may set a new password.
    pub reset_code_until: Option<String>,
    pub sessions: Vec<SessionData>,
    /// What applications were allowed.
    pub applications: Vec<ApplicationData>,
    pub events: Vec<EventData>,
}

/// A session, as long as it is kept.
#[derive(Debug, Serialize)]
pub struct SessionData {
    pub id: String,
    /// None where an administrator opened it: the device is theirs.
    pub device: Option<String>,
    /// The address it was opened from, as long as its event is kept.
    pub address: Option<String>,
    pub created_at: String,
    pub authenticated_at: String,
    pub last_seen_at: String,
    pub expires_at: String,
    pub ends_at: String,
    pub ended_at: Option<String>,
    pub end_reason: Option<&'static str>,
    /// Whether an administrator opened it on the user's behalf.
    pub on_behalf: bool,
}

/// An application that the user lets do something.
#[derive(Debug, Serialize)]
pub struct ApplicationData {
    pub id: String,
    pub name: String,
    pub scopes: Vec<String>,
    pub since: String,
    /// When its live grants were given.
    pub grants: Vec<String>,
}

/// An event about the user.
#[derive(Debug, Serialize)]
pub struct EventData {
    pub number: i64,
    pub at: String,
    pub action: String,
    pub session: Option<String>,
    /// The kind of whoever did it, where that was not the user: `administrator`, `client` or `command-line`.
    pub actor: Option<&'static str>,
    pub detail: Map<String, Value>,
    /// The device and address of whoever did it, where that was the user.
    pub personal: Option<Map<String, Value>>,
}

impl Service {
    /// Everything that is kept about the user.
    ///
    /// # Errors
    ///
    /// [`OwnError::OnBehalf`], [`OwnError::UserGone`].
    pub async fn own_data(&self, caller: &Caller) -> Result<OwnData, OwnError> {
        let id = owner(caller)?;
        let account = self.store.account(id).await.map_err(Failure::from)?;
        let account = account.ok_or(OwnError::UserGone)?;
        let sessions = self.opened_sessions(id, u32::MAX).await?;
        let mut events: Vec<EventData> = Vec::new();
        loop {
            let before = events.last().map(|event| event.number);
            let page = self.events_about(id, before, PAGE).await?;
            if page.is_empty() {
                break;
            }
            events.extend(page.iter().map(EventData::of));
        }
        let applications = self.applications(id).await?;
        Ok(OwnData {
            applications: applications.iter().map(ApplicationData::of).collect(),
            ..OwnData::of(&account, &sessions, events)
        })
    }
}

impl OwnData {
    fn of(account: &Account, sessions: &[OwnSession], events: Vec<EventData>) -> Self {
        let user: &User = &account.user;
        Self {
            id: user.id.to_string(),
            username: user.username.to_string(),
            email: user.email.as_ref().map(EmailAddress::as_str).map(str::to_owned),
            locale: user.locale.map(Locale::tag),
            roles: user.roles.iter().map(Role::to_string).collect(),
            claims: user.claims.members().clone(),
            created_at: user.created_at.to_string(),
            password_scheme: account.password_hash.as_ref().map(|_| account.scheme.clone()),
            reset_code_until: account.reset_code.as_ref().map(|code| code.until.to_string()),
            sessions: sessions.iter().map(SessionData::of).collect(),
            applications: Vec::new(),
            events,
        }
    }
}

impl SessionData {
    fn of(own: &OwnSession) -> Self {
        let session = &own.session;
        let personal = own.opened.as_ref().and_then(personal);
        let address = personal.and_then(|personal| Some(personal.get("address")?.as_str()?.to_owned()));
        Self {
            id: session.id.to_string(),
            device: session
                .actor
                .is_none()
                .then(|| session.device.as_str().to_owned()),
            address,
            created_at: session.created_at.to_string(),
            authenticated_at: session.authenticated_at.to_string(),
            last_seen_at: session.last_seen_at.to_string(),
            expires_at: session.expires_at.to_string(),
            ends_at: session.ends_at.to_string(),
            ended_at: session.ended_at.map(|at| at.to_string()),
            end_reason: session.ended.map(EndReason::as_str),
            on_behalf: session.actor.is_some(),
        }
    }
}

impl ApplicationData {
    fn of(application: &Application) -> Self {
        let granted = |grant: &Session| grant.created_at.to_string();
        Self {
            id: application.client.id.to_string(),
            name: application.client.name.as_str().to_owned(),
            scopes: application.scopes.iter().map(ToString::to_string).collect(),
            since: application.since.to_string(),
            grants: application.grants.iter().map(granted).collect(),
        }
    }
}

impl EventData {
    fn of(event: &Recorded) -> Self {
        Self {
            number: event.number,
            at: event.at.to_string(),
            action: event.action.clone(),
            session: event.session.map(|id| id.to_string()),
            actor: event.actor.as_deref().map(kind_of),
            detail: object(&event.detail).unwrap_or_default(),
            personal: personal(event),
        }
    }
}

fn kind_of(actor: &str) -> &'static str {
    match actor.parse() {
        Ok(Actor::Client(_)) => "client",
        Ok(Actor::CommandLine) => "command-line",
        Ok(Actor::User(_)) | Err(_) => "administrator",
    }
}

fn personal(event: &Recorded) -> Option<Map<String, Value>> {
    let (_, fields) = event.personal.as_ref()?;
    object(fields)
}

fn object(text: &str) -> Option<Map<String, Value>> {
    jeton::json::from_str(text).ok()
}
