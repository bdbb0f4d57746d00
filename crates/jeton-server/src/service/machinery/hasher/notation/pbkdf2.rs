//! `pbkdf2:sha256:600000$salt$hex` (Werkzeug), `pbkdf2_sha256$1000000$salt$base64` (Django),
//! `$pbkdf2-sha256$29000$salt$base64` (passlib) and `$pbkdf2-sha256$i=600000,l=32$salt$base64` (the PHC).

use super::{
    super::{
        error::HashError,
        scheme::{Digest, Scheme},
        stored::StoredHash,
    },
    fields,
};
use crate::model::hex;

pub(super) fn werkzeug(prf: &str, cost: &str, salt: &str, digest: &str) -> Result<StoredHash, HashError> {
    stored(
        prf,
        fields::number(cost),
        fields::text_salt(salt),
        hex::decode(digest),
    )
}

pub(super) fn django(prf: &str, cost: &str, salt: &str, digest: &str) -> Result<StoredHash, HashError> {
    let digest = fields::padded_base64(digest);
    stored(prf, fields::number(cost), fields::text_salt(salt), digest)
}

pub(super) fn modular(prf: &str, cost: &str, salt: &str, digest: &str) -> Result<StoredHash, HashError> {
    let digest = fields::base64(digest);
    let cost = match fields::parameters(cost, ["i", "l"]) {
        Some([iterations, length]) => digest
            .as_ref()
            .is_some_and(|digest| u32::try_from(digest.len()) == Ok(length))
            .then_some(iterations),
        None => fields::parameters(cost, ["i"]).map_or_else(|| fields::number(cost), |[only]| Some(only)),
    };
    stored(prf, cost, fields::base64(salt).and_then(fields::salt), digest)
}

fn stored(
    prf: &str,
    iterations: Option<u32>,
    salt: Option<Vec<u8>>,
    digest: Option<Vec<u8>>,
) -> Result<StoredHash, HashError> {
    let damaged = fields::damaged("PBKDF2");
    let prf: Digest = prf
        .parse()
        .map_err(|()| damaged("its digest is none of sha1, sha256, sha384 and sha512"))?;
    let iterations = iterations
        .filter(|iterations| *iterations > 0)
        .ok_or_else(|| damaged("its cost cannot be read"))?;
    Ok(StoredHash {
        scheme: Scheme::Pbkdf2 {
            digest: prf,
            iterations,
        },
        salt: salt.ok_or_else(|| damaged("its salt cannot be read"))?,
        // A longer one would take as many times as long; none of the libraries writes one.
        digest: fields::exactly(prf.bytes(), digest)
            .ok_or_else(|| damaged("its digest is not of a digest's length or letters"))?,
    })
}
