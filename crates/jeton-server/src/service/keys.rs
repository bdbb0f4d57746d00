//! Use-cases of the service's keys: listing, rotating and retiring them, and what is signed
//! for clients. How a key is sealed, opened and chosen is the
//! business of [`super::machinery::keys`].

mod administration;
mod compromised;
mod id_tokens;

pub use administration::{KeyActError, KeyAdministration, Plan};
pub use compromised::end_compromised_sessions;
pub use id_tokens::IdTokenError;
