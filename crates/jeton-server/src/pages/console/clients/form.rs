use serde_json::Value;

use super::outcome::scopes;
use crate::{
    model::{
        client::{
            Client,
            change::{Edit, RegistrationChange},
            redirect_uri::RedirectUri,
            registration::{ClientAuthentication, GrantType, IdTokenAlg, Pkce},
            rules::RegistrationError,
        },
        scope::{Scope, joined},
    },
    pages::{
        fields::{Field, Fields},
        texts::{Text, Texts},
    },
};

/// What a client registers, as the fields of a form. Addresses stand in lines.
#[derive(Default)]
pub(super) struct Registering {
    pub(super) scopes: Field,
    pub(super) redirects: Field,
    pub(super) after_sign_out: Field,
    pub(super) told_at: Field,
    /// One of the names of [`ClientAuthentication`]; by a secret where there is none.
    pub(super) authentication: String,
    pub(super) keys: Field,
    pub(super) keys_at: Field,
    pub(super) gets_own_tokens: bool,
    pub(super) may_omit_pkce: Field,
    pub(super) is_first_party: bool,
    pub(super) id_token_alg: String,
    /// Empty for plain JSON.
    pub(super) userinfo_alg: String,
    pub(super) home: Field,
    pub(super) logo: Field,
    pub(super) policy: Field,
    pub(super) terms: Field,
}

/// The value of a box that is ticked.
const TICKED: &str = "yes";

impl Registering {
    pub(super) fn of(client: &Client) -> Self {
        let registration = &client.registration;
        let text = |member: &Option<String>| Field::new(member.clone().unwrap_or_default());
        Self {
            scopes: Field::new(joined(&client.scopes)),
            redirects: Field::new(lines(&registration.redirect_uris)),
            after_sign_out: Field::new(lines(&registration.post_logout_redirect_uris)),
            told_at: text(&registration.backchannel_logout_uri),
            authentication: registration.authentication.as_str().to_owned(),
            keys: Field::new(
                registration
                    .jwks
                    .as_ref()
                    .map_or_else(String::new, Value::to_string),
            ),
            keys_at: text(&registration.jwks_uri),
            gets_own_tokens: registration.allows(GrantType::ClientCredentials),
            may_omit_pkce: Field::new(ticked(registration.pkce == Pkce::Optional)),
            is_first_party: registration.first_party,
            id_token_alg: registration.id_token_alg.as_str().to_owned(),
            userinfo_alg: registration
                .userinfo_alg
                .map_or_else(String::new, |alg| alg.as_str().to_owned()),
            home: text(&registration.client_uri),
            logo: text(&registration.logo_uri),
            policy: text(&registration.policy_uri),
            terms: text(&registration.tos_uri),
        }
    }

    pub(super) fn typed(fields: &Fields) -> Self {
        let text = |name: &str| Field::new(fields.get(name).trim());
        Self {
            scopes: text("scopes"),
            redirects: text("redirect_uris"),
            after_sign_out: text("post_logout_redirect_uris"),
            told_at: text("backchannel_logout_uri"),
            authentication: fields.get("token_endpoint_auth_method").to_owned(),
            keys: text("jwks"),
            keys_at: text("jwks_uri"),
            gets_own_tokens: fields.get("own_tokens") == TICKED,
            may_omit_pkce: text("pkce_optional"),
            is_first_party: fields.get("first_party") == TICKED,
            id_token_alg: fields.get("id_token_signed_response_alg").to_owned(),
            userinfo_alg: fields.get("userinfo_signed_response_alg").to_owned(),
            home: text("client_uri"),
            logo: text("logo_uri"),
            policy: text("policy_uri"),
            terms: text("tos_uri"),
        }
    }

    /// Whether an algorithm is the one of this member.
    pub(super) fn is_chosen(&self, member: &str, name: &str) -> bool {
        let chosen = if member == "id_token_signed_response_alg" {
            &self.id_token_alg
        } else {
            &self.userinfo_alg
        };
        chosen == name
    }

    /// Whether something is wrong with one of the fields that are folded away.
    pub(super) fn is_open(&self) -> bool {
        let folded = [
            &self.after_sign_out,
            &self.told_at,
            &self.keys,
            &self.keys_at,
            &self.may_omit_pkce,
            &self.home,
            &self.logo,
            &self.policy,
            &self.terms,
        ];
        folded.iter().any(|field| field.error.is_some())
    }

    pub(super) fn leaves_out_pkce(&self) -> bool {
        self.may_omit_pkce.value == TICKED
    }

