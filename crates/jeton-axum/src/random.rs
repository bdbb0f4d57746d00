//! The guard's source of randomness.

use aws_lc_rs::{error::Unspecified, rand};

/// An array of bytes nobody can predict, from the machine's source through aws-lc.
#[expect(
    clippy::disallowed_methods,
    reason = "the outermost layer: this is the one place that asks the machine for randomness"
)]
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Unspecified> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes)?;
    Ok(bytes)
}
