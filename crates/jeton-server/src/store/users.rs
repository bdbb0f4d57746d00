use async_trait::async_trait;
use serde_json::Value;

use super::{Ending, Opened, Opening, StoreError, Which, acting::Lapse};
use crate::model::{
    audit::{Action, Actor, Event},
    digest::SecretDigest,
    id::{CeremonyId, UserId},
    reset_code::StoredCode,
    revocation::Revocation,
    role::Role,
    session::EndReason,
    time::Timestamp,
    user::{
        Account, PasswordHash, User,
        changes::{Changes, Effect},
    },
    username::UsernameKey,
};

/// The accounts of users.
#[async_trait]
pub trait Users: Send + Sync + std::fmt::Debug {
    async fn create_user(&self, account: &Account, event: &Event) -> Result<CreateUser, StoreError>;

    /// Makes the first administrator and opens a session for them, if the ceremony is open and there is no administrator,
    /// enabled or disabled.
    async fn set_up(&self, setup: &SetUp) -> Result<SetUpOutcome, StoreError>;

    /// How many enabled administrators there are, counted up to a limit.
    async fn enabled_administrators(&self, limit: u32) -> Result<u64, StoreError>;

    /// Whether there is an administrator, enabled or disabled.
    async fn has_administrator(&self) -> Result<bool, StoreError>;

    /// Writes imported accounts, and returns the outcome for each in turn. Repeated, it changes nothing.
    async fn import_accounts(&self, accounts: Vec<(Account, Event)>) -> Result<Vec<Import>, StoreError>;

    /// Returns the outcome that importing each account would have, and writes nothing.
    async fn try_import(&self, accounts: &[Account]) -> Result<Vec<Import>, StoreError>;

    async fn account_by_name(&self, name: &UsernameKey) -> Result<Option<Account>, StoreError>;

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// Users as the query asks, in the order of their ids unless it says otherwise.
    async fn users(&self, query: &UserQuery) -> Result<Vec<User>, StoreError>;

    /// Changes a user. If they may do less afterwards, their access tokens are revoked; a disabled user keeps no
    /// session. The end of an administrator's role ends the sessions they opened for others; its beginning ends those
    /// that others opened for them.
    async fn change_user(&self, act: &AdminAction, changes: &Changes) -> Result<Acted<User>, StoreError>;

    /// Ends a user's sessions, and erases the user and their personal fields in the audit trail.
    async fn delete_user(&self, act: &AdminAction) -> Result<Acted<()>, StoreError>;

    /// Stores a code that may set a new password, in place of any before it. With `force`, the present password is
    /// removed and every session ends. No administrator makes a code for another.
    async fn issue_reset_code(
        &self,
        act: &AdminAction,
        code: &StoredCode,
        force: bool,
    ) -> Result<Acted<()>, StoreError>;

    /// Sets a new password if the account is still what its proof was checked against, ends every session, and opens
    /// one for the user. A reset code is used up. `None` when the account has changed.
    async fn set_password(&self, setting: &SetPassword) -> Result<Option<PasswordSet>, StoreError>;

    /// Replaces the hash of a password that stays the same, unless the stored hash is no longer the old one; returns
    /// whether it did.
    async fn rehash(
        &self,
        user: UserId,
        old: &PasswordHash,
        new: &PasswordHash,
        scheme: &str,
        event: &Event,
    ) -> Result<bool, StoreError>;

    /// The schemes of the stored hashes, in order: a few look-ups, however many users there are.
    async fn password_scheme_names(&self) -> Result<Vec<String>, StoreError>;

    /// The schemes of the stored hashes, with the number of hashes of each.
    async fn password_schemes(&self) -> Result<Vec<(String, u64)>, StoreError>;
}

/// The outcome of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateUser {
    Created,
    /// The name, or one that looks like it, belongs to somebody.
    UsernameTaken,
}

/// A first administrator about to be made.
#[derive(Clone, Debug)]
pub struct SetUp {
    pub ceremony: CeremonyId,
    pub account: Account,
    pub event: Event,
    pub opens: Opening,
}

#[derive(Debug)]
pub enum SetUpOutcome {
    Done(Box<Opened>),
    AdministratorExists,
    /// The ceremony was used, or is not there any more.
    CeremonyOver,
    /// The name, or one that looks like it, belongs to somebody.
    UsernameTaken,
}

