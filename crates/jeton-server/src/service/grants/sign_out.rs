//! Signing out at an application's wish (OpenID Connect RP-Initiated Logout 1.0).

use crate::{
    model::{
        authorization::{Doubt, Parameters},
        client::Client,
        id::{ClientId, SessionId},
    },
    service::{Failure, Service},
};

/// What an application asks for.
#[derive(Debug, Default)]
pub struct Leaving {
    /// Where people go once they are signed out, with the application's `state`. It is registered.
    pub target: Option<String>,
    /// The session in which the ID token was given that the application showed.
    pub session: Option<SessionId>,
}

impl Service {
    /// Reads the wish of an application that a person signs out.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database fails. The [`Doubt`] within is for the person alone.
    pub async fn read_sign_out(&self, parameters: &Parameters) -> Result<Result<Leaving, Doubt>, Failure> {
        let Ok(wish) = Wish::read(parameters) else {
            return Ok(Err(Doubt::Twice("a parameter")));
        };
        let hint = wish.hint.and_then(|hint| self.read_id_token_hint(hint).ok());
        let hinted: Option<ClientId> = hint
            .as_ref()
            .and_then(|hint| hint.audience().next()?.parse().ok());
        let named: Option<ClientId> = match wish.client.map(str::parse) {
            Some(Ok(id)) => Some(id),
            Some(Err(_)) => return Ok(Err(Doubt::UnknownClient)),
            None => None,
        };
        if let (Some(hinted), Some(named)) = (hinted, named)
            && hinted != named
        {
            return Ok(Err(Doubt::UnknownSignOut));
        }
        let client = match hinted.or(named) {
            Some(id) => self.store.client(id).await?,
            None => None,
        };
        let enabled = client.as_ref().is_some_and(|client| !client.disabled);
        let grant = match hint.as_ref().filter(|_| enabled) {
            Some(hint) => self.store.session(hint.claims().sid).await?,
            None => None,
        };
        let target = match (wish.target, client) {
            (None, _) => None,
            (Some(uri), Some(client)) if allows(&client, uri) => Some(with_state(uri, wish.state)),
            (Some(_), _) => return Ok(Err(Doubt::UnknownSignOut)),
        };
        Ok(Ok(Leaving {
            target,
            session: grant.and_then(|grant| Some(grant.grant?.given_in)),
        }))
    }
}

struct Wish<'a> {
    hint: Option<&'a str>,
    client: Option<&'a str>,
    target: Option<&'a str>,
    state: Option<&'a str>,
}

impl<'a> Wish<'a> {
    fn read(parameters: &'a Parameters) -> Result<Self, crate::model::authorization::Twice> {
        Ok(Self {
            hint: parameters.one("id_token_hint")?,
            client: parameters.one("client_id")?,
            target: parameters.one("post_logout_redirect_uri")?,
            state: parameters.one("state")?,
        })
    }
}

fn allows(client: &Client, uri: &str) -> bool {
    !client.disabled && client.registration.signs_out_to(uri)
}

fn with_state(uri: &str, state: Option<&str>) -> String {
    let Some(state) = state else { return uri.to_owned() };
    let separator = if uri.contains('?') { '&' } else { '?' };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("state", state);
    format!("{uri}{separator}{}", query.finish())
}
