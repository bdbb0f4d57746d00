use std::{collections::HashSet, sync::Mutex};

/// Origins whose pages were refused and that the log has named. Anybody can send any origin, so there are not many.
#[derive(Debug, Default)]
pub struct RefusedOrigins(Mutex<HashSet<Box<str>>>);

impl RefusedOrigins {
    const MOST: usize = 32;
    const LONGEST: usize = 256;

    /// Whether the log is to name the origin: the first time it is met, and while there is room.
    pub(in crate::http) fn is_news(&self, origin: &str) -> bool {
        let Ok(mut named) = self.0.lock() else {
            return false;
        };
        origin.len() <= Self::LONGEST && named.len() < Self::MOST && named.insert(origin.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_named_once_and_not_every_stranger_is() {
        let refused = RefusedOrigins::default();
        assert!(refused.is_news("https://app.example"));
        assert!(!refused.is_news("https://app.example"));
        assert!(!refused.is_news(&format!("https://{}.example", "x".repeat(300))));
        let named = (0..1000).filter(|number| refused.is_news(&format!("https://{number}.example")));
        assert_eq!(named.count(), RefusedOrigins::MOST - 1);
    }
}
