//! The clauses. They know the store's traits and the model, and no engine.

mod audit;
mod ending;
mod import;
mod opening;
mod rotation;
mod users;

pub(crate) use self::{audit::*, ending::*, import::*, opening::*, rotation::*, users::*};