    /// Reads the form, of a client with these grants; what is wrong with it stands at its fields then.
    pub(super) fn read(
        &mut self,
        before: &[GrantType],
        texts: &Texts,
    ) -> Option<(Vec<Scope>, RegistrationChange)> {
        let scopes = scopes(&self.scopes.value, texts).map_err(|error| self.scopes.wrong(error));
        let redirects = addresses(&mut self.redirects, texts);
        let after_sign_out = addresses(&mut self.after_sign_out, texts);
        let keys = self.read_keys(texts);
        let (scopes, redirects) = (scopes.ok()?, redirects?);
        let registration = RegistrationChange {
            grant_types: Some(self.grants(before, !redirects.is_empty())),
            authentication: Some(
                ClientAuthentication::from_name(&self.authentication).unwrap_or(ClientAuthentication::Secret),
            ),
            redirect_uris: Some(redirects),
            post_logout_redirect_uris: Some(after_sign_out?),
            backchannel_logout_uri: text(&self.told_at),
            pkce: Some(if self.leaves_out_pkce() {
                Pkce::Optional
            } else {
                Pkce::Required
            }),
            first_party: Some(self.is_first_party),
            id_token_alg: Some(IdTokenAlg::from_name(&self.id_token_alg).unwrap_or(IdTokenAlg::Es256)),
            userinfo_alg: IdTokenAlg::from_name(&self.userinfo_alg).map_or(Edit::Remove, Edit::Set),
            jwks: keys?,
            jwks_uri: text(&self.keys_at),
            client_uri: text(&self.home),
            logo_uri: text(&self.logo),
            policy_uri: text(&self.policy),
            tos_uri: text(&self.terms),
        };
        Some((scopes, registration))
    }

    /// A client signs people in where it has addresses for that, and gets tokens of its own where it asks for them or
    /// does nothing else.
    fn grants(&self, before: &[GrantType], signs_in: bool) -> Vec<GrantType> {
        let mut grants = Vec::new();
        if signs_in && before.contains(&GrantType::AuthorizationCode) {
            let of_users = |grant: &&GrantType| **grant != GrantType::ClientCredentials;
            grants.extend(before.iter().filter(of_users));
        } else if signs_in {
            grants.extend([GrantType::AuthorizationCode, GrantType::RefreshToken]);
        }
        if self.gets_own_tokens || !signs_in {
            grants.push(GrantType::ClientCredentials);
        }
        grants
    }

    fn read_keys(&mut self, texts: &Texts) -> Option<Edit<Value>> {
        if self.keys.value.is_empty() {
            return Some(Edit::Remove);
        }
        let keys = jeton::json::from_str(&self.keys.value);
        keys.map_err(|_| self.keys.wrong(&texts.console.registering.wrong_keys))
            .map(Edit::Set)
            .ok()
    }

    /// Says at its field which rule a registration broke.
    pub(super) fn refuse(&mut self, error: &RegistrationError, texts: &Texts) {
        let told = told(error, texts);
        self.at(error.field()).wrong(told);
    }

    /// The field of a member; that of the redirect addresses for what has no field of its own.
    fn at(&mut self, member: &str) -> &mut Field {
        match member {
            "scopes" => &mut self.scopes,
            "post_logout_redirect_uris" => &mut self.after_sign_out,
            "backchannel_logout_uri" => &mut self.told_at,
            "pkce" => &mut self.may_omit_pkce,
            "jwks" => &mut self.keys,
            "jwks_uri" => &mut self.keys_at,
            "client_uri" => &mut self.home,
            "logo_uri" => &mut self.logo,
            "policy_uri" => &mut self.policy,
            "tos_uri" => &mut self.terms,
            _ => &mut self.redirects,
        }
    }
}

/// What breaks a rule, in the reader's language.
fn told<'t>(error: &RegistrationError, texts: &'t Texts) -> &'t Text {
    let c = &texts.console.registering;
    match error {
        RegistrationError::TooManyAddresses(_) => &c.too_many_addresses,
        RegistrationError::PrivateScheme(_) => &c.private_scheme,
        RegistrationError::PublicProgram => &c.public_program,
        RegistrationError::PublicWithoutPkce => &c.public_pkce,
        RegistrationError::NoKeys => &c.no_keys,
        RegistrationError::KeysTwice => &c.keys_twice,
        RegistrationError::Keys(_) => &c.wrong_keys,
        RegistrationError::Address(..) | RegistrationError::NoWebAddress(_) => &c.web_address,
        RegistrationError::Page(_) => &c.page_address,
        RegistrationError::TooManyScopes => &texts.console.clients.too_many_scopes,
        RegistrationError::NoGrant
        | RegistrationError::RefreshAlone
        | RegistrationError::NoRedirectUri
        | RegistrationError::RedirectsUnused
        | RegistrationError::NoSecret(_) => &c.cannot_be,
    }
}

fn ticked(is: bool) -> &'static str {
    if is { TICKED } else { "" }
}

fn text(field: &Field) -> Edit<String> {
    if field.value.is_empty() {
        Edit::Remove
    } else {
        Edit::Set(field.value.clone())
    }
}

fn lines(addresses: &[RedirectUri]) -> String {
    let lines: Vec<_> = addresses.iter().map(RedirectUri::as_str).collect();
    lines.join("\n")
}

/// Each once, in the order given; or none, and the field says which line is wrong.
fn addresses(field: &mut Field, texts: &Texts) -> Option<Vec<RedirectUri>> {
    let mut addresses: Vec<RedirectUri> = Vec::new();
    for (place, line) in field.value.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let Ok(address) = line.parse() else {
            let told = texts.console.registering.wrong_redirect.with("line", place + 1);
            field.wrong(told.as_str());
            return None;
        };
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Some(addresses)
}
