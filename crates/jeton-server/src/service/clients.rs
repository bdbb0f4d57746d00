//! Programs that call the service on their own behalf.

pub mod administration;
