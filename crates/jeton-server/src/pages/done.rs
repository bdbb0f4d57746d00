use serde::Deserialize;

/// The act that led to a page, by the name in its address. The page says what was done.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    pub(super) done: String,
}
