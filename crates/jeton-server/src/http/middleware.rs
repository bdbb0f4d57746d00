//! Layers around every handler.

pub(super) mod around;
pub(super) mod clock;
pub(super) mod cors;
pub(super) mod errors;
mod framing;
pub(super) mod limits;
pub(super) mod panics;
pub(super) mod protection;
pub(super) mod requests;
pub(crate) mod same_site;
