use jeton::json::{self, Object};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The longest `claims` parameter that is read.
const MAX_LENGTH: usize = 4096;

/// The most names that are kept of one request.
const MAX_NAMES: usize = 32;

/// Claims that a client asks for by name, beside those of its scopes (OpenID Connect Core §5.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestedClaims {
    pub userinfo: Vec<String>,
    pub id_token: Vec<String>,
    /// The one user whose ID token is asked for.
    pub subject: Option<String>,
}

impl RequestedClaims {
    /// Whether one of these is asked for, wherever.
    pub(super) fn ask_for(&self, names: &[&str]) -> bool {
        let asked = self.userinfo.iter().chain(&self.id_token);
        asked.into_iter().any(|asked| names.contains(&asked.as_str()))
    }

    /// Reads the parameter. What it asks for beyond names is heeded for `sub` alone: no other claim can have more than one
    /// value.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn read(text: Option<&str>) -> Result<Self, &'static str> {
        let Some(text) = text else {
            return Ok(Self::default());
        };
        if text.len() > MAX_LENGTH {
            return Err("`claims` is longer than 4096 characters");
        }
        let object: Object = json::from_str(text).map_err(|_| "`claims` is no JSON object")?;
        let object: Map<String, Value> = object.into();
        let names = |member: &str| match object.get(member) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Object(asked)) => Ok(asked.keys().take(MAX_NAMES).cloned().collect()),
            Some(_) => Err("`claims` has a member that is no object"),
        };
        let subject = object
            .get("id_token")
            .and_then(|asked| asked.get("sub")?.get("value")?.as_str());
        Ok(Self {
            userinfo: names("userinfo")?,
            id_token: names("id_token")?,
            subject: subject.map(str::to_owned),
        })
    }
}
