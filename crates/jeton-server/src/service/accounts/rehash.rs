//! Rehashing: an outdated password hash is replaced when its password is at hand, after a sign-in.

use std::sync::{Arc, MutexGuard, PoisonError};

use crate::{
    model::{
        audit::{Action, Event},
        id::UserId,
        password::Password,
        user::{Account, PasswordHash},
    },
    service::{
        Failure, Service,
        machinery::{
            hasher::{Hasher, stored::StoredHash},
            random::Random,
        },
    },
    store::{Store, StoreError},
};

impl Service {
    /// Rehashes a password that was just right, without keeping its owner waiting.
    ///
    /// While many sign in, it is left out: the next sign-in does as well.
    pub(in crate::service) fn rehash_later(&self, account: &Account, password: Password) {
        let Some(old) = account.password_hash.clone() else {
            return;
        };
        let Ok(turn) = Arc::clone(&self.rehashing).try_acquire_owned() else {
            return;
        };
        if self.hasher.is_busy() {
            return;
        }
        let rehash = Rehash {
            store: Arc::clone(&self.store),
            hasher: Arc::clone(&self.hasher),
            random: Arc::clone(&self.random),
            event: Event::new(Action::PasswordRehashed, self.now()).user(account.user.id),
            user: account.user.id,
            old,
            password,
        };
        tokio::spawn(async move {
            let user = rehash.user;
            if let Err(error) = rehash.run().await {
                tracing::warn!(%user, %error, "a password hash was not made anew; the next sign-in tries again");
            }
            drop(turn);
        });
    }

    /// Reads the schemes of the stored hashes, so that a name nobody has is as slow as one that somebody has.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the store fails.
    pub async fn know_schemes(&self) -> Result<(), Failure> {
        Ok(self.count_schemes().await?)
    }

    /// Counts the schemes at once when they have changed: while one has no decoy, the time of a login tells who came
    /// with an import.
    pub(in crate::service) async fn hear_of_schemes(&self) -> Result<(), StoreError> {
        let names = self.store.password_scheme_names().await?;
        if *self.schemes_known() == names {
            return Ok(());
        }
        self.count_schemes().await
    }

    async fn count_schemes(&self) -> Result<(), StoreError> {
        let schemes = self.store.password_schemes().await?;
        *self.schemes_known() = schemes.iter().map(|(name, _)| name.clone()).collect();
        let known = schemes
            .into_iter()
            .filter_map(|(text, users)| Some((text.parse().ok()?, users)));
        self.hasher.know_schemes(known.collect());
        Ok(())
    }

    fn schemes_known(&self) -> MutexGuard<'_, Vec<String>> {
        self.schemes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One hash to be replaced.
struct Rehash {
    store: Arc<dyn Store>,
    hasher: Arc<Hasher>,
    random: Arc<dyn Random>,
    event: Event,
    user: UserId,
    old: PasswordHash,
    password: Password,
}

impl Rehash {
    async fn run(self) -> Result<(), Failure> {
        let Some(new) = self.hasher.make_anew(self.password, self.random.bytes()?).await? else {
            return Ok(());
        };
        let scheme = self.hasher.scheme().to_string();
        let event = match StoredHash::parse(&self.old) {
            Ok(old) => self.event.detail("from", old.scheme().to_string()),
            Err(_) => self.event,
        };
        self.store
            .rehash(
                self.user,
                &self.old,
                &new,
                &scheme,
                &event.detail("to", scheme.as_str()),
            )
            .await?;
        Ok(())
    }
}
