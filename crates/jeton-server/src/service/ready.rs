use std::time::{Duration, Instant, SystemTime};

use super::{Failure, Service};

/// How far a node's clock may be from the database's: what one node issues, the others must not find to be of the
/// future or over.
const CLOCKS_APART: Duration = Duration::from_secs(10);

/// Why a node should get no requests for now.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotReady {
    #[error("The revocations were not read for too long")]
    Stale,
    #[error("There is a key in the database that this node cannot open")]
    KeyMissing,
    #[error(
        "This node's clock is {}, more than {} seconds: set both by NTP",
        apart(*ahead, *by),
        CLOCKS_APART.as_secs()
    )]
    ClockOff { ahead: bool, by: Duration },
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// Whether requests can be answered: the database is there, of one mind about the time, and the keys and
    /// revocations are known.
    ///
    /// # Errors
    ///
    /// [`NotReady`] says what is missing.
    pub async fn ready(&self) -> Result<(), NotReady> {
        let asked = self.clock.now();
        let theirs = self.store.database_time().await.map_err(Failure::from)?;
        // However long the answer was on its way, the database's time was between the two.
        in_step(asked, self.clock.now(), theirs)?;
        let lag = self.revoked.lag(Instant::now());
        if lag.is_none_or(|lag| lag > self.rules.revocation_max_lag) {
            return Err(NotReady::Stale);
        }
        if self.lacks_keys() {
            return Err(NotReady::KeyMissing);
        }
        Ok(())
    }
}

fn in_step(asked: SystemTime, answered: SystemTime, theirs: SystemTime) -> Result<(), NotReady> {
    let ahead = asked.duration_since(theirs).unwrap_or_default();
    let behind = theirs.duration_since(answered).unwrap_or_default();
    let by = ahead.max(behind);
    if by > CLOCKS_APART {
        let ahead = !ahead.is_zero();
        return Err(NotReady::ClockOff { ahead, by });
    }
    Ok(())
}

fn apart(ahead: bool, by: Duration) -> String {
    let direction = if ahead { "ahead of" } else { "behind" };
    format!("{} seconds {direction} its database's", by.as_secs())
}
