//! `/oauth/logout`: where an application sends people to sign out (OpenID Connect RP-Initiated Logout). Whoever comes with
//! an ID token that was theirs is signed out at once, since nobody else could have made the link; others are asked.

use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use http::HeaderValue;

use super::{
    answer, authorize,
    request::{Reader, Visitor},
    signout,
};
use crate::{
    http::{ApiError, App, cookies, extract::FormBody},
    model::authorization::Parameters,
    service::{grants::sign_out::Leaving, sessions::logout::LogoutScope},
};

/// The path that applications send people to.
pub(super) const PATH: &str = "/oauth/logout";

/// Sent by POST it is the same as by GET: the way there brings the cookies.
pub(super) async fn read_form(FormBody(pairs): FormBody) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    answer::go_to(&format!("{PATH}?{}", query.finish()))
}

pub(super) async fn show(
    State(app): State<App>,
    reader: Reader,
    Visitor(visitor): Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    app.provides()?;
    let parameters = Parameters::parse(&query.unwrap_or_default());
    let leaving = match app.service.read_sign_out(&parameters).await? {
        Ok(leaving) => leaving,
        Err(doubt) => return Ok(authorize::doubtful(&reader, doubt)),
    };
    let Some(visitor) = visitor else {
        return Ok(gone(&leaving, []));
    };
    if leaving.session != Some(visitor.session.id) {
        return signout::ask_for(&app, &visitor, &parameters, &leaving).await;
    }
    app.service
        .logout(&visitor.caller(), LogoutScope::Session)
        .await?;
    Ok(gone(&leaving, cookies::cleared(&app)))
}

/// Leads back to the application, or to the page that says that one is signed out.
pub(super) fn gone(leaving: &Leaving, cookies: impl IntoIterator<Item = HeaderValue>) -> Response {
    let response = match &leaving.target {
        Some(target) => answer::go_to(target),
        None => answer::go_to("/signout"),
    };
    answer::with_cookies(response, cookies)
}

/// Where a sign-out leads that was confirmed by a form.
pub(super) async fn after_form(app: &App, reader: &Reader, query: &str) -> Result<Leaving, Response> {
    let read = app.service.read_sign_out(&Parameters::parse(query)).await;
    match read.map_err(|failure| ApiError::from(failure).into_response())? {
        Ok(leaving) => Ok(leaving),
        Err(doubt) => Err(authorize::doubtful(reader, doubt)),
    }
}
