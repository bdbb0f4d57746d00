//! The clauses. They know the store's traits and the model, and no engine.

mod ending;
mod opening;
mod rotation;
mod users;

pub(crate) use self::{ending::*, opening::*, rotation::*, users::*};
