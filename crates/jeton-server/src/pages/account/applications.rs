//! The applications that somebody lets do something, and how to take that back.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Deserialize;

use super::frame::{Place, frame};
use crate::{
    http::{ApiError, App, ErrorCode, extract::Query},
    model::time::Timestamp,
    pages::{
        answer, consent,
        frame::Frame,
        request::{SignedForm, SignedIn},
    },
    service::grants::consent::Application,
};

/// An application, as whoever allowed it recognises it.
struct Row {
    id: String,
    name: String,
    since: Timestamp,
    /// When it last got tokens; none where it has none any more.
    used: Option<Timestamp>,
    allowed: Vec<String>,
}

#[derive(Template)]
#[template(path = "account/applications.html")]
struct ApplicationsPage {
    frame: Frame,
    rows: Vec<Row>,
    revoked: bool,
}

/// The act that led to this page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    revoked: bool,
}

pub(super) async fn show(
    State(app): State<App>,
    Query(done): Query<Done>,
    signed_in: SignedIn,
) -> Result<Response, ApiError> {
    let applications = app.service.applications(signed_in.user.id).await?;
    let page = ApplicationsPage {
        frame: frame(&signed_in, Place::Applications),
        rows: applications
            .iter()
            .map(|application| Row::new(application, &signed_in))
            .collect(),
        revoked: done.revoked,
    };
    Ok(answer::page(StatusCode::OK, &page))
}

impl Row {
    fn new(application: &Application, signed_in: &SignedIn) -> Self {
        let texts = signed_in.reader.texts();
        let said = application
            .scopes
            .iter()
            .filter_map(|scope| consent::said(scope, texts));
        Self {
            id: application.client.id.to_string(),
            name: application.client.name.as_str().to_owned(),
            since: application.since,
            used: application.grants.iter().map(|grant| grant.last_seen_at).max(),
            allowed: said.collect(),
        }
    }
}

/// Takes back what an application was allowed. That it was taken back already comes to the same.
pub(super) async fn revoke(
    State(app): State<App>,
    Path(id): Path<String>,
    form: SignedForm,
) -> Result<Response, Response> {
    let id = id.parse().map_err(|_| {
        ApiError::new(
            StatusCode::NOT_FOUND,
            ErrorCode::ClientNotFound,
            "There is no such application",
        )
        .into_response()
    })?;
    let withdrawn = app.service.withdraw_consent(&form.signed_in.caller(), id).await;
    withdrawn.map_err(|failure| ApiError::from(failure).into_response())?;
    Ok(answer::go_to("/account/applications?revoked=true"))
}
