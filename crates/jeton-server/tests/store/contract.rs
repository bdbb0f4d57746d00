//! The clauses. They know the store's traits and the model, and no engine.

mod administration;
mod audit;
mod ceremonies;
mod chain;
mod clients;
mod database_state;
mod ending;
mod giving_up;
mod grants;
mod import;
mod keeping;
mod keys;
mod opening;
mod outbox;
mod owners;
mod passwords;
mod reauthentication;
mod revocations;
mod rotation;
mod search;
mod setup;
mod throttle;
mod users;

pub(crate) use self::{
    administration::*, audit::*, ceremonies::*, chain::*, clients::*, database_state::*, ending::*,
    giving_up::*, grants::*, import::*, keeping::*, keys::*, opening::*, outbox::*, owners::*, passwords::*,
    reauthentication::*, revocations::*, rotation::*, search::*, setup::*, throttle::*, users::*,
};
