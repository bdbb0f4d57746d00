//! Making and changing clients: what is asked for, and the client it comes to.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{
    Client, ClientName,
    redirect_uri::RedirectUri,
    registration::{ClientAuthentication, GrantType, IdTokenAlg, Pkce, Registration},
    rules::RegistrationError,
};
use crate::model::{
    id::ClientId,
    scope::{self, Scope},
    time::Timestamp,
    user::UserVersion,
};

/// The scopes about users, which a client has that signs them in unless it asks for some of them alone.
pub const OF_USERS: [&str; 5] = ["openid", "profile", "email", "offline_access", "roles"];

/// A client to be made.
#[derive(Clone, Debug)]
pub struct NewClient {
    pub name: ClientName,
    pub scopes: Vec<Scope>,
    /// What differs from a program with a secret that calls on its own behalf.
    pub registration: RegistrationChange,
}

/// What is asked to change in a client; what is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct ClientEdit {
    pub name: Option<ClientName>,
    /// All its scopes from now on.
    pub scopes: Option<Vec<Scope>>,
    pub disabled: Option<bool>,
    pub registration: RegistrationChange,
}

/// What is asked to change in a registration; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegistrationChange {
    pub grant_types: Option<Vec<GrantType>>,
    pub authentication: Option<ClientAuthentication>,
    pub redirect_uris: Option<Vec<RedirectUri>>,
    pub post_logout_redirect_uris: Option<Vec<RedirectUri>>,
    pub backchannel_logout_uri: Edit<String>,
    pub pkce: Option<Pkce>,
    pub first_party: Option<bool>,
    pub id_token_alg: Option<IdTokenAlg>,
    pub userinfo_alg: Edit<IdTokenAlg>,
    pub jwks: Edit<Value>,
    pub jwks_uri: Edit<String>,
    pub client_uri: Edit<String>,
    pub logo_uri: Edit<String>,
    pub policy_uri: Edit<String>,
    pub tos_uri: Edit<String>,
}

/// What becomes of a member that need not be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Edit<T> {
    #[default]
    Keep,
    Remove,
    Set(T),
}

/// Null removes; with `#[serde(default)]` what is left out stays.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Edit<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Remove, Self::Set))
    }
}

impl<T: Clone> Edit<T> {
    fn apply(&self, member: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Remove => *member = None,
            Self::Set(value) => *member = Some(value.clone()),
        }
    }
}

impl RegistrationChange {
    fn apply(&self, registration: &mut Registration) {
        set(&mut registration.grant_types, self.grant_types.as_ref());
        set(&mut registration.authentication, self.authentication.as_ref());
        set(&mut registration.redirect_uris, self.redirect_uris.as_ref());
        set(
            &mut registration.post_logout_redirect_uris,
            self.post_logout_redirect_uris.as_ref(),
        );
        self.backchannel_logout_uri
            .apply(&mut registration.backchannel_logout_uri);
        set(&mut registration.pkce, self.pkce.as_ref());
        set(&mut registration.first_party, self.first_party.as_ref());
        set(&mut registration.id_token_alg, self.id_token_alg.as_ref());
        self.userinfo_alg.apply(&mut registration.userinfo_alg);
        self.jwks.apply(&mut registration.jwks);
        self.jwks_uri.apply(&mut registration.jwks_uri);
        self.client_uri.apply(&mut registration.client_uri);
        self.logo_uri.apply(&mut registration.logo_uri);
        self.policy_uri.apply(&mut registration.policy_uri);
        self.tos_uri.apply(&mut registration.tos_uri);
    }
}

fn set<T: Clone>(member: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        member.clone_from(value);
    }
}

impl NewClient {
    /// The client it comes to. One with redirect URIs signs people in, unless its grants say otherwise.
    ///
    /// # Errors
    ///
    /// [`RegistrationError`] when it breaks a rule.
    pub fn make(self, id: ClientId, now: Timestamp) -> Result<Client, RegistrationError> {
        let mut client = Client {
            id,
            name: self.name,
            scopes: Vec::new(),
            version: UserVersion::default(),
            disabled: false,
            created_at: now,
            accepted_until: now,
            registration: Registration::default(),
        };
        let mut registration = self.registration;
        let has_redirects = registration
            .redirect_uris
            .as_ref()
            .is_some_and(|uris| !uris.is_empty());
        if registration.grant_types.is_none() && has_redirects {
            registration.grant_types = Some(vec![GrantType::AuthorizationCode, GrantType::RefreshToken]);
        }
        let edit = ClientEdit {
            scopes: Some(self.scopes),
            registration,
            ..ClientEdit::default()
        };
        edit.apply(&mut client)?;
        Ok(client)
    }
}

impl ClientEdit {
    /// Changes a client, if it keeps the rules. One that begins to sign people in gets the scopes about them.
    ///
    /// # Errors
    ///
    /// [`RegistrationError`] when it would break a rule; the client is not to be used then.
    pub fn apply(&self, client: &mut Client) -> Result<(), RegistrationError> {
        set(&mut client.name, self.name.as_ref());
        set(&mut client.scopes, self.scopes.as_ref());
        set(&mut client.disabled, self.disabled.as_ref());
        let signed_in = client.registration.allows(GrantType::AuthorizationCode);
        self.registration.apply(&mut client.registration);
        client.registration.check()?;
        let begins = !signed_in && client.registration.allows(GrantType::AuthorizationCode);
        if begins && !client.scopes.iter().any(is_of_users) {
            let of_users = OF_USERS.iter().filter_map(|name| name.parse().ok());
            client.scopes = scope::fit(of_users.chain(client.scopes.drain(..)))
                .map_err(|_| RegistrationError::TooManyScopes)?;
        }
        Ok(())
    }
}

/// Whether a scope is about users. No program gets it for itself.
#[must_use]
pub fn is_of_users(scope: &Scope) -> bool {
    OF_USERS.contains(&scope.as_str())
}

/// Whether tokens that a client got before may say more than those it would get now: it lost a scope or a grant, was
/// disabled, or proves itself in another way.
#[must_use]
pub fn narrows(before: &Client, after: &Client) -> bool {
    let (old, new) = (&before.registration, &after.registration);
    before.scopes.iter().any(|scope| !after.scopes.contains(scope))
        || old.grant_types.iter().any(|grant| !new.allows(*grant))
        || (after.disabled && !before.disabled)
        || old.authentication != new.authentication
        || old.jwks != new.jwks
        || old.jwks_uri != new.jwks_uri
}

/// The members that differ between two registrations, with their new values, for the audit trail. Of keys it says
/// whether there are any.
#[must_use]
pub fn differences(before: &Registration, after: &Registration) -> Map<String, Value> {
    let (before, after) = (members(before), members(after));
    let mut differing = Map::new();
    for (name, value) in after {
        if before.get(&name) == Some(&value) {
            continue;
        }
        let value = if name == "jwks" {
            Value::Bool(!value.is_null())
        } else {
            value
        };
        differing.insert(name, value);
    }
    differing
}

fn members(registration: &Registration) -> Map<String, Value> {
    match serde_json::to_value(registration) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests;
