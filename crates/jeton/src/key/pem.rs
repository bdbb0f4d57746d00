//! PEM text (RFC 7468), cut into its blocks. Blank lines, comments between blocks, chains and any line
//! length are fine; an encrypted key is named as such.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

use super::openssh;
use crate::KeyError;

/// The longest text that is read, in bytes.
const MAX_PEM: usize = 256 * 1024;

pub(super) struct Block<'p> {
    pub(super) label: &'p str,
    pub(super) der: Zeroizing<Vec<u8>>,
}

/// The first block that holds a key; parameters that some tools write in front of it are passed over.
pub(super) fn first_key(pem: &[u8]) -> Result<Block<'_>, KeyError> {
    if pem.len() > MAX_PEM {
        return Err(KeyError::TooLarge { limit: MAX_PEM });
    }
    let mut rest = std::str::from_utf8(pem).map_err(|_| MALFORMED)?;
    if openssh::is_public(rest) {
        return Err(KeyError::Malformed(
            "it is an OpenSSH public key, not PEM: `VerifyingKey::from_openssh` reads it",
        ));
    }
    loop {
        let (label, body, after) = next_block(rest)?;
        match label {
            "EC PARAMETERS" | "DSA PARAMETERS" | "DH PARAMETERS" => rest = after,
            "ENCRYPTED PRIVATE KEY" => return Err(KeyError::Encrypted),
            _ if body.contains("ENCRYPTED") => return Err(KeyError::Encrypted),
            "OPENSSH PRIVATE KEY" => {
                return Err(KeyError::Malformed(
                    "it is an OpenSSH private key: convert a copy of it with `ssh-keygen -p -m pkcs8 -f COPY`",
                ));
            }
            _ => {
                return Ok(Block {
                    label,
                    der: decode(body)?,
                });
            }
        }
    }
}

pub(super) fn encode(label: &str, der: &[u8]) -> Zeroizing<String> {
    let body = Zeroizing::new(Base64::encode_string(der));
    // Its final size at once: a string that grows leaves copies of the key behind.
    let mut pem = Zeroizing::new(String::with_capacity(
        body.len() + body.len() / 64 + 2 * label.len() + 40,
    ));
    pem.push_str("-----BEGIN ");
    pem.push_str(label);
    pem.push_str("-----\n");
    let mut rest: &str = &body;
    while !rest.is_empty() {
        let (line, after) = rest.split_at_checked(64).unwrap_or((rest, ""));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str("-----END ");
    pem.push_str(label);
    pem.push_str("-----\n");
    pem
}

const MALFORMED: KeyError =
    KeyError::Malformed("it is not PEM: `-----BEGIN …-----`, base64, `-----END …-----`");

/// Cuts a block off: its label, its body and the rest of the text.
fn next_block(text: &str) -> Result<(&str, &str, &str), KeyError> {
    let (_, begun) = text.split_once("-----BEGIN ").ok_or(MALFORMED)?;
    let (label, rest) = begun.split_once("-----").ok_or(MALFORMED)?;
    let (body, rest) = rest.split_once("-----END ").ok_or(MALFORMED)?;
    let (end, after) = rest.split_once("-----").ok_or(MALFORMED)?;
    if label == end && !label.contains('\n') {
        Ok((label, body, after))
    } else {
        Err(MALFORMED)
    }
}

fn decode(body: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut base64 = Zeroizing::new(String::with_capacity(body.len()));
    base64.extend(body.chars().filter(|character| !character.is_ascii_whitespace()));
    let der = Base64::decode_vec(&base64).map_err(|_| MALFORMED)?;
    Ok(Zeroizing::new(der))
}
