//! The brand: what the pages show of whoever runs the service.

/// Name and look of a service, as its settings say.
#[derive(Clone, Debug)]
pub struct Brand {
    /// The name in the corner and in titles.
    pub name: String,
    /// The host that people sign in to.
    pub host: String,
}

impl Brand {
    /// The brand of a service nobody has given one.
    #[must_use]
    pub fn of(host: &str) -> Self {
        Self {
            name: "Jeton".to_owned(),
            host: host.to_owned(),
        }
    }
}
