//! What a verifier would not let you do.
//!
//! Nothing here proves anything: whoever can send text can make every word of it up. Meant for tools that
//! show a token to its owner. Search for `danger` to find every use.

use serde::de::DeserializeOwned;

use crate::jws::Compact;
use crate::token::decode_text;
use crate::{Claims, DEFAULT_MAX_SIZE, Registered, VerifyError};

/// Reads the claims beside the registered ones of a token that nobody verified. Its form is checked as
/// strictly as ever; signature, type, times, issuer and audience are not.
pub fn claims_without_verification<C: Claims + DeserializeOwned>(token: &str) -> Result<C, VerifyError> {
    let parts = Compact::split(token, DEFAULT_MAX_SIZE)?;
    let json = decode_text(parts.payload)?;
    crate::claims::read::<C>(&json, &[], &mut Registered::default()).map(|(claims, _)| claims)
}
