use crate::encoding::encode;
use crate::{IssueError, SigningKey};

/// Writes tokens byte by byte, whatever any standard says: to see that they are refused.
///
/// ```
/// use jeton::{Algorithm, SigningKey, Unverified, testkit::Forge};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = SigningKey::generate(Algorithm::Hs256)?;
/// let twice = Forge::new(r#"{"alg":"HS256"}"#, r#"{"exp":1,"exp":4102444800}"#).signed_by(&key)?;
/// assert!(Unverified::parse(&twice)?.issuer().is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Forge {
    header: Vec<u8>,
    payload: Vec<u8>,
}

impl Forge {
    /// A token of these bytes of header and payload.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, testkit::Forge};
    /// # let key = SigningKey::generate(Algorithm::Hs256)?;
    /// let token = Forge::new(r#"{"alg":"none"}"#, "{}").with_signature(b"");
    /// assert_eq!(token, "eyJhbGciOiJub25lIn0.e30.");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> Self {
        Self {
            header: header.as_ref().to_vec(),
            payload: payload.as_ref().to_vec(),
        }
    }

    /// The token with a signature that is valid under this key, whatever the header says.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, testkit::Forge};
    /// # let key = SigningKey::generate(Algorithm::Hs256)?;
    /// let token = Forge::new(r#"{"alg":"HS256"}"#, "no claims").signed_by(&key)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn signed_by(&self, key: &SigningKey) -> Result<String, IssueError> {
        let mut token = self.message();
        key.finish(&mut token).map_err(|_| IssueError::Crypto)?;
        Ok(token)
    }

    /// The token with these bytes in place of a signature; none at all leaves the last part empty.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, testkit::Forge};
    /// # let key = SigningKey::generate(Algorithm::Hs256)?;
    /// let token = Forge::new(r#"{"alg":"ES256"}"#, "{}").with_signature(&[0; 64]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_signature(&self, signature: &[u8]) -> String {
        format!("{}.{}", self.message(), encode(signature))
    }

    fn message(&self) -> String {
        format!("{}.{}", encode(&self.header), encode(&self.payload))
    }
}
