//! Public keys in OpenSSH's one-line form: the type's name, the base64 of the key (RFC 4253 §6.6, RFC 5656 §3.1,
//! RFC 8709 §4), a comment. In `authorized_keys` options stand in front.

use base64ct::{Base64, Encoding};

use super::asn1::check_kind;
use super::public::kind;
use super::{ec, rsa};
use crate::encoding::encode;
use crate::jwk::Parameters;
use crate::{Algorithm, KeyError};

/// The longest line that is read, in bytes. An RSA key of 8192 bits takes 1,400.
const MAX_LINE: usize = 16 * 1024;

const MALFORMED: KeyError =
    KeyError::Malformed("it is not an OpenSSH public key: `ssh-ed25519 AAAA…`, in one line");

/// The types of SSH keys that can be used here.
const TYPES: [(&str, Algorithm); 5] = [
    ("ssh-ed25519", Algorithm::EdDsa),
    ("ssh-rsa", Algorithm::Rs256),
    ("ecdsa-sha2-nistp256", Algorithm::Es256),
    ("ecdsa-sha2-nistp384", Algorithm::Es384),
    ("ecdsa-sha2-nistp521", Algorithm::Es512),
];

/// Whether a text begins with the name of a type.
pub(super) fn is_public(text: &str) -> bool {
    let name = text.split_ascii_whitespace().next().unwrap_or_default();
    TYPES.iter().any(|(known, _)| *known == name)
}

/// The members of a JWK for the key in a line.
pub(super) fn parameters(algorithm: Algorithm, line: &str) -> Result<Parameters, KeyError> {
    if line.len() > MAX_LINE {
        return Err(KeyError::TooLarge { limit: MAX_LINE });
    }
    let (made_for, base64) = key_in(line).ok_or(MALFORMED)?;
    check_kind(algorithm, kind(made_for))?;
    let blob = Base64::decode_vec(base64).map_err(|_| MALFORMED)?;
    read(made_for, &blob).ok_or(MALFORMED)?
}

/// The algorithm a line's type is for, and the word behind its name. The names stand inside the base64 too, so no
/// option can be mistaken for one.
fn key_in(line: &str) -> Option<(Algorithm, &str)> {
    let mut words = line.trim().split([' ', '\t']).filter(|word| !word.is_empty());
    let made_for = words.find_map(|word| {
        let (_, algorithm) = TYPES.iter().find(|(name, _)| *name == word)?;
        Some(*algorithm)
    })?;
    words.next().map(|base64| (made_for, base64))
}

/// Reads the bytes of a key; `None` when they are not of this type, or not to their end.
fn read(made_for: Algorithm, blob: &[u8]) -> Option<Result<Parameters, KeyError>> {
    let mut strings = Strings(blob);
    let (name, _) = TYPES.iter().find(|(_, algorithm)| *algorithm == made_for)?;
    if strings.next()? != name.as_bytes() {
        return None;
    }
    let parameters = match made_for {
        Algorithm::EdDsa => Ok(Parameters::Okp {
            crv: "Ed25519".to_owned(),
            x: encode(strings.next()?),
        }),
        Algorithm::Rs256 => {
            let (e, n) = (strings.next_number()?, strings.next_number()?);
            Ok(rsa::parameters_of(n, e))
        }
        _ => {
            let curve = strings.next()?;
            if !name.as_bytes().ends_with(curve) {
                return None;
            }
            ec::parameters(made_for, strings.next()?)
        }
    };
    strings.0.is_empty().then_some(parameters)
}

/// Byte strings one after another, each behind its length (RFC 4251 §5).
struct Strings<'b>(&'b [u8]);

impl<'b> Strings<'b> {
    fn next(&mut self) -> Option<&'b [u8]> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (string, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }

    /// A positive `mpint`, without the zero that keeps it positive.
    fn next_number(&mut self) -> Option<&'b [u8]> {
        match self.next()? {
            [0, rest @ ..] if rest.first().is_some_and(|first| *first >= 0x80) => Some(rest),
            number @ [1..0x80, ..] => Some(number),
            _ => None,
        }
    }
}
