use crate::{
    model::{
        claims::CustomClaims,
        email::EmailAddress,
        role::Role,
        user::{User, changes::Changes},
    },
    pages::{
        fields::{self, Field, Fields},
        texts::Texts,
    },
};

/// The values of the fields of [`Rights`].
pub(super) struct Read {
    pub(super) email: Option<EmailAddress>,
    pub(super) roles: Vec<Role>,
    pub(super) claims: CustomClaims,
}

/// The fields that say what a user's tokens say.
#[derive(Debug, Default)]
pub(super) struct Rights {
    pub(super) email: Field,
    pub(super) roles: Field,
    pub(super) claims: Field,
}

impl Rights {
    /// The fields as they are before anybody changes them.
    pub(super) fn of(user: &User) -> Self {
        let roles: Vec<_> = user.roles.iter().map(Role::as_str).collect();
        let claims = if user.claims.is_empty() {
            String::new()
        } else {
            serde_json::to_string_pretty(user.claims.members()).unwrap_or_default()
        };
        Self {
            email: Field::new(user.email.as_ref().map_or("", EmailAddress::as_str)),
            roles: Field::new(roles.join(" ")),
            claims: Field::new(claims),
        }
    }

    pub(super) fn typed(fields: &Fields) -> Self {
        Self {
            email: Field::new(fields.get("email").trim()),
            roles: Field::new(fields.get("roles").trim()),
            claims: Field::new(fields.get("claims")),
        }
    }

    /// The fields as the page showed them that was filled in.
    pub(super) fn shown(fields: &Fields) -> Self {
        Self {
            email: Field::new(fields.get("shown_email")),
            roles: Field::new(fields.get("shown_roles")),
            claims: Field::new(fields.get("shown_claims")),
        }
    }

    /// The changes of what was read, where it is not what was shown: what somebody else has changed meanwhile stays.
    pub(super) fn changes(&self, read: Read, shown: &Self) -> Changes {
        let differs = |typed: &Field, shown: &Field| lines(&typed.value) != lines(&shown.value);
        Changes {
            email: differs(&self.email, &shown.email).then_some(read.email),
            roles: differs(&self.roles, &shown.roles).then_some(read.roles),
            claims: differs(&self.claims, &shown.claims).then_some(read.claims),
            disabled: None,
        }
    }

    /// Reads the fields; what is wrong stands at each then.
    pub(super) fn read(&mut self, texts: &Texts) -> Option<Read> {
        let email = Some(self.email.value.as_str()).filter(|text| !text.is_empty());
        let email = email.map(str::parse).transpose();
        let email = email.map_err(|error| self.email.wrong(fields::email(&error, texts)));
        let roles = fields::roles(&self.roles.value, texts);
        let roles = roles.map_err(|error| self.roles.wrong(error));
        let claims = match self.claims.value.trim() {
            "" => Ok(CustomClaims::default()),
            text => CustomClaims::parse(text),
        };
        let claims = claims.map_err(|error| self.claims.wrong(fields::claims(error, texts)));
        Some(Read {
            email: email.ok()?,
            roles: roles.ok()?,
            claims: claims.ok()?,
        })
    }
}

/// A text as its lines: browsers end those of a form in their own way.
fn lines(text: &str) -> Vec<&str> {
    text.trim().lines().map(str::trim_end).collect()
}
