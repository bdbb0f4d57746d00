//! Authorization requests: what a client asks a user for (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1).
//!
//! A request is read in two steps. First the client and where it has people sent back to: until both are certain, what is
//! wrong is told to the person alone, never to an address that anybody could have written. Then the rest, whose mistakes
//! are told to the client.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    client::{Client, registration::GrantType},
    id::{ClientId, UserId},
    scope::{self, EMAIL, OFFLINE_ACCESS, OPENID, PROFILE, Scope},
};

mod claims;
mod parameters;
mod pkce;
mod refusal;
#[cfg(test)]
mod tests;

pub use claims::RequestedClaims;
pub use parameters::{Parameters, Twice};
pub use pkce::{Challenge, Verifier};
pub use refusal::{AuthorizationError, Doubt, Refusal};

/// The longest `state` and `nonce` that are carried.
const MAX_CARRIED: usize = 2048;

/// The longest ID token that is read as a hint.
const MAX_HINT: usize = 8192;

/// How many resources one request may name.
const MAX_RESOURCES: usize = 8;

/// A request that can be answered, whoever is or is not signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    pub client: ClientId,
    /// Where the answer goes: registered, character by character.
    pub redirect_uri: String,
    /// Whether the request named it. If so, the client repeats it with the code (RFC 6749 §4.1.3).
    pub redirect_named: bool,
    pub response_mode: ResponseMode,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub challenge: Option<Challenge>,
    /// What is asked for and may be given. What the client may not have is not among them.
    pub scopes: Vec<Scope>,
    /// Resource servers the access token is for (RFC 8707).
    pub resources: Vec<String>,
    pub prompt: Prompt,
    /// How long ago the user may have proven who they are.
    pub max_age: Option<Duration>,
    pub login_hint: Option<String>,
    pub ui_locales: Option<String>,
    pub acr_values: Option<String>,
    pub id_token_hint: Option<String>,
    pub claims: RequestedClaims,
}

/// How the answer comes to the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect.
    #[default]
    Query,
    /// In a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

/// What the user is to be asked, whatever is known already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each word is there or not, beside the others"
)]
pub struct Prompt {
    /// Nothing: without an answer that is known already, the client is refused.
    pub none: bool,
    /// To prove who they are once more.
    pub login: bool,
    pub consent: bool,
    /// Which account it is.
    pub select_account: bool,
}

/// The client and the address of a request, both certain.
#[derive(Clone, Copy, Debug)]
pub struct Certain<'a> {
    pub client: &'a Client,
    pub redirect_uri: &'a str,
    named: bool,
}

impl<'a> Certain<'a> {
    /// Makes certain where an answer may go.
    ///
    /// # Errors
    ///
    /// [`Doubt`] when nobody but the person may be answered.
    pub fn of(parameters: &'a Parameters, client: &'a Client) -> Result<Self, Doubt> {
        let registration = &client.registration;
        if client.disabled {
            return Err(Doubt::Disabled);
        }
        if !registration.allows(GrantType::AuthorizationCode) {
            return Err(Doubt::SignsNobodyIn);
        }
        let presented = parameters
            .one("redirect_uri")
            .map_err(|_| Doubt::Twice("redirect_uri"))?;
        let redirect_uri = match (presented, &*registration.redirect_uris) {
            (Some(presented), _) if registration.redirects_to(presented) => presented,
            (Some(_), _) => return Err(Doubt::UnknownRedirect),
            // OpenID Connect has it named always; OAuth alone lets one that is the only one be left out.
            (None, [only]) if !parameters.asks_for(OPENID) => only.as_str(),
            (None, _) => return Err(Doubt::NoRedirect),
        };
        Ok(Self {
            client,
            redirect_uri,
            named: presented.is_some(),
        })
    }

    /// Reads the rest of the request.
    ///
    /// # Errors
    ///
    /// [`Refusal`], for the client.
    pub fn read(&self, parameters: &Parameters) -> Result<AuthorizationRequest, Box<Refusal>> {
        let response_mode = match parameters.one("response_mode") {
            Ok(Some("form_post")) => ResponseMode::FormPost,
            _ => ResponseMode::Query,
        };
        let state = parameters.one("state").ok().flatten();
        let state = state.filter(|state| state.len() <= MAX_CARRIED);
        let read = self.read_rest(parameters, response_mode);
        read.map_err(|(error, description)| {
            Box::new(Refusal {
                redirect_uri: self.redirect_uri.to_owned(),
                response_mode,
                state: state.map(str::to_owned),
                error,
                description,
            })
        })
    }

