//! The audit trail: what happened, to whom and through whom.
//!
//! An [`Event`] is written in the transaction of its cause. Fields that identify a person beyond their id are kept
//! apart, salted and hashed into the event, so that they can be erased and the chain over the events stays valid.

use std::{fmt, str::FromStr};

use aws_lc_rs::digest::{Context, SHA256, digest};
use serde_json::{Map, Value};

use super::{
    id::{ClientId, SessionId, UserId},
    time::Timestamp,
};

mod proof;
mod seal;

pub use proof::{Entry, Proof, TrailKey, Writer};
pub use seal::{Base, Head, HeadError, Seal};

use proof::{Facts, write_part};

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// Kinds of events in the audit trail.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[$doc])* $variant,)+
        }

        impl Action {
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// The name an action is stored under.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

actions! {
    /// Somebody made an account for themselves.
    Registered = "user.registered",
    /// The first administrator was made with the link of the start.
    SetUp = "user.set_up",
    /// An administrator made an account.
    UserCreated = "user.created",
    /// An account came from another system's table.
    UserImported = "user.imported",
    /// Roles, claims or the e-mail address changed.
    UserChanged = "user.changed",
    /// Its owner set or removed the e-mail address.
    EmailChanged = "user.email_changed",
    /// Its owner chose another name.
    UsernameChanged = "user.renamed",
    /// Its owner chose another language.
    LocaleChanged = "user.locale_changed",
    UserDisabled = "user.disabled",
    UserEnabled = "user.enabled",
    UserDeleted = "user.deleted",
    /// Failures to sign in were forgiven.
    UserUnlocked = "user.unlocked",
    PasswordChanged = "password.changed",
    /// An administrator made a code that sets a new password.
    PasswordResetIssued = "password.reset_issued",
    /// A new password was set with such a code.
    PasswordReset = "password.reset",
    /// The hash of a password was made anew; the password is the same.
    PasswordRehashed = "password.rehashed",
    SignedIn = "login.succeeded",
    SignInFailed = "login.failed",
    /// The password was given again in a session, for what asks for a recent sign-in.
    SignedInAgain = "login.again",
    /// The bearer of a good token asked for more than they may do.
    AccessRefused = "access.refused",
    /// An administrator made a token on a user's behalf.
    ActedFor = "login.on_behalf",
    Refreshed = "session.refreshed",
    /// A refresh token was presented again within the grace time and got the same successor.
    Replayed = "session.replayed",
    /// A superseded refresh token was presented: its session ended.
    Reused = "session.reused",
    /// A refresh token newer than its row was presented: its session ended.
    AheadOfRow = "session.ahead_of_row",
    SessionsEnded = "session.ended",
    /// A user allowed a client what it asked for.
    Consented = "consent.given",
    /// What a user had allowed a client was taken back.
    ConsentWithdrawn = "consent.withdrawn",
    /// A client redeemed an authorization code: a grant began.
    Granted = "grant.opened",
    TokenRevoked = "token.revoked",
    ClientCreated = "service_account.created",
    ClientChanged = "service_account.changed",
    ClientDeleted = "service_account.deleted",
    /// A client got an access token.
    ClientToken = "service_account.token",
    KeyMade = "key.made",
    /// A key was published that succeeds the signing key.
    KeyRotated = "key.rotated",
    /// A key made elsewhere was published, to succeed the signing key.
    KeyImported = "key.imported",
    /// Tokens of a key are not accepted any more, or a key was given up before it signed.
    KeyRetired = "key.retired",
    /// The keys were sealed under another master key.
    KeysResealed = "key.resealed",
    /// The database came from a back-up: everything issued before was revoked.
    Restored = "database.restored",
    /// Proofs began: events up to the number it names carry none.
    ProofsBegan = "audit.proofs_began",
    /// The trail was not as a process had seen it before.
    TrailAlarm = "audit.alarm",
}

impl FromStr for Action {
    type Err = UnknownAction;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|action| action.as_str() == name)
            .ok_or(UnknownAction)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("no such action")]
pub struct UnknownAction;

/// Actors other than the user themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// An administrator.
    User(UserId),
    /// A program.
    Client(ClientId),
    /// The command line, which is for people who have the machine.
    CommandLine,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Client(id) => write!(f, "service:{id}"),
            Self::CommandLine => f.write_str("command-line"),
        }
    }
}

impl FromStr for Actor {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "command-line" => Ok(Self::CommandLine),
            Some(("service", id)) => id.parse().map(Self::Client),
            Some((_, id)) => id.parse().map(Self::User),
            None => text.parse().map(Self::User),
        }
    }
}

