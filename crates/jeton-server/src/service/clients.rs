//! Clients: acts of administrators on them, how they prove themselves, the tokens they get for themselves, and presets
//! for well-known programs.

pub mod administration;
pub mod own_tokens;
pub mod presets;
pub mod proof;
