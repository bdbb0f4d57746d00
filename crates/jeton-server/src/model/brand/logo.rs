//! Logos: PNG or WebP. A picture that could run something, as SVG can, is none.

use std::{fmt, sync::Arc};

/// The largest logo, in bytes: it is loaded with the first page.
const MAX_BYTES: usize = 16 * 1024;

/// A picture before the name.
#[derive(Clone)]
pub struct Logo {
    bytes: Arc<[u8]>,
    media_type: &'static str,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogoError {
    #[error("it is longer than {} KiB", MAX_BYTES / 1024)]
    TooLarge,
    #[error("it is neither PNG nor WebP")]
    Kind,
}

impl Logo {
    /// Takes a file's bytes for a logo.
    ///
    /// # Errors
    ///
    /// [`LogoError`] says what they are instead.
    pub fn new(bytes: Vec<u8>) -> Result<Self, LogoError> {
        if bytes.len() > MAX_BYTES {
            return Err(LogoError::TooLarge);
        }
        let media_type = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            "image/png"
        } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            "image/webp"
        } else {
            return Err(LogoError::Kind);
        };
        Ok(Self {
            bytes: bytes.into(),
            media_type,
        })
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    #[must_use]
    pub const fn media_type(&self) -> &'static str {
        self.media_type
    }
}

/// Its length alone.
impl fmt::Debug for Logo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Logo({}, {} bytes)", self.media_type, self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_known_by_how_they_begin() {
        let kind = |bytes: &[u8]| Logo::new(bytes.to_vec()).map(|logo| logo.media_type());
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n...").unwrap(), "image/png");
        assert_eq!(kind(b"RIFF\0\0\0\0WEBPVP8 ").unwrap(), "image/webp");
        for other in [
            &b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..],
            b"GIF89a",
            b"RIFF",
            b"",
            b"\xff\xd8\xff",
        ] {
            assert_eq!(kind(other).unwrap_err(), LogoError::Kind);
        }
        let large = [b"\x89PNG\r\n\x1a\n".to_vec(), vec![0; MAX_BYTES]].concat();
        assert_eq!(kind(&large).unwrap_err(), LogoError::TooLarge);
    }
}
