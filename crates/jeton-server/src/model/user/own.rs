//! Changes users make to their own accounts.

use super::User;
use crate::model::{audit::Action, email::EmailAddress, locale::Locale, username::Username};

/// One change of a user's own account.
#[derive(Clone, Debug)]
pub enum OwnChange {
    /// Sets the address or, with none, removes it.
    Email(Option<EmailAddress>),
    Username(Username),
    Locale(Option<Locale>),
}

impl OwnChange {
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Email(_) => Action::EmailChanged,
            Self::Username(_) => Action::UsernameChanged,
            Self::Locale(_) => Action::LocaleChanged,
        }
    }

    /// Whether access tokens are out that name the user as somebody else may be named from now on, and have to be
    /// revoked.
    #[must_use]
    pub const fn revokes(&self) -> bool {
        matches!(self, Self::Username(_))
    }
}

impl User {
    /// Makes a change of their own; returns whether anything became different.
    pub fn change_own(&mut self, change: OwnChange) -> bool {
        match change {
            OwnChange::Email(email) if email != self.email => self.email = email,
            OwnChange::Username(name) if name.as_str() != self.username.as_str() => self.username = name,
            OwnChange::Locale(locale) if locale != self.locale => self.locale = locale,
            _ => return false,
        }
        true
    }
}
