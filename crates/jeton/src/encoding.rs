//! base64url without padding (RFC 7515 §2) and NumericDate (RFC 7519 §2).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64_simd::{Out, URL_SAFE_NO_PAD};

/// How many characters `length` bytes take in base64url.
pub(crate) const fn encoded_len(length: usize) -> usize {
    length.div_ceil(3) * 4 - (3 - length % 3) % 3
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

pub(crate) fn encode_onto(text: &mut String, bytes: &[u8]) {
    URL_SAFE_NO_PAD.encode_append(bytes, text);
}

/// Decodes canonical base64url: no padding, no blanks, no stray bits in the last character.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(text.as_bytes()).ok()
}

/// Decodes onto the end of `buffer`, which grows at most once.
pub(crate) fn decode_onto(buffer: &mut Vec<u8>, text: &str) -> Option<()> {
    URL_SAFE_NO_PAD.decode_append(text.as_bytes(), buffer).ok()
}

/// Decodes into a buffer of the caller's, `None` also when it is too small.
pub(crate) fn decode_into<'b>(buffer: &'b mut [u8], text: &str) -> Option<&'b [u8]> {
    let length = URL_SAFE_NO_PAD.decoded_length(text.as_bytes()).ok()?;
    let room = buffer.get_mut(..length)?;
    let decoded = URL_SAFE_NO_PAD
        .decode(text.as_bytes(), Out::from_slice(room))
        .ok()?;
    Some(decoded)
}

/// Seconds since 1970, negative before it. Exact to the microsecond until the year 2250.
pub(crate) fn seconds(time: SystemTime) -> f64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_secs_f64(),
        Err(before) => -before.duration().as_secs_f64(),
    }
}

/// The time a NumericDate names, unless no clock of this machine could show it.
pub(crate) fn system_time(seconds: f64) -> Option<SystemTime> {
    if let Some(whole) = whole_seconds(seconds) {
        return UNIX_EPOCH.checked_add(Duration::from_secs(whole));
    }
    let distance = Duration::try_from_secs_f64(seconds.abs()).ok()?;
    if seconds < 0.0 {
        UNIX_EPOCH.checked_sub(distance)
    } else {
        UNIX_EPOCH.checked_add(distance)
    }
}

/// The common case, without the arithmetic of fractions.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "only numbers that survive the way there and back are taken"
)]
fn whole_seconds(seconds: f64) -> Option<u64> {
    let whole = seconds as u64;
    (whole < 1 << 40 && whole as f64 == seconds).then_some(whole)
}

/// Whole seconds since 1970, as tokens carry them.
pub(crate) fn numeric_date(time: SystemTime) -> Option<u64> {
    time.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_match_the_encoder() {
        for length in 0..200 {
            assert_eq!(
                encoded_len(length),
                encode(&vec![7; length]).len(),
                "{length} bytes"
            );
        }
    }

    #[test]
    fn only_the_canonical_spelling_decodes() {
        assert_eq!(decode("AQ").as_deref(), Some(&[1][..]));
        for odd in ["AR", "AQ==", "A", "A Q", "AQ\n", "+/+/", "AQI", "AQ.", "é"] {
            let canonical = decode(odd).map(|bytes| encode(&bytes));
            assert!(canonical.is_none_or(|text| text == odd), "{odd:?} decoded");
        }
        assert!(decode("AR").is_none());
        assert!(decode("AAF").is_none());
    }

    #[test]
    fn dates_go_both_ways() {
        for date in [0.0, 1.5, -1.5, 1_700_000_000.0, 1e15] {
            assert_eq!(system_time(date).map(seconds), Some(date));
        }
        assert_eq!(system_time(1e300), None);
        assert_eq!(system_time(f64::NAN), None);
    }
}
