//! Use-cases of the service's keys: listing, rotating and retiring them. How a key is sealed, opened and chosen is the
//! business of [`super::machinery::keys`].

mod administration;
mod compromised;

pub use administration::{KeyActError, KeyAdministration, Plan};
pub use compromised::end_compromised_sessions;
