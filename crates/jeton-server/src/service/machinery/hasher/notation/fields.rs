//! Fields that the notations share.

use base64ct::{Base64, Base64Unpadded, Encoding};

use super::super::error::HashError;

/// The longest salt.
const MAX_SALT_BYTES: usize = 1024;

/// Makes the error of a scheme.
pub(super) fn damaged(scheme: &'static str) -> impl Fn(&'static str) -> HashError {
    move |problem| HashError::Damaged { scheme, problem }
}

/// A whole number in decimal, without sign or leading zero.
pub(super) fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = digits && (text == "0" || !text.starts_with('0'));
    canonical.then(|| text.parse().ok()).flatten()
}

/// `a=1,b=2`, with these names in this order.
pub(super) fn parameters<const N: usize>(text: &str, names: [&str; N]) -> Option<[u32; N]> {
    let mut values = [0; N];
    let mut parts = text.split(',');
    for (name, value) in names.into_iter().zip(&mut values) {
        *value = number(parts.next()?.strip_prefix(name)?.strip_prefix('=')?)?;
    }
    parts.next().is_none().then_some(values)
}

/// Base64 without padding. passlib writes `.` for `+`.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    Base64Unpadded::decode_vec(&text.replace('.', "+")).ok()
}

/// Base64 with padding.
pub(super) fn padded_base64(text: &str) -> Option<Vec<u8>> {
    Base64::decode_vec(text).ok()
}

/// A salt that is used as it is written.
pub(super) fn text_salt(text: &str) -> Option<Vec<u8>> {
    salt(text.as_bytes().to_vec())
}

pub(super) fn salt(bytes: Vec<u8>) -> Option<Vec<u8>> {
    (1..=MAX_SALT_BYTES).contains(&bytes.len()).then_some(bytes)
}

/// A digest of one exact length.
pub(super) fn exactly(length: usize, digest: Option<Vec<u8>>) -> Option<Vec<u8>> {
    digest.filter(|digest| digest.len() == length)
}

/// A digest where the maker chose the length: 128 bits at least, in steps of 32 as everybody chooses it. Of another
/// length, it was most likely cut off by a column too narrow for it.
pub(super) fn any_length(digest: Option<Vec<u8>>) -> Option<Vec<u8>> {
    digest.filter(|digest| (16..=64).contains(&digest.len()) && digest.len() % 4 == 0)
}
