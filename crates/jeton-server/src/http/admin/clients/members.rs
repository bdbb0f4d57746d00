//! The members of a client in requests and answers: names and values are those of RFC 7591 §2 and OpenID Connect
//! Registration §2, beside `pkce` and `first_party`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    http::error::ApiError,
    model::{
        client::{
            Client,
            change::{Edit, RegistrationChange},
            redirect_uri::RedirectUri,
            registration::{ClientAuthentication, GrantType, IdTokenAlg, Pkce},
        },
        scope::{self, MAX_SCOPES, Scope},
    },
};

/// A program or an application that may get tokens: for itself, or for users who let it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClientRecord {
    /// Its `client_id`, and the `sub` of tokens it gets for itself.
    id: String,
    #[schema(example = "billing")]
    name: String,
    scopes: Vec<String>,
    disabled: bool,
    /// Seconds since the epoch.
    created_at: i64,
    /// Of `authorization_code`, `refresh_token` and `client_credentials`.
    grant_types: Vec<&'static str>,
    /// `client_secret_basic` of every client with a secret, which may also send it in the body.
    token_endpoint_auth_method: &'static str,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    backchannel_logout_uri: Option<String>,
    /// `required` or `optional`.
    pkce: &'static str,
    /// Whether it belongs to whoever runs the service, so that nobody is asked for consent.
    first_party: bool,
    id_token_signed_response_alg: &'static str,
    /// Absent where answers of the userinfo endpoint are plain JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    userinfo_signed_response_alg: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>, nullable = false)]
    jwks: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    jwks_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    client_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    logo_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    policy_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    tos_uri: Option<String>,
}

impl ClientRecord {
    pub(crate) fn new(client: &Client) -> Self {
        let registration = client.registration.clone();
        Self {
            id: client.id.to_string(),
            name: client.name.as_str().to_owned(),
            scopes: client.scopes.iter().map(ToString::to_string).collect(),
            disabled: client.disabled,
            created_at: client.created_at.seconds(),
            grant_types: registration
                .grant_types
                .into_iter()
                .map(GrantType::as_str)
                .collect(),
            token_endpoint_auth_method: registration.authentication.as_str(),
            redirect_uris: texts(&registration.redirect_uris),
            post_logout_redirect_uris: texts(&registration.post_logout_redirect_uris),
            backchannel_logout_uri: registration.backchannel_logout_uri,
            pkce: registration.pkce.as_str(),
            first_party: registration.first_party,
            id_token_signed_response_alg: registration.id_token_alg.as_str(),
            userinfo_signed_response_alg: registration.userinfo_alg.map(IdTokenAlg::as_str),
            jwks: registration.jwks,
            jwks_uri: registration.jwks_uri,
            client_uri: registration.client_uri,
            logo_uri: registration.logo_uri,
            policy_uri: registration.policy_uri,
            tos_uri: registration.tos_uri,
        }
    }
}

fn texts(addresses: &[RedirectUri]) -> Vec<String> {
    addresses.iter().map(ToString::to_string).collect()
}

