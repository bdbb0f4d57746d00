//! E-mail addresses, checked for shape only: whether one receives mail is for a message to find out.

use std::{fmt, str::FromStr};

/// An address of the shape `local@domain`, at most 254 bytes (RFC 5321 §4.5.3.1), kept as typed.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Redacted: an address is personal and does not belong in a log.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(..)")
    }
}

/// Why a text is not an e-mail address.
#[derive(Debug, thiserror::Error)]
#[error("`email` is not an address of the shape name@example.org with at most 254 bytes")]
pub struct EmailError;

impl FromStr for EmailAddress {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError)?;
        let label = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
        let shaped = text.len() <= 254
            && (1..=64).contains(&local.len())
            && !local.contains('@')
            && domain.split('.').all(label)
            && !text.chars().any(|c| c.is_whitespace() || c.is_control());
        if shaped {
            Ok(Self(text.to_owned()))
        } else {
            Err(EmailError)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_decides() {
        for good in [
            "romel@example.org",
            "o'neil+tag@mail.example.co",
            "ü@bücher.example",
            "root@localhost",
        ] {
            assert!(good.parse::<EmailAddress>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "romel",
            "@example.org",
            "romel@",
            "a@b@c",
            "a b@c.d",
            "a@.d",
            "a@c..d",
            "a@-c.d",
            "a\0@b.c",
        ] {
            assert!(bad.parse::<EmailAddress>().is_err(), "{bad:?}");
        }
        assert!(
            format!("{}@example.org", "x".repeat(250))
                .parse::<EmailAddress>()
                .is_err()
        );
    }
}
