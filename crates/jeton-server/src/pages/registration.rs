//! The fields of a new account, which signing up and setting up have in common.

use super::{
    fields::{self, Field, Fields},
    texts::Texts,
};
use crate::{
    http::App,
    model::{
        password::{NewPassword, Password},
        username::Username,
    },
    service::accounts::register::Registration,
};

#[derive(Debug)]
pub(super) struct RegistrationFields {
    pub(super) name: Field,
    pub(super) email: Field,
    pub(super) password: Field,
    pub(super) min_chars: usize,
}

impl RegistrationFields {
    pub(super) fn empty(app: &App) -> Self {
        Self {
            name: Field::default(),
            email: Field::default(),
            password: Field::default(),
            min_chars: app.service.rules().password_min_chars,
        }
    }
}

/// Reads the fields; what is wrong with one stands at it then.
pub(super) fn read(shown: &mut RegistrationFields, sent: &Fields, texts: &Texts) -> Option<Registration> {
    shown.name = Field::new(sent.get("username").trim());
    shown.email = Field::new(sent.get("email").trim());
    let username = Username::parse(&shown.name.value);
    let username = username.map_err(|error| shown.name.wrong(fields::username(&error, texts)));
    let email = sent.filled("email").map(str::parse).transpose();
    let email = email.map_err(|error| shown.email.wrong(fields::email(&error, texts)));
    let password = Password::presented(sent.get("password").to_owned());
    let password = NewPassword::choose(password, shown.min_chars);
    let password = password.map_err(|error| shown.password.wrong(fields::password(&error, texts)));
    Some(Registration {
        username: username.ok()?,
        email: email.ok()?,
        password: password.ok()?,
    })
}