    fn read_rest(
        &self,
        parameters: &Parameters,
        response_mode: ResponseMode,
    ) -> Result<AuthorizationRequest, (AuthorizationError, &'static str)> {
        use AuthorizationError::{
            InvalidRequest, RegistrationNotSupported, RequestNotSupported, RequestUriNotSupported,
            UnsupportedResponseType,
        };
        let invalid = |why: &'static str| (InvalidRequest, why);
        if let Some(name) = parameters.twice() {
            return Err(invalid(name));
        }
        let text = |name| {
            parameters
                .one(name)
                .map_err(|_| invalid("a parameter is there twice"))
        };
        if text("request")?.is_some() {
            return Err((
                RequestNotSupported,
                "request objects are not taken: send the parameters, or push them",
            ));
        }
        if text("request_uri")?.is_some() {
            return Err((
                RequestUriNotSupported,
                "only what was pushed to the service is taken by reference",
            ));
        }
        if text("registration")?.is_some() {
            return Err((RegistrationNotSupported, "clients are registered beforehand"));
        }
        match text("response_type")? {
            Some("code") => {}
            Some(_) => return Err((UnsupportedResponseType, "the one `response_type` is `code`")),
            None => return Err(invalid("`response_type` is missing")),
        }
        if !matches!(text("response_mode")?, None | Some("query" | "form_post")) {
            return Err(invalid("`response_mode` is `query` or `form_post`"));
        }
        let carried = |name, why| match text(name)? {
            Some(value) if value.len() > MAX_CARRIED => Err(invalid(why)),
            value => Ok(value.map(str::to_owned)),
        };
        let claims = RequestedClaims::read(text("claims")?).map_err(invalid)?;
        Ok(AuthorizationRequest {
            client: self.client.id,
            redirect_uri: self.redirect_uri.to_owned(),
            redirect_named: self.named,
            response_mode,
            state: carried("state", "`state` is longer than 2048 characters")?,
            nonce: carried("nonce", "`nonce` is longer than 2048 characters")?,
            challenge: self.challenge(parameters).map_err(invalid)?,
            scopes: self.with_claims(self.scopes(text("scope")?)?, &claims),
            resources: resources(parameters)?,
            prompt: prompt(text("prompt")?).map_err(invalid)?,
            max_age: max_age(text("max_age")?).map_err(invalid)?,
            login_hint: carried("login_hint", "`login_hint` is longer than 2048 characters")?,
            ui_locales: carried("ui_locales", "`ui_locales` is longer than 2048 characters")?,
            acr_values: carried("acr_values", "`acr_values` is longer than 2048 characters")?,
            // A hint that is no ID token of ours, for its length alone, says nothing.
            id_token_hint: text("id_token_hint")?
                .filter(|hint| hint.len() <= MAX_HINT)
                .map(str::to_owned),
            claims,
        })
    }

    fn challenge(&self, parameters: &Parameters) -> Result<Option<Challenge>, &'static str> {
        let twice = "a parameter is there twice";
        let challenge = parameters.one("code_challenge").map_err(|_| twice)?;
        let method = parameters.one("code_challenge_method").map_err(|_| twice)?;
        match (challenge, method) {
            (Some(challenge), Some("S256")) => Challenge::read(challenge)
                .map(Some)
                .ok_or("`code_challenge` is not the base64url of a SHA-256 hash"),
            // Left out it means `plain` (RFC 7636 §4.3), which protects nothing.
            (Some(_), _) => Err("`code_challenge_method` must be `S256`"),
            (None, Some(_)) => Err("`code_challenge_method` is there without `code_challenge`"),
            (None, None) if self.client.registration.may_omit_pkce() => Ok(None),
            (None, None) => Err("`code_challenge` is missing: this client has to use PKCE with S256"),
        }
    }

    /// The scopes asked for, and those whose claims are asked for by name: whoever is asked sees what is told.
    fn with_claims(&self, mut scopes: Vec<Scope>, claims: &RequestedClaims) -> Vec<Scope> {
        let about = |scope: &Scope| match scope.as_str() {
            PROFILE => claims.ask_for(&["name", "preferred_username", "locale"]),
            EMAIL => claims.ask_for(&["email", "email_verified"]),
            _ => false,
        };
        for scope in &self.client.scopes {
            if about(scope) && !scopes.contains(scope) {
                scopes.push(scope.clone());
            }
        }
        scopes
    }

    /// The scopes asked for that the client may have, each once. Others are left out, which the answer says (RFC 6749
    /// §3.3).
    fn scopes(&self, asked: Option<&str>) -> Result<Vec<Scope>, (AuthorizationError, &'static str)> {
        let has = |name: &str| self.client.scopes.iter().any(|scope| scope.as_str() == name);
        // Whoever may sign people in may ask for these too: a user here has neither.
        let nothing = |scope: &Scope| matches!(scope.as_str(), "address" | "phone") && has(OPENID);
        let may = |scope: &Scope| self.client.scopes.contains(scope) || nothing(scope);
        let Some(asked) = asked.filter(|asked| !asked.trim().is_empty()) else {
            let own = self
                .client
                .scopes
                .iter()
                .filter(|scope| !scope::is_standard(scope));
            let own: Vec<Scope> = own.cloned().collect();
            return if own.is_empty() {
                Err((
                    AuthorizationError::InvalidScope,
                    "`scope` is missing, and the client has none of its own",
                ))
            } else {
                Ok(own)
            };
        };
        let known = asked.split(' ').filter_map(|name| name.parse().ok());
        let granted: Vec<Scope> = known.filter(may).collect();
        let granted = scope::fit(granted).unwrap_or_default();
        if granted.is_empty() {
            return Err((
                AuthorizationError::InvalidScope,
                "the client may have none of these scopes",
            ));
        }
        Ok(granted)
    }
}

