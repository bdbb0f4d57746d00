//! Use-cases of the service's keys: they are listed, rotated and compromised here. How a key is sealed, opened and
//! chosen is the business of [`super::machinery::keys`].

mod administration;
mod lost;

pub use administration::{KeyActError, KeyAdministration, Plan};
pub use lost::end_lost_sessions;
