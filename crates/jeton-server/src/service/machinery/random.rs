//! The source of randomness.

use std::fmt;

/// Fills buffers with bytes nobody can predict.
pub trait Random: Send + Sync + fmt::Debug {
    /// # Errors
    ///
    /// [`RandomError`] when the source gives nothing; the buffer must not be used then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError>;
}

impl dyn Random + '_ {
    /// An array of random bytes.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when the source gives nothing.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], RandomError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }
}

/// The operating system's source, through aws-lc.
#[derive(Clone, Copy, Debug)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the machine for randomness"
    )]
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        aws_lc_rs::rand::fill(bytes).map_err(|_| RandomError)
    }
}

#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct RandomError;