/// An event before it is numbered and stored.
#[derive(Clone, Debug)]
pub struct Event {
    pub at: Timestamp,
    pub action: Action,
    pub user: Option<UserId>,
    pub session: Option<SessionId>,
    pub by: Option<Actor>,
    /// Further facts, by name: nothing that identifies a person, and nothing secret.
    pub detail: Map<String, Value>,
    pub personal: Option<Personal>,
}

impl Event {
    #[must_use]
    pub fn new(action: Action, at: Timestamp) -> Self {
        Self {
            at,
            action,
            user: None,
            session: None,
            by: None,
            detail: Map::new(),
            personal: None,
        }
    }

    #[must_use]
    pub fn user(self, user: UserId) -> Self {
        Self {
            user: Some(user),
            ..self
        }
    }

    #[must_use]
    pub fn session(self, session: SessionId) -> Self {
        Self {
            session: Some(session),
            ..self
        }
    }

    #[must_use]
    pub fn by(self, actor: Option<Actor>) -> Self {
        Self { by: actor, ..self }
    }

    #[must_use]
    pub fn detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(name.to_owned(), value.into());
        self
    }

    #[must_use]
    pub fn personal(self, personal: Personal) -> Self {
        Self {
            personal: Some(personal),
            ..self
        }
    }

    /// Users that the event may identify: the one it is about, and the one who acted.
    fn people(&self) -> impl Iterator<Item = UserId> {
        let actor = self.by.and_then(|actor| match actor {
            Actor::User(id) => Some(id),
            Actor::Client(_) | Actor::CommandLine => None,
        });
        self.user.into_iter().chain(actor)
    }
}

/// Fields that identify a person, kept beside the event so that they can be erased with the person.
#[derive(Clone)]
pub struct Personal {
    salt: [u8; 16],
    fields: Map<String, Value>,
}

impl Personal {
    /// Begins an empty set of fields. The salt is random: without it nobody can guess the fields from their hash.
    #[must_use]
    pub fn new(salt: [u8; 16]) -> Self {
        Self {
            salt,
            fields: Map::new(),
        }
    }

    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    #[must_use]
    pub const fn salt(&self) -> &[u8; 16] {
        &self.salt
    }

    /// The fields as one JSON object.
    #[must_use]
    pub fn fields(&self) -> String {
        Value::Object(self.fields.clone()).to_string()
    }

    /// The hash by which the event commits to these fields. It stays when the fields are erased.
    #[must_use]
    pub fn commitment(&self) -> [u8; 32] {
        commitment(&self.salt, &self.fields())
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Personal(..)")
    }
}

/// The salted hash of personal fields, given as the text they are stored as.
#[must_use]
pub fn commitment(salt: &[u8; 16], fields: &str) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    context.update(salt);
    context.update(fields.as_bytes());
    bytes(context.finish().as_ref())
}

/// An event as the trail holds it, each field as the text or bytes that were stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    pub number: i64,
    pub at: Timestamp,
    pub action: String,
    pub user: Option<UserId>,
    pub session: Option<SessionId>,
    pub actor: Option<String>,
    /// Further facts, as the text of one JSON object.
    pub detail: String,
    pub commitment: Option<[u8; 32]>,
    /// The salt and the fields, unless they were erased or there were none.
    pub personal: Option<([u8; 16], String)>,
    /// None in events of a version that wrote no proofs.
    pub proof: Option<Proof>,
}

impl Recorded {
    /// The hash of the event that its seal covers. The personal fields are left out, for which their commitment stands,
    /// and the proof, which covers the rest by itself.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut text = Vec::with_capacity(160);
        write_part(&mut text, Some(&self.number.to_be_bytes()));
        self.facts().write(&mut text);
        bytes(digest(&SHA256, &text).as_ref())
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            at: self.at,
            action: &self.action,
            user: self.user.as_ref(),
            session: self.session.as_ref(),
            actor: self.actor.as_deref(),
            detail: &self.detail,
            commitment: self.commitment.as_ref(),
        }
    }

    /// The user who acted, where that is another than the one the event is about.
    #[must_use]
    pub fn acting_user(&self) -> Option<UserId> {
        match self.actor.as_deref()?.parse() {
            Ok(Actor::User(id)) => Some(id),
            _ => None,
        }
    }
}

fn bytes(hash: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(hash);
    bytes
}

#[cfg(test)]
mod tests;
