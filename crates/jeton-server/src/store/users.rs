use async_trait::async_trait;
use serde_json::Value;

use super::{Ending, Lapse, Opened, Opening, StoreError, Which};
use crate::model::{
    audit::{Action, Actor, Event},
    digest::SecretDigest,
    id::UserId,
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

/// Who may sign in.
#[async_trait]
pub trait Users: Send + Sync + std::fmt::Debug {
    async fn create_user(&self, account: &Account, event: &Event) -> Result<CreateUser, StoreError>;

    /// Writes accounts from elsewhere, and says of each in turn what became of it. The same again changes nothing.
    async fn import_accounts(&self, accounts: Vec<(Account, Event)>) -> Result<Vec<Import>, StoreError>;

    /// Says what would become of each account, and writes nothing.
    async fn try_import(&self, accounts: &[Account]) -> Result<Vec<Import>, StoreError>;

    async fn account_by_name(&self, name: &UsernameKey) -> Result<Option<Account>, StoreError>;

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// Users in the order of their ids, as the query asks.
    async fn users(&self, query: &UserQuery) -> Result<Vec<User>, StoreError>;

    /// Changes a user. Access tokens that say more than the user may do afterwards are called back; a user who is
    /// disabled has no session left. Whoever is an administrator no longer acts for nobody, and for whoever became one
    /// nobody does.
    async fn change_user(&self, act: &Act, changes: &Changes) -> Result<Acted<User>, StoreError>;

    /// Ends all that a user has, erases them and what the audit trail holds of their person.
    async fn delete_user(&self, act: &Act) -> Result<Acted<()>, StoreError>;

    /// Keeps a code that may set a new password, in the place of any before it. With `force` the present password
    /// is good for nothing from now on, and every session ends. No administrator makes one for another.
    async fn issue_reset_code(
        &self,
        act: &Act,
        code: &StoredCode,
        force: bool,
    ) -> Result<Acted<()>, StoreError>;

    /// Sets a new password if the account is still what its proof was checked against, ends every session, and opens
    /// one for whoever set it. A reset code is used up. `None` when the account is no longer that.
    async fn set_password(&self, setting: &SetPassword) -> Result<Option<PasswordSet>, StoreError>;

    /// Replaces the hash of a password that stays the same, unless the user's hash is no longer the old one; says
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

    /// The schemes of the stored hashes, and how many are of each.
    async fn password_schemes(&self) -> Result<Vec<(String, u64)>, StoreError>;
}

/// What became of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateUser {
    Created,
    /// The name, or one that looks like it, belongs to somebody.
    NameTaken,
}

/// What became of an account from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Import {
    Created,
    /// An account of this name is there, with this id or with this very hash.
    AlreadyThere,
    /// The name, or one that looks like it, belongs to somebody else.
    NameTaken,
    /// The id belongs to somebody else.
    IdTaken,
}

/// Which users to list.
#[derive(Clone, Debug, Default)]
pub struct UserQuery {
    /// A part of the name or the e-mail address, whatever its case.
    pub search: Option<String>,
    pub role: Option<Role>,
    pub disabled: Option<bool>,
    /// Where the last page ended.
    pub after: Option<UserId>,
    pub limit: u32,
}

/// Something done to a user by somebody else.
#[derive(Clone, Copy, Debug)]
pub struct Act {
    pub user: UserId,
    pub by: Actor,
    pub now: Timestamp,
    /// Whether even the last enabled administrator may be taken away.
    pub may_take_last_admin: bool,
}

impl Act {
    /// The end of the user's acting for others and of others' for them, when they become an administrator or are one no
    /// longer.
    pub(super) const fn lapse(&self) -> Lapse {
        Lapse {
            user: self.user,
            by: Some(self.by),
            now: self.now,
        }
    }

    /// Whether it may set this user's password: an administrator's access comes from their own sign-in, or from whoever
    /// has the machine.
    pub(super) fn may_reset(&self, user: &User) -> bool {
        !user.is_admin() || !matches!(self.by, Actor::User(_))
    }

    /// The end of every session that comes with it.
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

    /// What the audit trail says of it.
    #[must_use]
    pub fn event(&self, action: Action) -> Event {
        Event::new(action, self.now).user(self.user).by(Some(self.by))
    }

    /// What it says of a change that made the user what they are now.
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
            if effect.calls_back {
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

/// What became of it.
#[derive(Debug)]
pub enum Acted<T> {
    /// Done; these entries call back what was issued to the user.
    Done(T, Vec<Revocation>),
    NotFound,
    /// Not done: afterwards nobody could administrate.
    LastAdmin,
    /// Not done: administrators do not do this to each other.
    TargetIsAdmin,
}

/// A new password, and what must still be true of its user when it is set.
#[derive(Clone, Debug)]
pub struct SetPassword {
    pub user: UserId,
    pub hash: PasswordHash,
    pub scheme: String,
    pub proof: PasswordProof,
    /// Why the sessions end.
    pub reason: EndReason,
    pub event: Event,
    /// The session that opens; it rests on the new password.
    pub opens: Option<Opening>,
}

/// A new password that is set.
#[derive(Debug)]
pub struct PasswordSet {
    pub revocations: Vec<Revocation>,
    pub opened: Option<Box<Opened>>,
}

impl SetPassword {
    /// The end of every session that comes with it.
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

/// What a new password rests on.
#[derive(Clone, Debug)]
pub enum PasswordProof {
    /// The present password, by the hash it was checked against.
    Present(PasswordHash),
    /// A reset code whose time is not over.
    Code(SecretDigest),
}
