//! Clients: acts of administrators on them, and the tokens they get for themselves.

pub mod administration;
pub mod own_tokens;
