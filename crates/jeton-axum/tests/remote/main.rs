//! Remote keys against a real server on this machine that answers as told: well, slowly, hugely, elsewhere,
//! brokenly, or not at all.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod discovery;
mod feed;
mod misbehaviour;
mod outbound;
mod rotation;
mod server;
mod set_up;
