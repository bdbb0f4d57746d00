//! Devices that have signed in before, and the token that proves it, so that failures of others do not count against
//! them.

use std::{fmt, str::FromStr};

use base64_simd::URL_SAFE_NO_PAD;

/// The random name of a known device: 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeviceNonce([u8; 16]);

impl DeviceNonce {
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for DeviceNonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceNonce(..)")
    }
}

/// A device's nonce and the MAC that ties it to a user: `nonce.mac`, each in base64url. It opens nothing.
///
/// A parsed token is unverified.
#[derive(Clone)]
pub struct DeviceToken {
    pub nonce: DeviceNonce,
    pub mac: [u8; 32],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a device token")]
pub struct MalformedDeviceToken;

impl FromStr for DeviceToken {
    type Err = MalformedDeviceToken;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (nonce, mac) = text.split_once('.').ok_or(MalformedDeviceToken)?;
        Ok(Self {
            nonce: DeviceNonce(decode(nonce)?),
            mac: decode(mac)?,
        })
    }
}

fn decode<const N: usize>(text: &str) -> Result<[u8; N], MalformedDeviceToken> {
    let bytes = URL_SAFE_NO_PAD
        .decode_to_vec(text)
        .map_err(|_| MalformedDeviceToken)?;
    bytes.try_into().map_err(|_| MalformedDeviceToken)
}

impl fmt::Display for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nonce = URL_SAFE_NO_PAD.encode_to_string(self.nonce.0);
        let mac = URL_SAFE_NO_PAD.encode_to_string(self.mac);
        write!(f, "{nonce}.{mac}")
    }
}

impl fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_back_and_anything_else_is_refused() {
        let token = DeviceToken {
            nonce: DeviceNonce([7; 16]),
            mac: [9; 32],
        };
        let text = token.to_string();
        let read: DeviceToken = text.parse().unwrap();
        assert_eq!((read.nonce, read.mac), (token.nonce, token.mac));
        let short = &text[..text.len() - 2];
        let long = format!("{text}AA");
        for bad in ["", ".", "a.b", short, &long, &text.replace('.', ""), "é.é"] {
            assert!(bad.parse::<DeviceToken>().is_err(), "{bad}");
        }
    }
}
