use std::sync::Arc;

use tokio::task::JoinSet;

use crate::{
    model::{
        audit::Actor,
        id::SessionId,
        key::{KeyAct, Purpose},
        session::EndReason,
        time::Timestamp,
    },
    service::{Service, machinery::revoked::RevocationFollower},
    store::{Ended, Ending, Store, StoreError, Which},
};

/// How many sessions are ended at once: as many as share one commit.
const BATCH: u32 = 256;

/// Ends the live sessions whose refresh tokens this key signed, and returns how many there were. Called again, it goes
/// on with those that are left.
///
/// # Errors
///
/// [`StoreError`] when the database fails; what has ended until then stays ended.
pub async fn end_compromised_sessions(
    store: &Arc<dyn Store>,
    follower: Option<&RevocationFollower>,
    kid: &str,
    by: Option<Actor>,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let (mut ended, mut after): (usize, Option<SessionId>) = (0, None);
    loop {
        let sessions = store.live_sessions_under(kid, after, BATCH, now).await?;
        let Some((last, _)) = sessions.last() else {
            return Ok(ended);
        };
        after = Some(*last);
        let mut endings = JoinSet::new();
        for (session, user) in sessions {
            let store = Arc::clone(store);
            let ending = Ending {
                user,
                which: Which::One(session),
                reason: EndReason::KeyCompromised,
                by,
                now,
            };
            endings.spawn(async move { store.end_sessions(&ending).await });
        }
        while let Some(joined) = endings.join_next().await {
            let Ended {
                sessions,
                revocations,
                ..
            } = joined.unwrap_or(Err(StoreError::Closed))?;
            ended += sessions;
            if let Some(follower) = follower {
                follower.apply(&revocations);
            }
        }
    }
}

impl Service {
    /// Erases keys that are of no more use at `now`, and ends sessions under a compromised key: a node may have signed
    /// their tokens with it before it heard that the key is compromised.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn clear_keys(&self, now: Timestamp) -> Result<(), StoreError> {
        let active = self.keys.active();
        let mut unused = Vec::new();
        let retired = active
            .keys
            .iter()
            .filter(|key| key.is_retired(now) && !key.sealed.is_empty());
        for key in retired.filter(|key| key.purpose == Purpose::Refresh) {
            match end_compromised_sessions(&self.store, Some(&self.revocations), &key.kid, None, now).await? {
                0 => unused.push(key.kid.clone()),
                sessions => tracing::warn!(
                    sessions,
                    key = key.kid,
                    "sessions ended: their key was compromised"
                ),
            }
        }
        let clear = KeyAct::Clear { unused, now };
        if clear
            .decide(&active.keys)
            .is_ok_and(|changes| !changes.is_empty())
        {
            // Decided again on the rows as they are then, and never refused.
            let _ = self.store.change_keys(&clear).await?;
        }
        Ok(())
    }
}