/// A body with the members of a registration behind its own.
macro_rules! with_registration {
    ($(#[$attribute:meta])* struct $name:ident { $($own:tt)* }) => {
        $(#[$attribute])*
        pub(in crate::http) struct $name {
            $($own)*
            /// Of `authorization_code`, `refresh_token` and `client_credentials`. A new client with `redirect_uris` has
            /// the first two, any other the last.
            #[schema(nullable = false)]
            grant_types: Option<Vec<String>>,
            /// `none` for a public client, `client_secret_basic` or `client_secret_post` (either way is taken from both),
            /// or `private_key_jwt`.
            #[schema(nullable = false)]
            token_endpoint_auth_method: Option<String>,
            /// Addresses that people are sent back to, compared character by character but for the port of one on this
            /// machine: https, http on this machine, and for public clients schemes such as `com.example.app:/callback`.
            #[schema(nullable = false)]
            redirect_uris: Option<Vec<String>>,
            /// Addresses that people may be sent to after a sign-out.
            #[schema(nullable = false)]
            post_logout_redirect_uris: Option<Vec<String>>,
            /// The address that signed logout tokens are sent to.
            #[serde(default)]
            #[schema(value_type = Option<String>)]
            backchannel_logout_uri: Edit<String>,
            /// `required`, or `optional` for a client with a secret or a key whose software cannot.
            #[schema(nullable = false)]
            pkce: Option<String>,
            /// Whether it belongs to whoever runs the service, so that nobody is asked for consent.
            #[schema(nullable = false)]
            first_party: Option<bool>,
            /// `ES256`, `RS256` or `EdDSA`.
            #[schema(nullable = false)]
            id_token_signed_response_alg: Option<String>,
            /// The same names, or null for plain JSON.
            #[serde(default)]
            #[schema(value_type = Option<String>)]
            userinfo_signed_response_alg: Edit<String>,
            /// The public keys of a client with `private_key_jwt`, a JWK set.
            #[serde(default)]
            #[schema(value_type = Option<Object>)]
            jwks: Edit<Value>,
            /// Where these keys are published, in place of `jwks`.
            #[serde(default)]
            #[schema(value_type = Option<String>)]
            jwks_uri: Edit<String>,
            /// Its home page.
            #[serde(default)]
            #[schema(value_type = Option<String>)]
            client_uri: Edit<String>,
            #[serde(default)]
            #[schema(value_type = Option<String>)]
            logo_uri: Edit<String>,
            /// What it does with people's data.
            #[serde(default)]
            #[schema(value_type = Option<String>)]
            policy_uri: Edit<String>,
            /// Its terms of service.
            #[serde(default)]
            #[schema(value_type = Option<String>)]
            tos_uri: Edit<String>,
        }

        impl $name {
            /// The registration asked for; or a refusal that names the member.
            pub(in crate::http) fn registration(&self) -> Result<RegistrationChange, ApiError> {
                Ok(RegistrationChange {
                    grant_types: each("grant_types", self.grant_types.as_deref(), GrantType::from_name, &GRANTS)?,
                    authentication: one(
                        "token_endpoint_auth_method",
                        self.token_endpoint_auth_method.as_deref(),
                        ClientAuthentication::from_name,
                        &ClientAuthentication::NAMES,
                    )?,
                    redirect_uris: addresses("redirect_uris", self.redirect_uris.as_deref())?,
                    post_logout_redirect_uris: addresses(
                        "post_logout_redirect_uris",
                        self.post_logout_redirect_uris.as_deref(),
                    )?,
                    backchannel_logout_uri: self.backchannel_logout_uri.clone(),
                    pkce: one("pkce", self.pkce.as_deref(), Pkce::from_name, &["required", "optional"])?,
                    first_party: self.first_party,
                    id_token_alg: one(
                        "id_token_signed_response_alg",
                        self.id_token_signed_response_alg.as_deref(),
                        IdTokenAlg::from_name,
                        &ALGORITHMS,
                    )?,
                    userinfo_alg: match &self.userinfo_signed_response_alg {
                        Edit::Keep => Edit::Keep,
                        Edit::Remove => Edit::Remove,
                        Edit::Set(name) => Edit::Set(known(
                            "userinfo_signed_response_alg",
                            name,
                            IdTokenAlg::from_name,
                            &ALGORITHMS,
                        )?),
                    },
                    jwks: self.jwks.clone(),
                    jwks_uri: self.jwks_uri.clone(),
                    client_uri: self.client_uri.clone(),
                    logo_uri: self.logo_uri.clone(),
                    policy_uri: self.policy_uri.clone(),
                    tos_uri: self.tos_uri.clone(),
                })
            }
        }
    };
}

with_registration! {
    /// A client to be made. A member it does not name is refused.
    #[derive(Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(example = json!({ "name": "billing", "scopes": ["revocations:read"] }))]
    struct NewClientBody {
        #[schema(example = "billing")]
        pub(super) name: String,
        /// Names of 1 to 64 characters of `a-z`, `0-9`, `-`, `_`, `.`, `:` and `/`. A client that signs people in has
        /// `openid profile email offline_access roles` beside its own, unless some of these are named.
        #[serde(default)]
        pub(super) scopes: Vec<String>,
    }
}

with_registration! {
    /// Changes to a client. What is left out stays, and null takes away; a member not named here is refused.
    #[derive(Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(example = json!({ "scopes": ["revocations:read"] }))]
    struct ClientChanges {
        #[schema(nullable = false)]
        pub(super) name: Option<String>,
        /// All scopes from now on.
        pub(super) scopes: Option<Vec<String>>,
        /// A disabled client gets no tokens.
        pub(super) disabled: Option<bool>,
    }
}

const GRANTS: [&str; 3] = ["authorization_code", "refresh_token", "client_credentials"];
const ALGORITHMS: [&str; 3] = ["ES256", "RS256", "EdDSA"];

fn known<T>(
    member: &str,
    name: &str,
    parse: impl Fn(&str) -> Option<T>,
    names: &[&str],
) -> Result<T, ApiError> {
    parse(name)
        .ok_or_else(|| ApiError::invalid(format!("`{member}` knows these names: {}", names.join(", "))))
}

fn one<T>(
    member: &str,
    name: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
    names: &[&str],
) -> Result<Option<T>, ApiError> {
    name.map(|name| known(member, name, parse, names)).transpose()
}

/// Each once, in the order given.
fn each<T: PartialEq>(
    member: &str,
    listed: Option<&[String]>,
    parse: impl Fn(&str) -> Option<T>,
    names: &[&str],
) -> Result<Option<Vec<T>>, ApiError> {
    let Some(listed) = listed else { return Ok(None) };
    let mut each = Vec::new();
    for name in listed {
        let one = known(member, name, &parse, names)?;
        if !each.contains(&one) {
            each.push(one);
        }
    }
    Ok(Some(each))
}

/// Each once, in the order given.
fn addresses(member: &str, listed: Option<&[String]>) -> Result<Option<Vec<RedirectUri>>, ApiError> {
    let Some(listed) = listed else { return Ok(None) };
    let mut addresses: Vec<RedirectUri> = Vec::new();
    for (place, text) in listed.iter().enumerate() {
        let address = text.parse().map_err(|error| {
            ApiError::invalid(format!(
                "`{member}` number {} cannot be registered: {error}",
                place + 1
            ))
        })?;
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok(Some(addresses))
}

/// Each once, in the order given.
pub(super) fn scopes(names: &[String]) -> Result<Vec<Scope>, ApiError> {
    let scopes: Result<Vec<Scope>, _> = names.iter().map(|name| name.parse()).collect();
    let scopes = scopes.map_err(|error| ApiError::invalid(format!("`scopes` names no scope: {error}")))?;
    scope::fit(scopes).map_err(|_| ApiError::invalid(format!("`scopes` has more than {MAX_SCOPES} names")))
}
