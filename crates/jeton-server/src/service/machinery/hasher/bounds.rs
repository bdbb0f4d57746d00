//! Bounds on what an imported hash may cost to check: one row of a file must not eat the machine.
//!
//! The bounds leave room above what the libraries and OWASP recommend; at each, one check takes some seconds.

use super::{
    error::HashError,
    scheme::{Argon2, Scheme},
};

/// Memory for one check of Argon2 or scrypt.
pub const MAX_MEMORY_KIB: u64 = 256 * 1024;

/// All passes over that memory together.
pub const MAX_MEMORY_WORK_KIB: u64 = 1024 * 1024;

/// Lanes of Argon2, and p of scrypt.
pub const MAX_LANES: u32 = 64;

pub const MAX_PBKDF2_ITERATIONS: u32 = 10_000_000;

/// The exponent of the work: each step doubles it.
pub const MAX_BCRYPT_COST: u8 = 16;

pub const MAX_SHA_CRYPT_ROUNDS: u32 = 5_000_000;

pub(super) fn check(scheme: &Scheme) -> Result<(), HashError> {
    match *scheme {
        Scheme::Argon2(Argon2 {
            memory_kib,
            iterations,
            lanes,
            ..
        }) => {
            most("Argon2", "lanes", lanes.into(), MAX_LANES.into())?;
            memory("Argon2", memory_kib.into(), iterations)
        }
        Scheme::Scrypt { log_n, r, p } => {
            most("scrypt", "lanes", p.into(), MAX_LANES.into())?;
            // 128 r N bytes; whatever is too large for the number is too large for the machine.
            let kib = 1u64
                .checked_shl(log_n.into())
                .and_then(|n| n.checked_mul(u64::from(r)));
            memory("scrypt", kib.map_or(u64::MAX, |kib| kib / 8), p)
        }
        Scheme::Pbkdf2 { iterations, .. } => most(
            "PBKDF2",
            "iterations",
            iterations.into(),
            MAX_PBKDF2_ITERATIONS.into(),
        ),
        Scheme::Bcrypt { cost, .. } => most("bcrypt", "cost", cost.into(), MAX_BCRYPT_COST.into()),
        Scheme::ShaCrypt { rounds, .. } => {
            most("SHA-crypt", "rounds", rounds.into(), MAX_SHA_CRYPT_ROUNDS.into())
        }
    }
}

fn memory(scheme: &'static str, kib: u64, passes: u32) -> Result<(), HashError> {
    most(scheme, "KiB of memory", kib, MAX_MEMORY_KIB)?;
    let work = kib.saturating_mul(passes.into());
    most(scheme, "KiB in all passes together", work, MAX_MEMORY_WORK_KIB)
}

fn most(scheme: &'static str, what: &str, value: u64, most: u64) -> Result<(), HashError> {
    if value <= most {
        return Ok(());
    }
    Err(HashError::TooCostly {
        scheme,
        bound: format!("{what} may be {most} at most"),
    })
}
