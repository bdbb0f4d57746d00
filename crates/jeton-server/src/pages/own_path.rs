//! Where somebody is taken after signing in: a page of this service and nowhere else.

use std::fmt;

/// A path of this service, with its query. Whatever a browser could take for another host is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OwnPath(String);

/// The longest that is kept.
pub(super) const MAX_BYTES: usize = 4000;

impl OwnPath {
    /// Reads a path as it came in a query or a form; none where it is not plainly ours.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut bytes = text.bytes();
        let begins = bytes.next() == Some(b'/');
        // Browsers take a backslash for a slash, and two of either for a host's beginning.
        let second = bytes.next();
        let leads_away = matches!(second, Some(b'/' | b'\\'));
        let plain = text
            .bytes()
            .all(|byte| (0x21..0x7f).contains(&byte) && byte != b'\\');
        let fits = text.len() <= MAX_BYTES;
        (begins && !leads_away && plain && fits).then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The path of a page that leads back to this one once its form is done.
    pub(super) fn behind(&self, entrance: &str) -> Self {
        Self(format!("{entrance}?return_to={}", self.encoded()))
    }

    /// This path as the value of a parameter.
    pub(super) fn encoded(&self) -> String {
        form_urlencoded::byte_serialize(self.0.as_bytes()).collect()
    }
}

impl Default for OwnPath {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl fmt::Display for OwnPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, OwnPath};

    #[test]
    fn own_paths_are_kept() {
        for path in [
            "/",
            "/account",
            "/account/sessions?ended=1",
            "/inspect#claims",
            "/a//b",
        ] {
            assert_eq!(OwnPath::parse(path).map(|path| path.0).as_deref(), Some(path));
        }
    }

    #[test]
    fn whatever_may_lead_to_another_host_is_none() {
        for path in [
            "",
            "account",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            " /account",
            "/acc ount",
            "javascript:alert(1)",
            "/ä",
            "/a\\b",
        ] {
            assert_eq!(OwnPath::parse(path), None, "{path:?}");
        }
        assert_eq!(OwnPath::parse(&format!("/{}", "a".repeat(MAX_BYTES))), None);
    }
}