fn resources(parameters: &Parameters) -> Result<Vec<String>, (AuthorizationError, &'static str)> {
    let mut resources: Vec<String> = Vec::new();
    for resource in parameters.all("resource") {
        if !is_resource(resource) {
            return Err((
                AuthorizationError::InvalidTarget,
                "`resource` is an absolute address without a fragment",
            ));
        }
        if !resources.iter().any(|known| known == resource) {
            resources.push(resource.to_owned());
        }
        if resources.len() > MAX_RESOURCES {
            return Err((
                AuthorizationError::InvalidTarget,
                "there are more than 8 resources",
            ));
        }
    }
    Ok(resources)
}

/// Whether a text names a resource server (RFC 8707 §2): an absolute URI without a fragment, of https or, on this machine
/// and in private networks, http.
#[must_use]
pub fn is_resource(text: &str) -> bool {
    let plain = text.len() <= 512
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"#\"<>\\".contains(&byte));
    let uri: Option<http::Uri> = text.parse().ok();
    let absolute = uri.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("https" | "http"))
            && uri
                .authority()
                .is_some_and(|authority| !authority.as_str().contains('@'))
    });
    plain && absolute
}

fn prompt(text: Option<&str>) -> Result<Prompt, &'static str> {
    let mut prompt = Prompt::default();
    for word in text
        .unwrap_or_default()
        .split(' ')
        .filter(|word| !word.is_empty())
    {
        match word {
            "none" => prompt.none = true,
            "login" => prompt.login = true,
            "consent" => prompt.consent = true,
            "select_account" => prompt.select_account = true,
            _ => return Err("`prompt` holds a word other than none, login, consent and select_account"),
        }
    }
    if prompt.none && (prompt.login || prompt.consent || prompt.select_account) {
        return Err("`prompt` is none and something else");
    }
    Ok(prompt)
}

fn max_age(text: Option<&str>) -> Result<Option<Duration>, &'static str> {
    let Some(text) = text else { return Ok(None) };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u32>() {
        Ok(seconds) if digits => Ok(Some(Duration::from_secs(seconds.into()))),
        _ => Err("`max_age` is a number of seconds"),
    }
}

impl AuthorizationRequest {
    #[must_use]
    pub fn asks_for(&self, scope: &str) -> bool {
        self.scopes.iter().any(|asked| asked.as_str() == scope)
    }

    /// Whether a client that has waited, or whose user has, may still ask for this: it may have been changed meanwhile.
    ///
    /// # Errors
    ///
    /// [`Doubt`] for the person alone.
    pub fn still_fits(&self, client: &Client) -> Result<(), Doubt> {
        let registration = &client.registration;
        let has = |name: &str| client.scopes.iter().any(|scope| scope.as_str() == name);
        let may = |scope: &Scope| {
            has(scope.as_str()) || matches!(scope.as_str(), "address" | "phone") && has(OPENID)
        };
        if client.disabled {
            Err(Doubt::Disabled)
        } else if !registration.allows(GrantType::AuthorizationCode) {
            Err(Doubt::SignsNobodyIn)
        } else if !registration.redirects_to(&self.redirect_uri) {
            Err(Doubt::UnknownRedirect)
        } else if !self.scopes.iter().all(may) || self.challenge.is_none() && !registration.may_omit_pkce() {
            Err(Doubt::NothingPushed)
        } else {
            Ok(())
        }
    }

    /// Whether the client asks to go on when its user is away.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        self.asks_for(OFFLINE_ACCESS)
    }

    /// Whether somebody else than this user was asked for by name.
    #[must_use]
    pub fn wants_another_than(&self, user: UserId) -> bool {
        self.claims
            .subject
            .as_ref()
            .is_some_and(|subject| *subject != user.to_string())
    }

    /// The refusal of this request.
    #[must_use]
    pub fn refuse(&self, error: AuthorizationError, description: &'static str) -> Refusal {
        Refusal {
            redirect_uri: self.redirect_uri.clone(),
            response_mode: self.response_mode,
            state: self.state.clone(),
            error,
            description,
        }
    }
}
