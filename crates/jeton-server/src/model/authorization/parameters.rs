/// The parameters of a request, in the order in which they came. One without a value counts as left out (RFC 6749 §3.1).
#[derive(Clone, Debug, Default)]
pub struct Parameters(Vec<(String, String)>);

/// The most parameters of a request: each is compared with all others.
const MAX_PARAMETERS: usize = 64;

/// A parameter is there twice, which none but `resource` may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twice;

impl Parameters {
    #[must_use]
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// Reads a query, or the body of a form.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// # Errors
    ///
    /// [`Twice`] when it is there more than once.
    pub fn one(&self, name: &str) -> Result<Option<&str>, Twice> {
        let mut values = self.0.iter().filter(|(key, _)| key == name);
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some((_, value)), None) => Ok(Some(value.as_str()).filter(|value| !value.is_empty())),
            (Some(_), Some(_)) => Err(Twice),
        }
    }

    /// Every value of a parameter that may be there more than once.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self
            .0
            .iter()
            .filter(move |(key, value)| key == name && !value.is_empty());
        named.map(|(_, value)| value.as_str())
    }

    /// What is wrong where a parameter is there twice, or where there are more than any request has.
    pub(super) fn twice(&self) -> Option<&'static str> {
        if self.0.len() > MAX_PARAMETERS {
            return Some("there are more than 64 parameters");
        }
        let again = |(place, (name, _)): (usize, &(String, String))| {
            name != "resource" && self.0.iter().take(place).any(|(before, _)| before == name)
        };
        self.0
            .iter()
            .enumerate()
            .any(again)
            .then_some("a parameter is there twice")
    }

    /// Whether a scope is among those asked for.
    pub(super) fn asks_for(&self, scope: &str) -> bool {
        let asked = self.one("scope").ok().flatten().unwrap_or_default();
        asked.split(' ').any(|name| name == scope)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
