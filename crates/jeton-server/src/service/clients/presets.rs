//! Presets: what well-known programs register, and the settings that lead them here.

use form_urlencoded::byte_serialize;

use crate::model::{
    client::{
        change::{Edit, RegistrationChange},
        redirect_uri::{RedirectUri, RedirectUriError},
        registration::{ClientAuthentication, IdTokenAlg, Pkce},
    },
    scope::Scope,
};

mod table;

pub use table::ALL;

/// A program and what it takes to sign people in to it. Paths stand behind the address of the program.
#[derive(Debug)]
pub struct Preset {
    /// Its name on the command line, and that of its page in `docs/clients`.
    pub name: &'static str,
    pub title: &'static str,
    /// Where the program is reached unless it is said.
    pub url: &'static str,
    /// A path, or a whole address where the program is on people's own machines.
    pub redirects: &'static [&'static str],
    pub post_logout: &'static [&'static str],
    pub backchannel_logout: Option<&'static str>,
    pub authentication: ClientAuthentication,
    pub pkce: Pkce,
    pub id_token_alg: IdTokenAlg,
    pub scopes: &'static [&'static str],
    /// Where the settings go.
    pub place: &'static str,
    /// The settings, with `{issuer}`, `{url}`, `{client_id}` and `{client_secret}` to be filled in; `{in_query:url}` is
    /// the address as a query writes it.
    pub settings: &'static str,
}

impl Preset {
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|preset| preset.name == name)
    }

    /// What the program registers when it is reached at `url`.
    ///
    /// # Errors
    ///
    /// [`RedirectUriError`] when people cannot be sent to this address.
    pub fn registration(&self, url: &str) -> Result<RegistrationChange, RedirectUriError> {
        let addresses = |paths: &[&str]| -> Result<Vec<RedirectUri>, RedirectUriError> {
            paths.iter().map(|path| address(url, path).parse()).collect()
        };
        Ok(RegistrationChange {
            redirect_uris: Some(addresses(self.redirects)?),
            post_logout_redirect_uris: Some(addresses(self.post_logout)?),
            backchannel_logout_uri: match self.backchannel_logout {
                Some(path) => Edit::Set(address(url, path)),
                None => Edit::Keep,
            },
            authentication: Some(self.authentication),
            pkce: Some(self.pkce),
            id_token_alg: Some(self.id_token_alg),
            ..RegistrationChange::default()
        })
    }

    #[must_use]
    pub fn scopes(&self) -> Vec<Scope> {
        self.scopes.iter().filter_map(|name| name.parse().ok()).collect()
    }

    /// The settings to paste into the program.
    #[must_use]
    pub fn settings(&self, issuer: &str, url: &str, client_id: &str, client_secret: &str) -> String {
        let url = url.trim_end_matches('/');
        let in_query: String = byte_serialize(url.as_bytes()).collect();
        // The secret comes last: it is no text to look for placeholders in.
        self.settings
            .replace("{issuer}", issuer.trim_end_matches('/'))
            .replace("{url}", url)
            .replace("{in_query:url}", &in_query)
            .replace("{client_id}", client_id)
            .replace("{client_secret}", client_secret)
    }
}

fn address(url: &str, path: &str) -> String {
    if path.contains("://") {
        path.to_owned()
    } else {
        format!("{}{path}", url.trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests;
