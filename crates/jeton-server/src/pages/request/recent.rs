use askama::Template;
use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use http::StatusCode;

use super::{SignedForm, SignedIn};
use crate::{
    http::{
        ApiError, App,
        extract::{ClientInfo, Counted},
    },
    model::{password::Password, user_agent::UserAgent},
    pages::{
        answer,
        fields::{self, Field, Fields},
        frame::Frame,
    },
    service::accounts::{confirm::ConfirmError, login::LoginError},
};

/// A form that changes what matters, of somebody who signed in lately. Whoever signed in longer ago is asked for their
/// password first; the form waits, with all that was typed, and goes on.
#[derive(Debug)]
pub(in crate::pages) struct RecentForm {
    pub(in crate::pages) signed_in: SignedIn,
    pub(in crate::pages) fields: Fields,
    pub(in crate::pages) agent: UserAgent,
}

/// The field in which the password is given that a form waits for.
const CONFIRMATION: &str = "confirm_password";

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    frame: Frame,
    password: Field,
    /// The fields of the form that waits.
    waiting: Vec<(String, String)>,
}

impl FromRequest<App> for RecentForm {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(ClientInfo(agent)) = ClientInfo::from_request_parts(&mut parts, app).await;
        let request = Request::from_parts(parts, body);
        let SignedForm { signed_in, fields } = SignedForm::from_request(request, app).await?;
        let form = Self {
            signed_in,
            fields,
            agent,
        };
        if form.signed_in.caller().is_recent(form.signed_in.reader.now) {
            return Ok(form);
        }
        form.confirmed(app).await
    }
}

impl RecentForm {
    async fn confirmed(mut self, app: &App) -> Result<Self, Response> {
        let password = self.fields.get(CONFIRMATION).to_owned();
        if password.is_empty() {
            return Err(self.ask(Field::default(), StatusCode::UNAUTHORIZED));
        }
        let counted = Counted::count(app, self.agent.clone()).await;
        let agent = counted.map_err(IntoResponse::into_response)?.into_agent();
        let caller = self.signed_in.caller();
        let texts = self.signed_in.reader.texts();
        let mut field = Field::default();
        let status = match app
            .service
            .confirm(&caller, Password::presented(password), agent)
            .await
        {
            Ok(session) => {
                self.signed_in.session = session;
                return Ok(self);
            }
            Err(ConfirmError::Refused(LoginError::InvalidCredentials)) => {
                field.wrong(&texts.renewal.wrong);
                StatusCode::UNAUTHORIZED
            }
            Err(ConfirmError::Refused(LoginError::Throttled(throttled))) => {
                field.wrong(fields::throttled(throttled, texts));
                StatusCode::TOO_MANY_REQUESTS
            }
            Err(ConfirmError::SessionOver) => {
                return Err(answer::go_to_sign_in(&self.signed_in.reader.path));
            }
            Err(ConfirmError::OnBehalf) => return Err(not_by_others().into_response()),
            Err(ConfirmError::Refused(LoginError::Failed(failure)) | ConfirmError::Failed(failure)) => {
                return Err(ApiError::from(failure).into_response());
            }
        };
        Err(self.ask(field, status))
    }

    /// Asks for the password, and keeps the form in the page. A password that it holds is not shown again, hidden or not.
    fn ask(&self, password: Field, status: StatusCode) -> Response {
        let kept = |name: &str| !name.contains("password") && name != "csrf_token";
        let waiting = self.fields.iter().filter(|(name, _)| kept(name));
        let page = ConfirmPage {
            frame: Frame::of_signed_in(&self.signed_in),
            password,
            waiting: waiting
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        };
        answer::page(status, &page)
    }
}

fn not_by_others() -> ApiError {
    let message = "Only the account's owner confirms a sign-in";
    ApiError::forbidden(crate::http::ErrorCode::InsufficientScope, message)
}
