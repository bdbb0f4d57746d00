//! Decoys: hashes that stand in for those of users who do not exist.
//!
//! While hashes of several schemes are stored, the time a login takes tells which scheme was computed. A name
//! nobody has must therefore be of some scheme too: always the same, and over all names in the shares the schemes
//! have among the accounts.

use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::hmac;

use super::{OUTPUT_BYTES, SALT_BYTES, notation, scheme::Scheme, stored::StoredHash};

/// With more schemes than this, those with the fewest users have no decoys.
const MAX_SCHEMES: usize = 64;

pub(super) struct Decoys {
    key: hmac::Key,
    ours: Arc<StoredHash>,
    stored: RwLock<Vec<Share>>,
}

struct Share {
    name: String,
    users: f64,
    decoy: Arc<StoredHash>,
}

impl StoredHash {
    /// A hash that no password matches, and that takes as long as others of its scheme.
    fn decoy(scheme: Scheme) -> Self {
        let digest = match scheme {
            Scheme::Argon2(_) => OUTPUT_BYTES,
            Scheme::Scrypt { .. } => 64,
            Scheme::Pbkdf2 { digest, .. } | Scheme::ShaCrypt { digest, .. } => digest.bytes(),
            Scheme::Bcrypt { .. } => notation::bcrypt::DIGEST_BYTES,
        };
        Self {
            scheme,
            salt: vec![0; SALT_BYTES],
            digest: vec![0; digest],
        }
    }
}

impl Decoys {
    pub(super) fn new(key: &[u8; 32], ours: Scheme) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            ours: Arc::new(StoredHash::decoy(ours)),
            stored: RwLock::default(),
        }
    }

    pub(super) fn know(&self, mut schemes: Vec<(Scheme, u64)>) {
        schemes.sort_unstable_by_key(|(_, users)| std::cmp::Reverse(*users));
        let shares = schemes
            .into_iter()
            .filter(|(_, users)| *users > 0)
            .take(MAX_SCHEMES);
        let shares = shares.map(|(scheme, users)| Share {
            name: scheme.to_string(),
            users: as_share(users),
            decoy: Arc::new(StoredHash::decoy(scheme)),
        });
        *self.stored.write().unwrap_or_else(PoisonError::into_inner) = shares.collect();
    }

    /// The decoy of a name.
    ///
    /// Weighted rendezvous hashing: each scheme draws a number for the name, and the largest, stretched by the
    /// scheme's users, wins. A share that shrinks only gives names away and one that grows only takes some, as
    /// the accounts themselves move when they are hashed anew: a name does not jump between two others.
    pub(super) fn draw(&self, name: &str) -> Arc<StoredHash> {
        let shares = self.stored.read().unwrap_or_else(PoisonError::into_inner);
        let drawn = shares
            .iter()
            .max_by(|a, b| self.lot(name, a).total_cmp(&self.lot(name, b)));
        Arc::clone(drawn.map_or(&self.ours, |share| &share.decoy))
    }

    fn lot(&self, name: &str, share: &Share) -> f64 {
        let mut message = hmac::Context::with_key(&self.key);
        message.update(share.name.as_bytes());
        // A separator that is in no scheme's text.
        message.update(&[0]);
        message.update(name.as_bytes());
        let tag = message.sign();
        let drawn = tag
            .as_ref()
            .iter()
            .take(6)
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        // Strictly between 0 and 1.
        let uniform = (as_share(drawn) + 0.5) / as_share(1 << 48);
        -share.users / uniform.ln()
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share need not be exact beyond 52 bits"
)]
const fn as_share(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::machinery::hasher::scheme::Argon2;

    const NAMES: usize = 4000;

    fn decoys(schemes: &[(&str, u64)]) -> Decoys {
        let decoys = Decoys::new(&[7; 32], Scheme::Argon2(Argon2::ours(64, 1)));
        decoys.know(
            schemes
                .iter()
                .map(|(text, users)| (text.parse().unwrap(), *users))
                .collect(),
        );
        decoys
    }

    fn draws(decoys: &Decoys) -> Vec<String> {
        (0..NAMES)
            .map(|number| decoys.draw(&format!("name{number}")).scheme().to_string())
            .collect()
    }

    #[test]
    fn until_told_everybody_has_our_scheme() {
        for decoys in [decoys(&[]), decoys(&[("scrypt:15:8:1", 0)])] {
            assert!(
                draws(&decoys)
                    .iter()
                    .all(|drawn| drawn == "$argon2id$v=19$m=64,t=1,p=1")
            );
        }
    }

    #[test]
    fn a_name_always_draws_the_same_and_another_key_draws_otherwise() {
        let schemes = [("scrypt:15:8:1", 1), ("bcrypt:12", 1)];
        assert_eq!(draws(&decoys(&schemes)), draws(&decoys(&schemes)));
        let other = Decoys::new(&[8; 32], Scheme::Argon2(Argon2::ours(64, 1)));
        other.know(
            schemes
                .map(|(text, users)| (text.parse().unwrap(), users))
                .to_vec(),
        );
        assert_ne!(draws(&decoys(&schemes)), draws(&other));
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "a share of a few thousand")]
    fn the_draws_have_the_shares_of_the_accounts() {
        let drawn = draws(&decoys(&[
            ("scrypt:15:8:1", 700),
            ("bcrypt:12", 200),
            ("pbkdf2:sha256:1000", 100),
        ]));
        for (scheme, share) in [
            ("scrypt:15:8:1", 0.7),
            ("bcrypt:12", 0.2),
            ("pbkdf2:sha256:1000", 0.1),
        ] {
            let found = drawn.iter().filter(|drawn| *drawn == scheme).count() as f64 / NAMES as f64;
            assert!(
                (found - share).abs() < 0.03,
                "{scheme}: {found} instead of {share}"
            );
        }
    }

    #[test]
    fn names_move_as_the_accounts_do() {
        let before = draws(&decoys(&[("scrypt:15:8:1", 600), ("bcrypt:12", 400)]));
        let ours = "$argon2id$v=19$m=64,t=1,p=1";
        let after = draws(&decoys(&[
            ("scrypt:15:8:1", 500),
            ("bcrypt:12", 400),
            (ours, 100),
        ]));
        let moved = before
            .iter()
            .zip(&after)
            .filter(|(before, after)| before != after);
        let mut count = 0;
        for (_, after) in moved {
            assert!(
                after == ours || after == "bcrypt:12",
                "a share that shrank took a name"
            );
            count += 1;
        }
        assert!(count > 0);
    }
}
