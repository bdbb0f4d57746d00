use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;

use super::{
    outcome::ShownCode,
    rights::{Read, Rights},
};
use crate::{
    http::{ApiError, App},
    model::{
        password::{NewPassword, Password},
        username::Username,
    },
    pages::{
        answer,
        console::frame::{Place, frame},
        fields::{self, Field},
        frame::Frame,
        request::{AdminForm, AdminPage},
    },
    service::accounts::{
        admin::AdminError,
        register::{Created, NewAccount},
    },
};

#[derive(Template)]
#[template(path = "console/user_new.html")]
struct NewUserPage {
    frame: Frame,
    name: Field,
    rights: Rights,
    /// Whether a password is set now; otherwise the user sets one by a code.
    sets_password: bool,
    password: Field,
    min_chars: usize,
}

#[derive(Template)]
#[template(path = "console/user_made.html")]
struct MadePage {
    frame: Frame,
    id: String,
    name: String,
    code: ShownCode,
}

pub(super) async fn show(State(app): State<App>, admin: AdminPage) -> Response {
    let page = NewUserPage {
        frame: frame(&admin.signed_in, Place::Users),
        name: Field::default(),
        rights: Rights::default(),
        sets_password: false,
        password: Field::default(),
        min_chars: app.service.rules().password_min_chars,
    };
    answer::page(StatusCode::OK, &page)
}

pub(super) async fn create(State(app): State<App>, form: AdminForm) -> Result<Response, ApiError> {
    let mut page = NewUserPage {
        frame: frame(&form.signed_in, Place::Users),
        name: Field::new(form.fields.get("username").trim()),
        rights: Rights::typed(&form.fields),
        sets_password: form.fields.get("credential") == "password",
        password: Field::default(),
        min_chars: app.service.rules().password_min_chars,
    };
    let Some(account) = page.read(form.fields.get("password")) else {
        return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let texts = page.frame.t;
    let status = match app.service.create_account(&form.administrator, account).await {
        Ok(created) => return Ok(made(page.frame, &created)),
        Err(AdminError::UsernameTaken) => {
            page.name.wrong(&texts.wrong.name_taken);
            StatusCode::BAD_REQUEST
        }
        Err(AdminError::WeakPassword(error)) => {
            page.password.wrong(fields::password(&error, texts));
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(AdminError::AdminWithoutPassword) => {
            page.password.wrong(&texts.console.new_user.admin_password);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(error) => return Err(error.into()),
    };
    Ok(answer::page(status, &page))
}

/// A user without a password comes with a code, which this answer shows and nothing else.
fn made(frame: Frame, created: &Created) -> Response {
    let id = created.user.id.to_string();
    let Some(code) = &created.code else {
        return answer::go_to(&format!("/console/users/{id}?done=created"));
    };
    let page = MadePage {
        frame,
        id,
        name: created.user.username.to_string(),
        code: ShownCode::new(code),
    };
    answer::page(StatusCode::CREATED, &page)
}

impl NewUserPage {
    /// Reads the form; what is wrong with it stands at its fields then.
    fn read(&mut self, password: &str) -> Option<NewAccount> {
        let texts = self.frame.t;
        let username = Username::parse(&self.name.value);
        let username = username.map_err(|error| self.name.wrong(fields::username(&error, texts)));
        let rights = self.rights.read(texts);
        // A password that was typed is meant, whatever is chosen beside it.
        let password = match (self.sets_password, password) {
            (false, "") => Ok(None),
            // The page that asks for the administrator's own password keeps none, and comes back without it.
            (true, "") => {
                self.password.wrong(&texts.wrong.required);
                Err(())
            }
            (_, password) => NewPassword::choose(Password::presented(password.to_owned()), self.min_chars)
                .map(Some)
                .map_err(|error| self.password.wrong(fields::password(&error, texts))),
        };
        let Read { email, roles, claims } = rights?;
        Some(NewAccount {
            username: username.ok()?,
            email,
            roles,
            claims,
            password: password.ok()?,
        })
    }
}
