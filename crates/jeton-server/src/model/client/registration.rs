//! What a client registered: how it proves itself, where it may send people back to, and how its tokens are signed.
//! Names and values are those of RFC 7591 §2 and OpenID Connect Registration §2.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::redirect_uri::RedirectUri;

/// A client's registration, as it is stored. A member that is left out has its default, which is that of a program with
/// a secret that calls on its own behalf.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Registration {
    pub grant_types: Vec<GrantType>,
    pub authentication: ClientAuthentication,
    pub redirect_uris: Vec<RedirectUri>,
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Where signed logout tokens are sent (OpenID Connect Back-Channel Logout).
    pub backchannel_logout_uri: Option<String>,
    pub pkce: Pkce,
    /// It belongs to whoever runs the service, so nobody is asked for consent.
    pub first_party: bool,
    pub id_token_alg: IdTokenAlg,
    /// The algorithm that answers of the userinfo endpoint are signed with; none for plain JSON.
    pub userinfo_alg: Option<IdTokenAlg>,
    /// Public keys it signs its assertions with, one JWK set.
    pub jwks: Option<Value>,
    /// Where these keys are published, in place of `jwks`.
    pub jwks_uri: Option<String>,
    pub client_uri: Option<String>,
    pub logo_uri: Option<String>,
    pub policy_uri: Option<String>,
    pub tos_uri: Option<String>,
}

impl Default for Registration {
    fn default() -> Self {
        Self {
            grant_types: vec![GrantType::ClientCredentials],
            authentication: ClientAuthentication::Secret,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            pkce: Pkce::Required,
            first_party: false,
            id_token_alg: IdTokenAlg::Es256,
            userinfo_alg: None,
            jwks: None,
            jwks_uri: None,
            client_uri: None,
            logo_uri: None,
            policy_uri: None,
            tos_uri: None,
        }
    }
}

impl Registration {
    #[must_use]
    pub fn allows(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// Whether it is a public client (RFC 6749 §2.1): one that can keep no secret.
    #[must_use]
    pub const fn is_public(&self) -> bool {
        matches!(self.authentication, ClientAuthentication::None)
    }

    /// Whether it may leave out PKCE: a confidential one whose software cannot.
    #[must_use]
    pub const fn may_omit_pkce(&self) -> bool {
        matches!(self.pkce, Pkce::Optional) && !self.is_public()
    }

    /// Whether people may be sent back to an address presented: it is one of those registered, character by character,
    /// but for the port of one on this machine (RFC 8252 §7.3).
    #[must_use]
    pub fn redirects_to(&self, presented: &str) -> bool {
        self.redirect_uris.iter().any(|known| known.matches(presented))
    }

    /// Whether people may be sent to an address after a sign-out.
    #[must_use]
    pub fn signs_out_to(&self, presented: &str) -> bool {
        self.post_logout_redirect_uris
            .iter()
            .any(|known| known.matches(presented))
    }
}

/// Ways to a token (RFC 7591 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
}

impl GrantType {
    pub const ALL: [Self; 3] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
    ];

    /// Its name in requests and registrations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.as_str() == name)
    }
}

/// How a client proves itself (RFC 7591 §2, `token_endpoint_auth_method`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// Not at all: a public client.
    None,
    /// By its secret, in the header or in the body.
    Secret,
    /// By a JWT it signs with a key of its own (RFC 7523 §2.2).
    PrivateKeyJwt,
}

impl ClientAuthentication {
    /// The names that registrations know.
    pub const NAMES: [&str; 4] = [
        "none",
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ];

    /// Its name in answers. A client with a secret may send it either way, and is told of the usual one.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Secret => "client_secret_basic",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "none" => Some(Self::None),
            "client_secret_basic" | "client_secret_post" => Some(Self::Secret),
            "private_key_jwt" => Some(Self::PrivateKeyJwt),
            _ => None,
        }
    }
}

/// Whether a client has to send a PKCE challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pkce {
    Required,
    /// A confidential client whose software cannot may leave it out (RFC 9700 §2.1.1).
    Optional,
}

impl Pkce {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Required, Self::Optional]
            .into_iter()
            .find(|pkce| pkce.as_str() == name)
    }
}

/// The algorithm a client's ID tokens are signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum IdTokenAlg {
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "RS256")]
    Rs256,
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl IdTokenAlg {
    pub const ALL: [Self; 3] = [Self::Es256, Self::Rs256, Self::EdDsa];

    /// Its name in a header and in metadata.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_reads_back_and_what_is_left_out_is_a_programs() {
        let registration = Registration {
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            authentication: ClientAuthentication::None,
            redirect_uris: vec!["https://app.example/callback".parse().unwrap()],
            id_token_alg: IdTokenAlg::Rs256,
            ..Registration::default()
        };
        let text = serde_json::to_string(&registration).unwrap();
        assert_eq!(serde_json::from_str::<Registration>(&text).unwrap(), registration);
        assert_eq!(
            serde_json::from_str::<Registration>("{}").unwrap(),
            Registration::default()
        );
    }

    #[test]
    fn a_public_client_never_leaves_out_pkce() {
        let public = Registration {
            authentication: ClientAuthentication::None,
            pkce: Pkce::Optional,
            ..Registration::default()
        };
        assert!(!public.may_omit_pkce());
        let confidential = Registration {
            pkce: Pkce::Optional,
            ..Registration::default()
        };
        assert!(confidential.may_omit_pkce());
    }

    #[test]
    fn names_read_back() {
        for grant in GrantType::ALL {
            assert_eq!(GrantType::from_name(grant.as_str()), Some(grant));
        }
        for alg in IdTokenAlg::ALL {
            assert_eq!(IdTokenAlg::from_name(alg.as_str()), Some(alg));
        }
        for name in ClientAuthentication::NAMES {
            assert!(ClientAuthentication::from_name(name).is_some(), "{name}");
        }
        for own in [
            ClientAuthentication::None,
            ClientAuthentication::Secret,
            ClientAuthentication::PrivateKeyJwt,
        ] {
            assert_eq!(ClientAuthentication::from_name(own.as_str()), Some(own));
        }
        for pkce in [Pkce::Required, Pkce::Optional] {
            assert_eq!(Pkce::from_name(pkce.as_str()), Some(pkce));
        }
        assert_eq!(GrantType::from_name("password"), None);
        assert_eq!(IdTokenAlg::from_name("none"), None);
    }
}
