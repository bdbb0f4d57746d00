//! What a client registers, as flags. An empty text takes a member away.

use std::{fs, path::PathBuf};

use clap::{ArgAction, Args};
use serde_json::Value;

use crate::{
    cli::running::Outcome,
    model::{
        client::{
            change::{Edit, RegistrationChange},
            redirect_uri::{RedirectUri, RedirectUriError},
            registration::{ClientAuthentication, GrantType, IdTokenAlg, Pkce},
        },
        scope::{Scope, ScopeError},
    },
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Registering {
    /// A scope it may have; may be repeated
    #[arg(long, value_parser = scope)]
    pub(super) scope: Vec<Listed<Scope>>,
    /// An address that people are sent back to after signing in; may be repeated
    #[arg(long, value_name = "URI", value_parser = address)]
    redirect_uri: Vec<Listed<RedirectUri>>,
    /// An address that people may be sent to after signing out; may be repeated
    #[arg(long, value_name = "URI", value_parser = address)]
    post_logout_redirect_uri: Vec<Listed<RedirectUri>>,
    /// `authorization_code`, `refresh_token` or `client_credentials`; may be repeated
    #[arg(long, value_parser = grant)]
    grant: Vec<GrantType>,
    /// It keeps no secret: in a browser, on a phone, on people's machines
    #[arg(long, conflicts_with = "auth_method")]
    public: bool,
    /// `none`, `client_secret_basic`, `client_secret_post` or `private_key_jwt`
    #[arg(long, value_name = "METHOD", value_parser = method)]
    auth_method: Option<ClientAuthentication>,
    /// `required`, or `optional` for software that cannot
    #[arg(long, value_parser = pkce)]
    pkce: Option<Pkce>,
    /// It is the operator's own: nobody is asked for consent
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", action = ArgAction::Set)]
    first_party: Option<bool>,
    /// What ID tokens are signed with: `ES256`, `RS256` or `EdDSA`
    #[arg(long, value_name = "ALG", value_parser = algorithm)]
    id_token_alg: Option<IdTokenAlg>,
    /// The same for answers about users; without, they are plain JSON
    #[arg(long, value_name = "ALG")]
    userinfo_alg: Option<String>,
    /// Where it is told that somebody signed out
    #[arg(long, value_name = "URI")]
    backchannel_logout_uri: Option<String>,
    /// A file with its public keys, for `private_key_jwt`
    #[arg(long, value_name = "FILE", conflicts_with = "jwks_uri")]
    jwks: Option<PathBuf>,
    /// Where its public keys are published
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
    /// Its home page, as people are shown it
    #[arg(long, value_name = "URL")]
    client_uri: Option<String>,
    /// Its picture
    #[arg(long, value_name = "URL")]
    logo_uri: Option<String>,
    /// What it does with people's data
    #[arg(long, value_name = "URL")]
    policy_uri: Option<String>,
    /// Its terms of service
    #[arg(long, value_name = "URL")]
    tos_uri: Option<String>,
}

/// A flag of a list, or the empty text, which stands for none.
#[derive(Clone, Debug)]
pub(in crate::cli) enum Listed<T> {
    None,
    One(T),
}

/// All that was given, each once; nothing when no flag was.
pub(super) fn list<T: PartialEq>(given: Vec<Listed<T>>) -> Option<Vec<T>> {
    if given.is_empty() {
        return None;
    }
    let mut list = Vec::new();
    for listed in given {
        match listed {
            Listed::One(value) if !list.contains(&value) => list.push(value),
            Listed::One(_) | Listed::None => {}
        }
    }
    Some(list)
}

impl Registering {
    /// The registration asked for, in place of what `preset` has.
    pub(super) fn over(self, preset: RegistrationChange) -> Outcome<RegistrationChange> {
        let authentication = if self.public {
            Some(ClientAuthentication::None)
        } else {
            self.auth_method
        };
        let grants = self.grant.into_iter().map(Listed::One).collect();
        let userinfo_alg = match text(self.userinfo_alg) {
            Edit::Keep => Edit::Keep,
            Edit::Remove => Edit::Remove,
            Edit::Set(name) => Edit::Set(algorithm(&name)?),
        };
        let keys_at = text(self.jwks_uri);
        let jwks = match self.jwks {
            Some(path) => Edit::Set(keys(&path)?),
            // Keys that are published elsewhere stand in the place of those given before.
            None if matches!(keys_at, Edit::Set(_)) => Edit::Remove,
            None => Edit::Keep,
        };
        let jwks_uri = match (&jwks, keys_at) {
            (Edit::Set(_), Edit::Keep) => Edit::Remove,
            (_, keys_at) => keys_at,
        };
        Ok(RegistrationChange {
            grant_types: list(grants).or(preset.grant_types),
            authentication: authentication.or(preset.authentication),
            redirect_uris: list(self.redirect_uri).or(preset.redirect_uris),
            post_logout_redirect_uris: list(self.post_logout_redirect_uri)
                .or(preset.post_logout_redirect_uris),
            backchannel_logout_uri: match text(self.backchannel_logout_uri) {
                Edit::Keep => preset.backchannel_logout_uri,
                given => given,
            },
            pkce: self.pkce.or(preset.pkce),
            first_party: self.first_party.or(preset.first_party),
            id_token_alg: self.id_token_alg.or(preset.id_token_alg),
            userinfo_alg,
            jwks,
            jwks_uri,
            client_uri: text(self.client_uri),
            logo_uri: text(self.logo_uri),
            policy_uri: text(self.policy_uri),
            tos_uri: text(self.tos_uri),
        })
    }
}

fn text(given: Option<String>) -> Edit<String> {
    match given {
        None => Edit::Keep,
        Some(text) if text.is_empty() => Edit::Remove,
        Some(text) => Edit::Set(text),
    }
}

fn keys(path: &PathBuf) -> Outcome<Value> {
    let name = path.display();
    let text = fs::read_to_string(path).map_err(|error| format!("cannot read {name}: {error}"))?;
    let keys = jeton::json::from_str(&text).map_err(|error| format!("{name} is no JWK set: {error}"))?;
    Ok(keys)
}

fn scope(text: &str) -> Result<Listed<Scope>, ScopeError> {
    if text.is_empty() {
        return Ok(Listed::None);
    }
    text.parse().map(Listed::One)
}

fn address(text: &str) -> Result<Listed<RedirectUri>, RedirectUriError> {
    if text.is_empty() {
        return Ok(Listed::None);
    }
    text.parse().map(Listed::One)
}

fn grant(name: &str) -> Result<GrantType, &'static str> {
    GrantType::from_name(name).ok_or("it is authorization_code, refresh_token or client_credentials")
}

fn method(name: &str) -> Result<ClientAuthentication, &'static str> {
    ClientAuthentication::from_name(name)
        .ok_or("it is none, client_secret_basic, client_secret_post or private_key_jwt")
}

fn pkce(name: &str) -> Result<Pkce, &'static str> {
    Pkce::from_name(name).ok_or("it is required or optional")
}

fn algorithm(name: &str) -> Result<IdTokenAlg, &'static str> {
    IdTokenAlg::from_name(name).ok_or("an algorithm is ES256, RS256 or EdDSA")
}
