//! Use-cases of the service's keys: listing, rotating and retiring them. How a key is sealed, opened and chosen is the
//! business of [`super::machinery::keys`].

mod administration;
mod lost;

pub use administration::{KeyActError, KeyAdministration, Plan};
pub use lost::end_lost_sessions;
