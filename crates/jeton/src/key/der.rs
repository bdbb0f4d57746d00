//! Just enough DER (X.690) to find a key inside its wrapping: definite, minimal lengths and low tags only.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
/// `[0]`, constructed: the version of a certificate.
pub(super) const CONTEXT_0: u8 = 0xa0;
/// `[0]`, primitive: the seed of an ML-DSA key (RFC 9881 §6).
pub(super) const SEED: u8 = 0x80;

/// Elements one after another.
#[derive(Clone, Copy)]
pub(super) struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    /// The content of the one element that fills `der` exactly.
    pub(super) fn of_sequence(der: &'a [u8]) -> Option<Self> {
        let mut outer = Self(der);
        let inner = outer.take(SEQUENCE)?;
        outer.is_done().then_some(Self(inner))
    }

    pub(super) fn new(content: &'a [u8]) -> Self {
        Self(content)
    }

    pub(super) fn is_done(self) -> bool {
        self.0.is_empty()
    }

    /// The bytes that have not been taken.
    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }

    /// How many elements there are; `None` when they do not end where the content does.
    pub(super) fn count(mut self) -> Option<usize> {
        let mut elements = 0;
        while !self.is_done() {
            self.next_element()?;
            elements += 1;
        }
        Some(elements)
    }

    pub(super) fn peek(self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The content of the next element, which must have this tag.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        if self.peek()? == tag {
            self.next_element()
        } else {
            None
        }
    }

    /// A positive INTEGER, without the zero that keeps it positive.
    pub(super) fn take_unsigned(&mut self) -> Option<&'a [u8]> {
        let content = self.take(INTEGER)?;
        match content {
            [0, rest @ ..] if rest.first().is_some_and(|first| *first >= 0x80) => Some(rest),
            [1..0x80, ..] => Some(content),
            _ => None,
        }
    }

    /// The next element with its tag and length, which must have this tag.
    pub(super) fn take_whole(&mut self, tag: u8) -> Option<&'a [u8]> {
        let before = self.0;
        self.take(tag)?;
        before.get(..before.len() - self.0.len())
    }

    fn next_element(&mut self) -> Option<&'a [u8]> {
        let (_tag, rest) = self.0.split_first()?;
        let (length, rest) = match rest {
            [short @ ..=0x7f, rest @ ..] => (usize::from(*short), rest),
            [0x81, one @ 0x80..=0xff, rest @ ..] => (usize::from(*one), rest),
            [0x82, high @ 1..=0xff, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(content)
    }
}
