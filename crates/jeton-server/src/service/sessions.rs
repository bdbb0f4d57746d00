//! Sessions once they are open: refreshed, listed, ended, and opened on a user's behalf.

pub mod listed;
pub mod logout;
pub mod on_behalf;
pub mod refresh;
pub mod signed_in;
