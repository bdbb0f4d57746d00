use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;

use super::{
    frame::{Place, frame},
    owner::{own_refusal, recent},
};
use crate::{
    http::{
        ApiError, App,
        extract::{Counted, Query},
    },
    model::{email::EmailAddress, locale::Locale, user::User, username::Username},
    pages::{
        answer,
        done::Done,
        fields::{self, Field},
        frame::Frame,
        language,
        own_path::OwnPath,
        request::{RecentForm, SignedForm, SignedIn},
        texts::Text,
    },
    service::accounts::own::OwnError,
};

#[derive(Template)]
#[template(path = "account/profile.html")]
struct ProfilePage {
    frame: Frame,
    user: User,
    name: Field,
    email: Field,
    notice: Option<&'static Text>,
}

impl ProfilePage {
    fn new(signed_in: SignedIn) -> Self {
        let email = signed_in.user.email.as_ref().map_or("", EmailAddress::as_str);
        Self {
            frame: frame(&signed_in, Place::Profile),
            name: Field::new(signed_in.user.username.as_str()),
            email: Field::new(email),
            user: signed_in.user,
            notice: None,
        }
    }
}

pub(super) async fn show(Query(done): Query<Done>, signed_in: SignedIn) -> Response {
    let mut page = ProfilePage::new(signed_in);
    let texts = &page.frame.t.account;
    page.notice = match done.done.as_str() {
        "name" => Some(&texts.name_done),
        "email" => Some(&texts.email_done),
        "language" => Some(&texts.language_done),
        _ => None,
    };
    answer::page(StatusCode::OK, &page)
}

/// A form's own address, as it stands in the browser after an error, leads to the form.
pub(super) async fn lead_there() -> Response {
    answer::go_to("/account")
}

pub(super) async fn change_name(State(app): State<App>, form: RecentForm) -> Result<Response, ApiError> {
    let RecentForm {
        signed_in,
        fields,
        agent,
    } = form;
    let agent = Counted::count(&app, agent).await?.into_agent();
    let texts = signed_in.reader.texts();
    let caller = recent(&app, &signed_in)?;
    let mut page = ProfilePage::new(signed_in);
    page.name = Field::new(fields.get("username").trim());
    let name = match Username::parse(&page.name.value) {
        Ok(name) => name,
        Err(error) => {
            page.name.wrong(fields::username(&error, texts));
            return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
    };
    match app.service.change_username(&caller, name, &agent).await {
        Ok(_) => Ok(answer::go_to("/account?done=name")),
        Err(OwnError::UsernameTaken) => {
            page.name.wrong(&texts.wrong.name_taken);
            Ok(answer::page(StatusCode::BAD_REQUEST, &page))
        }
        Err(error) => Err(own_refusal(error)),
    }
}

pub(super) async fn change_email(State(app): State<App>, form: RecentForm) -> Result<Response, ApiError> {
    let RecentForm {
        signed_in,
        fields,
        agent,
    } = form;
    let agent = Counted::count(&app, agent).await?.into_agent();
    let texts = signed_in.reader.texts();
    let caller = recent(&app, &signed_in)?;
    let email = match fields.filled("email").map(str::parse).transpose() {
        Ok(email) => email,
        Err(error) => {
            let mut page = ProfilePage::new(signed_in);
            page.email = Field::new(fields.get("email").trim());
            page.email.wrong(fields::email(&error, texts));
            return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
    };
    let changed = app.service.change_email(&caller, email, &agent).await;
    changed.map_err(own_refusal)?;
    Ok(answer::go_to("/account?done=email"))
}

/// Sets the language of one's pages; an empty one leaves it to the browser.
pub(super) async fn change_language(
    State(app): State<App>,
    agent: Counted,
    form: SignedForm,
) -> Result<Response, ApiError> {
    let locale: Option<Locale> = form.fields.get("language").parse().ok();
    let caller = form.signed_in.caller();
    let changed = app.service.set_locale(&caller, locale, &agent.into_agent()).await;
    changed.map_err(own_refusal)?;
    let back = OwnPath::parse(form.fields.get("return_to"));
    let response = answer::go_to(back.as_ref().map_or("/account?done=language", OwnPath::as_str));
    Ok(answer::with_cookies(response, [language::kept(&app, locale)?]))
}
