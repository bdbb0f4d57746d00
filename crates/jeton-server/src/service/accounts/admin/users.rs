//! Accounts: making, listing, changing and deleting them.

use super::{AdminError, Administration, Administrator};
use crate::{
    model::{
        audit::Actor,
        id::UserId,
        role::{ADMIN, Role},
        user::{User, changes::Changes},
        username::UsernameKey,
    },
    service::{
        Failure, Service,
        accounts::register::{CreateError, Created, Maker, NewAccount},
    },
    store::UserQuery,
};

/// Users that are looked for: those that match all that is given.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The beginning of the name or of the e-mail address, whatever its case.
    pub text: Option<String>,
    pub role: Option<Role>,
    pub disabled: Option<bool>,
    /// The last user of the page before.
    pub after: Option<UserId>,
    pub limit: u32,
}

/// A page of a list of users.
#[derive(Debug)]
pub struct Page {
    pub users: Vec<User>,
    /// The last user of this page, behind whom the next begins; none when this is the last.
    pub next: Option<UserId>,
}

impl Service {
    /// Makes an account, and forgets the failures under its name from before.
    ///
    /// # Errors
    ///
    /// [`AdminError::UsernameTaken`]; [`AdminError::AdminWithoutPassword`], since the code it would come with outlives the
    /// session it was asked from.
    pub async fn create_account(
        &self,
        admin: &Administrator,
        account: NewAccount,
    ) -> Result<Created, AdminError> {
        if account.password.is_none() && account.roles.iter().any(|role| role.as_str() == ADMIN) {
            return Err(AdminError::AdminWithoutPassword);
        }
        let administration = self.administration(admin);
        let created = administration.create(account).await?;
        // The account is made and its code is shown this once, whether or not that succeeds.
        if let Err(error) = administration.forgive(&created.user, &self.fingerprints).await {
            tracing::warn!(user = %created.user.id, %error, "failed attempts were not forgiven");
        }
        Ok(created)
    }
}

impl Administration<'_> {
    /// Makes an account. One without a password comes with a code that sets it.
    ///
    /// # Errors
    ///
    /// [`AdminError::UsernameTaken`] or [`AdminError::WeakPassword`].
    pub async fn create(&self, account: NewAccount) -> Result<Created, AdminError> {
        let created = self.accounts().create(account, Maker::Other(self.by)).await;
        created.map_err(|error| match error {
            CreateError::UsernameTaken => AdminError::UsernameTaken,
            CreateError::WeakPassword(error) => AdminError::WeakPassword(error),
            CreateError::Failed(failure) => failure.into(),
        })
    }

    /// A page of the users that are looked for.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn search(&self, search: Search) -> Result<Page, Failure> {
        let query = UserQuery {
            begins_with: search.text,
            role: search.role,
            disabled: search.disabled,
            after: search.after,
            limit: search.limit,
            ..UserQuery::default()
        };
        self.list(query).await
    }

    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn list(&self, mut query: UserQuery) -> Result<Page, Failure> {
        let limit = query.limit as usize;
        // One more tells whether this is the last page.
        query.limit = query.limit.saturating_add(1);
        let mut users = self.context.store.users(&query).await?;
        let more = users.len() > limit;
        users.truncate(limit);
        let last = users.last().map(|user| user.id);
        Ok(Page {
            users,
            next: last.filter(|_| more),
        })
    }

    /// # Errors
    ///
    /// [`AdminError::UserNotFound`].
    pub async fn find(&self, user: UserId) -> Result<User, AdminError> {
        let found = self.context.store.user(user).await.map_err(Failure::from)?;
        found.ok_or(AdminError::UserNotFound)
    }

    /// # Errors
    ///
    /// [`AdminError::UserNotFound`].
    pub async fn find_by_name(&self, name: &UsernameKey) -> Result<User, AdminError> {
        let found = self
            .context
            .store
            .account_by_name(name)
            .await
            .map_err(Failure::from)?;
        found.map(|account| account.user).ok_or(AdminError::UserNotFound)
    }

    /// Changes a user. Access tokens that say more than the user may do afterwards are revoked.
    ///
    /// # Errors
    ///
    /// [`AdminError`] when there is no such user, or administrators would lock themselves out.
    pub async fn change(&self, user: UserId, changes: &Changes) -> Result<User, AdminError> {
        let keeps_role = changes
            .roles
            .as_ref()
            .is_none_or(|roles| roles.iter().any(|role| role.as_str() == ADMIN));
        if self.is_own(user) && (changes.disabled == Some(true) || !keeps_role) {
            return Err(AdminError::OwnAccount);
        }
        let acted = self
            .context
            .store
            .change_user(&self.act(user), changes)
            .await
            .map_err(Failure::from)?;
        let user_now = self.done(acted).await?;
        tracing::warn!(%user, by = %self.by, "user changed");
        Ok(user_now)
    }

    /// Erases a user: the account, its sessions, and their personal fields in the audit trail.
    ///
    /// # Errors
    ///
    /// [`AdminError`], as for [`Administration::change`].
    pub async fn delete(&self, user: UserId) -> Result<(), AdminError> {
        if self.is_own(user) {
            return Err(AdminError::OwnAccount);
        }
        let acted = self
            .context
            .store
            .delete_user(&self.act(user))
            .await
            .map_err(Failure::from)?;
        self.done(acted).await?;
        tracing::warn!(%user, by = %self.by, "user deleted");
        Ok(())
    }

    pub(super) fn is_own(&self, user: UserId) -> bool {
        self.by == Actor::User(user)
    }
}
