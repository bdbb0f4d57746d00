use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, request::Parts};
use jeton_axum::csrf;

use super::Reader;
use crate::{
    http::{ApiError, App, cookies},
    model::{session::Session, user::User},
    pages::{answer, fields::Fields, own_path::OwnPath, session},
    service::{caller::Caller, sessions::signed_in::SignedInSession},
};

/// Somebody who is signed in, on a page of theirs. Others are led to the sign-in, and from there back.
#[derive(Debug)]
pub(in crate::pages) struct SignedIn {
    pub(in crate::pages) reader: Reader,
    pub(in crate::pages) session: Session,
    pub(in crate::pages) user: User,
    /// The token that the page's forms repeat.
    pub(in crate::pages) csrf: String,
}

impl SignedIn {
    pub(in crate::pages) fn caller(&self) -> Caller {
        Caller::of_session(&self.session)
    }

    /// Who is signed in where nobody has to be.
    pub(in crate::pages) async fn or_nobody(parts: &Parts, app: &App) -> Result<Option<Self>, ApiError> {
        let SignedInSession::Live { session, user } = session::read(app, &parts.headers).await? else {
            return Ok(None);
        };
        let csrf = cookies::csrf_token(app, session.id)?;
        let reader = Reader::of(parts, app);
        Ok(Some(Self {
            reader: Reader {
                language: user.locale.unwrap_or(reader.language),
                ..reader
            },
            session: *session,
            user: *user,
            csrf,
        }))
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let found = Self::or_nobody(parts, app).await;
        match found.map_err(IntoResponse::into_response)? {
            Some(signed_in) => Ok(signed_in),
            None => Err(answer::go_to_sign_in(&back(parts, app))),
        }
    }
}

/// Where the sign-in leads back to. What a form would have changed is not done by coming back: that page is shown.
fn back(parts: &Parts, app: &App) -> OwnPath {
    let path = Reader::of(parts, app).path;
    if parts.method.is_safe() {
        return path;
    }
    let referer = parts.headers.get(http::header::REFERER);
    let page = referer
        .and_then(|value| value.to_str().ok()?.parse::<http::Uri>().ok())
        .and_then(|uri| OwnPath::parse(uri.path_and_query()?.as_str()));
    page.unwrap_or(path)
}

/// A form of somebody who is signed in, from a page that this session was given.
#[derive(Debug)]
pub(in crate::pages) struct SignedForm {
    pub(in crate::pages) signed_in: SignedIn,
    pub(in crate::pages) fields: Fields,
}

/// The field of a form that holds the CSRF token.
const CSRF_FIELD: &str = "csrf_token";

impl FromRequest<App> for SignedForm {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let signed_in = SignedIn::from_request_parts(&mut parts, app).await?;
        let mut headers = parts.headers.clone();
        let request = Request::from_parts(parts, body);
        let fields = Fields::from_request(request, app)
            .await
            .map_err(IntoResponse::into_response)?;
        repeat_in_header(&mut headers, &fields);
        cookies::require_csrf(app, &headers, signed_in.session.id).map_err(IntoResponse::into_response)?;
        Ok(Self { signed_in, fields })
    }
}

/// The guard looks for the token in a header: a form has it in a field.
fn repeat_in_header(headers: &mut HeaderMap, fields: &Fields) {
    let token = HeaderValue::try_from(fields.get(CSRF_FIELD));
    if let Ok(token) = token
        && !token.is_empty()
    {
        headers.insert(csrf::HEADER, token);
    }
}

/// Whoever is signed in on a page for everybody.
#[derive(Debug)]
pub(in crate::pages) struct Visitor(pub(in crate::pages) Option<SignedIn>);

impl FromRequestParts<App> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        SignedIn::or_nobody(parts, app).await.map(Self)
    }
}
