//! How long access tokens live, and for how long after that one may still be accepted.
//!
//! A token is signed by one node and revoked by another, whose settings and clock may differ. So the row it is signed
//! for says until when it may be accepted, the token expires early enough for that, and a revocation is kept as long.

use std::time::Duration;

use jeton::DEFAULT_LEEWAY;

use super::time::Timestamp;

/// How far a node's clock may be from the database's: other nodes must not find its tokens expired, or from the
/// future.
pub const CLOCKS_APART: Duration = Duration::from_secs(10);

/// The tolerance for clocks that differ between nodes: a token's expiry is forgiven for so long.
pub const LEEWAY: Duration = DEFAULT_LEEWAY;

const _: () = assert!(2 * CLOCKS_APART.as_secs() <= LEEWAY.as_secs());

/// The longest lifetime an access token may be given by any node's settings.
pub const LONGEST: Duration = Duration::from_hours(24);

/// How long past its expiry a token may be accepted: the leeway, and the fraction that whole seconds leave out.
const FORGIVEN: Duration = LEEWAY.saturating_add(Duration::from_secs(1));

/// How long a token of this lifetime may be accepted after it was issued.
#[must_use]
pub const fn accepted_for(lifetime: Duration) -> Duration {
    lifetime.saturating_add(FORGIVEN)
}

/// When a token has to expire so that it is refused from `accepted_until` on.
#[must_use]
pub fn expiry_before(accepted_until: Timestamp) -> Timestamp {
    accepted_until.minus(FORGIVEN)
}

/// When a token that expires at this time is refused everywhere.
#[must_use]
pub fn refused_after(expiry: Timestamp) -> Timestamp {
    expiry.plus(FORGIVEN)
}

/// When every token issued by any node before `now` is refused, however long it was to live. The clocks of the node
/// that issued it and of the one that asks may be off in either direction.
#[must_use]
pub fn all_refused_after(now: Timestamp) -> Timestamp {
    refused_after(now.plus(LONGEST + LEEWAY + LEEWAY))
}
