use hyper::Error;

use super::limits::MAX_HEAD_BYTES;

/// Reasons for which a request was never read, told to the client in place of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Unread {
    /// Not a request of HTTP/1.1.
    Malformed,
    /// The head did not come to an end in time.
    TooSlow,
    /// The target alone is longer than a head may be.
    TargetTooLong,
    /// The head is too long, or has too many fields.
    HeadTooLarge,
    /// There is no room for another connection.
    NoRoom,
}

impl Unread {
    /// The reason for which a connection ended on which `left` was read last and not understood. None where the client is gone, or
    /// has asked nothing.
    pub(super) fn of(error: &Error, left: &[u8]) -> Option<Self> {
        if error.is_parse_too_large() {
            let first = &left[..left.len().min(MAX_HEAD_BYTES)];
            return Some(if first.contains(&b'\n') {
                Self::HeadTooLarge
            } else {
                Self::TargetTooLong
            });
        }
        if error.is_parse() {
            return Some(Self::Malformed);
        }
        (error.is_timeout() && !left.is_empty()).then_some(Self::TooSlow)
    }
}
