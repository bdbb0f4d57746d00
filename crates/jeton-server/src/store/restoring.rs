//! Revoking everything in a database from a back-up.

use super::{Relocation, Restored, Signer, StoreError, opening::source_side, transfer::side::Side};
use crate::model::{acceptance::CLOCKS_APART, key::SealedKey, time::Timestamp};

/// A function that makes a signer from a database's sealed keys, which lead to the chain's key, or says why it cannot.
pub type Signing<'s> = dyn Fn(&[SealedKey]) -> Result<Signer, String> + Sync + 's;

/// Sets the signer of a side's events.
pub(super) async fn sign(side: &mut dyn Side, signing: &Signing<'_>) -> Result<(), StoreError> {
    let signer = signing(&side.keys().await?).map_err(StoreError::Unusable)?;
    side.sign_with(signer);
    Ok(())
}

/// Revokes everything issued before, in the database this URL names. Returns how many sessions ended.
///
/// # Errors
///
/// [`StoreError`] when there is no such database, or it cannot be used.
pub async fn restore(url: &str, restored: Restored, signing: &Signing<'_>) -> Result<u64, StoreError> {
    let mut side = source_side(url).await?;
    if side.step().await?.is_none() {
        return Err(StoreError::Unusable(
            "it is none of jeton's: check database-url".to_owned(),
        ));
    }
    side.make_schema().await?;
    in_step(side.time().await?.into(), restored.at)?;
    let ended = match side.relocation().await? {
        Relocation::InUse => match sign(&mut *side, signing).await {
            Ok(()) => side.restore(restored).await,
            Err(error) => Err(error),
        },
        other => Err(StoreError::Moving(other)),
    };
    side.close().await;
    ended
}

/// Fails if this machine's clock differs too much from the database's. Ahead, every new token would be refused until
/// its time comes; behind, tokens from before would be accepted.
fn in_step(theirs: Timestamp, ours: Timestamp) -> Result<(), StoreError> {
    let apart = theirs.since(ours).max(ours.since(theirs));
    if apart > CLOCKS_APART {
        return Err(StoreError::Unusable(format!(
            "this machine's clock is {} seconds from the database's: set both by NTP first",
            apart.as_secs()
        )));
    }
    Ok(())
}