/// The outcome of importing an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Import {
    Created,
    /// An account of this name is there, with this id or with this very hash.
    AlreadyThere,
    /// The name, or one that looks like it, belongs to somebody else.
    UsernameTaken,
    /// The id belongs to somebody else.
    IdTaken,
}

/// A query for users: those that match all that is given.
#[derive(Clone, Debug, Default)]
pub struct UserQuery {
    /// A part of the name or the e-mail address, whatever its case.
    pub search: Option<String>,
    /// The beginning of the name or the e-mail address, whatever its case. Those found by their name come first, in the
    /// order of names, then the others in that of addresses: an index leads to each.
    pub begins_with: Option<String>,
    pub role: Option<Role>,
    pub disabled: Option<bool>,
    /// The last user of the page before.
    pub after: Option<UserId>,
    pub limit: u32,
}

/// An action of an administrator, or of the command line, on a user.
#[derive(Clone, Copy, Debug)]
pub struct AdminAction {
    pub user: UserId,
    pub by: Actor,
    pub now: Timestamp,
    /// Whether the act may take away even the last enabled administrator.
    pub may_take_last_admin: bool,
}

impl AdminAction {
    /// The end of all acting on behalf by the user and for them, when they become an administrator or cease to be one.
    pub(super) const fn lapse(&self) -> Lapse {
        Lapse {
            user: self.user,
            by: Some(self.by),
            now: self.now,
        }
    }

    /// Whether the actor may set this user's password: an administrator's access comes from their own sign-in, or from
    /// the command line.
    pub(super) fn may_reset(&self, user: &User) -> bool {
        !user.is_admin() || !matches!(self.by, Actor::User(_))
    }

    /// The end of every session that comes with the act.
    #[must_use]
    pub const fn ends_all(&self, reason: EndReason) -> Ending {
        Ending {
            user: self.user,
            which: Which::All,
            reason,
            by: Some(self.by),
            now: self.now,
        }
    }

    /// The event of the act.
    #[must_use]
    pub fn event(&self, action: Action) -> Event {
        Event::new(action, self.now).user(self.user).by(Some(self.by))
    }

    /// The events of a change that left the user as given.
    pub fn events(&self, effect: &Effect, user: &User) -> impl Iterator<Item = Event> {
        let switched = effect.disabled.map(|disabled| {
            self.event(if disabled {
                Action::UserDisabled
            } else {
                Action::UserEnabled
            })
        });
        let changed = effect.changes_the_record().then(|| {
            let event = self
                .event(Action::UserChanged)
                .detail("roles_added", names(&effect.roles_added))
                .detail("roles_removed", names(&effect.roles_removed))
                .detail("claims", effect.claims)
                .detail("email", effect.email);
            if effect.revokes {
                event.detail("version", user.version.0)
            } else {
                event
            }
        });
        changed.into_iter().chain(switched)
    }
}

fn names(roles: &[Role]) -> Value {
    roles.iter().map(Role::as_str).collect()
}

/// The outcome of an act.
#[derive(Debug)]
pub enum Acted<T> {
    /// Done; these entries revoke what was issued to the user.
    Done(T, Vec<Revocation>),
    NotFound,
    /// Not done: no administrator would be left.
    LastAdmin,
    /// Not done: administrators may not do this to each other.
    TargetIsAdmin,
}

/// A new password, and the proof that must still hold when it is set.
#[derive(Clone, Debug)]
pub struct SetPassword {
    pub user: UserId,
    pub hash: PasswordHash,
    pub scheme: String,
    pub proof: PasswordProof,
    /// The reason for which the sessions end.
    pub reason: EndReason,
    pub event: Event,
    /// The ceremony that this finishes: nothing happens unless it is open.
    pub finishes: Option<CeremonyId>,
    /// The session that opens on the new password.
    pub opens: Option<Opening>,
}

/// A new password that is set.
#[derive(Debug)]
pub struct PasswordSet {
    pub revocations: Vec<Revocation>,
    pub opened: Option<Box<Opened>>,
}

impl SetPassword {
    /// The end of every session that comes with the new password.
    #[must_use]
    pub const fn ending(&self) -> Ending {
        Ending {
            user: self.user,
            which: Which::All,
            reason: self.reason,
            by: self.event.by,
            now: self.event.at,
        }
    }
}

/// The proof on which a password is set.
#[derive(Clone, Debug)]
pub enum PasswordProof {
    /// The present password, by the hash it was checked against.
    Present(PasswordHash),
    /// A reset code whose time is not over.
    Code(SecretDigest),
}
