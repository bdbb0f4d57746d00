//! `scrypt:32768:8:1$salt$hex` (Werkzeug), `scrypt$16384$salt$8$5$base64` (Django) and
//! `$scrypt$ln=16,r=8,p=1$salt$base64` (passlib and the PHC).

use super::{
    super::{error::HashError, scheme::Scheme, stored::StoredHash},
    fields,
};
use crate::model::hex;

/// The length of a digest in both frameworks.
const FRAMEWORK_DIGEST_BYTES: usize = 64;

pub(super) fn werkzeug(costs: [&str; 3], salt: &str, digest: &str) -> Result<StoredHash, HashError> {
    let digest = fields::exactly(FRAMEWORK_DIGEST_BYTES, hex::decode(digest));
    stored(linear(costs), fields::text_salt(salt), digest)
}

pub(super) fn django(costs: [&str; 3], salt: &str, digest: &str) -> Result<StoredHash, HashError> {
    let digest = fields::exactly(FRAMEWORK_DIGEST_BYTES, fields::padded_base64(digest));
    stored(linear(costs), fields::text_salt(salt), digest)
}

pub(super) fn phc(costs: &str, salt: &str, digest: &str) -> Result<StoredHash, HashError> {
    let costs = fields::parameters(costs, ["ln", "r", "p"]);
    let digest = fields::any_length(fields::base64(digest));
    stored(costs, fields::base64(salt).and_then(fields::salt), digest)
}

/// N, r and p with N as a logarithm: it must be a power of two.
fn linear([n, r, p]: [&str; 3]) -> Option<[u32; 3]> {
    let n = fields::number(n)?;
    n.is_power_of_two()
        .then_some([n.ilog2(), fields::number(r)?, fields::number(p)?])
}

fn stored(
    costs: Option<[u32; 3]>,
    salt: Option<Vec<u8>>,
    digest: Option<Vec<u8>>,
) -> Result<StoredHash, HashError> {
    let damaged = fields::damaged("scrypt");
    let costs = costs.filter(|costs| costs.iter().all(|cost| *cost > 0));
    let [log_n, r, p] = costs.ok_or_else(|| damaged("its cost cannot be read"))?;
    Ok(StoredHash {
        scheme: Scheme::Scrypt {
            log_n: u8::try_from(log_n).map_err(|_| damaged("its cost cannot be read"))?,
            r,
            p,
        },
        salt: salt.ok_or_else(|| damaged("its salt cannot be read"))?,
        digest: digest.ok_or_else(|| damaged("its digest is not of a digest's length or letters"))?,
    })
}
