//! Seals: the links that make a chain of the trail.

use std::{fmt, str::FromStr};

use crate::model::{hex, time::Timestamp};

/// One link of the chain. It covers the events behind the previous seal, up to and including `through`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// The seal's place in the chain, from 1.
    pub position: i64,
    /// The number of the last event covered.
    pub through: i64,
    /// How many events are covered.
    pub events: i64,
    /// SHA-256 over the digests of those events, in order.
    pub digest: [u8; 32],
    /// HMAC of all the above, `sealed_at` and the previous seal's, under a key the database does not hold.
    pub mac: [u8; 32],
    pub sealed_at: Timestamp,
    /// HMAC under the same key, which says that the seal's events were deleted when their time was over.
    pub forgotten: Option<[u8; 32]>,
}

impl Seal {
    #[must_use]
    pub const fn head(&self) -> Head {
        Head {
            position: self.position,
            mac: self.mac,
        }
    }
}

/// The seal with which the chain begins, once everything before it was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Base {
    pub position: i64,
    /// The HMAC of that seal, under the chain's key.
    pub mac: [u8; 32],
}

/// A seal as kept outside the database, written `POSITION:MAC`: any loss or change in the chain up to it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub position: i64,
    pub mac: [u8; 32],
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.position, hex::encode(&self.mac))
    }
}

/// Why a text is not a head of the chain.
#[derive(Debug, thiserror::Error)]
#[error(
    "a head of the chain is POSITION:MAC, a number and 64 hexadecimal digits, as `jeton audit verify` prints it"
)]
pub struct HeadError;

impl FromStr for Head {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (position, digits) = text.split_once(':').ok_or(HeadError)?;
        let mac = hex::decode(&digits.to_ascii_lowercase()).ok_or(HeadError)?;
        Ok(Self {
            position: position.parse().map_err(|_| HeadError)?,
            mac: mac.try_into().map_err(|_| HeadError)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_reads_back() {
        let head = Head {
            position: 7,
            mac: std::array::from_fn(|at| u8::try_from(at * 7).unwrap()),
        };
        assert_eq!(head.to_string().parse::<Head>().unwrap(), head);
        let digits = "0".repeat(64);
        for bad in [
            String::new(),
            "7".to_owned(),
            digits.clone(),
            format!(":{digits}"),
            format!("7:{digits}0"),
            format!("7:{digits}00"),
            format!("7:{}+1", &digits[2..]),
            format!("x:{digits}"),
        ] {
            assert!(bad.parse::<Head>().is_err(), "{bad}");
        }
    }
}
