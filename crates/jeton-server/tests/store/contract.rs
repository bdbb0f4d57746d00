//! The clauses. They know the store's traits and the model, and no engine.

mod audit;
mod chain;
mod ending;
mod import;
mod opening;
mod rotation;
mod users;

pub(crate) use self::{audit::*, chain::*, ending::*, import::*, opening::*, rotation::*, users::*};
