//! Tools for tests of an application: a clock that moves when told, an issuer in the same process, and tokens as an
//! attacker would write them. Only with the feature `testkit`; meant for dev-dependencies.
//!
//! ```
//! use std::time::Duration;
//! use jeton::VerifyError;
//! use jeton::testkit::TestIssuer;
//!
//! # #[derive(Debug, serde::Serialize, serde::Deserialize)]
//! # struct Access { roles: Vec<String> }
//! # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let issuer = TestIssuer::new("https://id.example")?;
//! let token = issuer.token("user-1", "api", &Access { roles: vec![] })?;
//! let verifier = issuer.verifier("api");
//! assert!(verifier.verify_at::<Access>(&token, issuer.clock().now()).is_ok());
//!
//! issuer.clock().advance(Duration::from_hours(1));
//! let refused = verifier.verify_at::<Access>(&token, issuer.clock().now()).unwrap_err();
//! assert!(matches!(refused, VerifyError::Expired { .. }));
//! # Ok(())
//! # }
//! ```

mod clock;
mod forge;
mod hostile;
mod issuer;
mod reserved;

pub use self::clock::Clock;
pub use self::forge::Forge;
pub use self::hostile::{Hostile, hostile};
pub use self::issuer::TestIssuer;
pub use self::reserved::{RESERVED_NAMES, nested_in_texts};
