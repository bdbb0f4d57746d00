use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;

use super::figures::Figures;
use crate::{
    http::{ApiError, App},
    model::{key::Purpose, time::Timestamp},
    pages::{
        answer,
        console::{
            frame::{Place, frame},
            keys::Line,
        },
        frame::Frame,
        request::AdminPage,
    },
    service::doctor::{self, Severity},
};

#[derive(Template)]
#[template(path = "console/overview.html")]
struct OverviewPage {
    frame: Frame,
    started: Timestamp,
    figures: Figures,
    line: Line,
    has_secret: bool,
    /// How much `doctor` finds lacking that matters.
    lacking: u64,
}

pub(super) async fn show(State(app): State<App>, admin: AdminPage) -> Result<Response, ApiError> {
    let administration = app.service.key_administration(admin.administrator.actor());
    let checks = doctor::examine(&app.setup, &app.service.context()).await?;
    let lacking = checks
        .iter()
        .filter(|check| !check.ok && check.severity > Severity::Info);
    let reader = &admin.signed_in.reader;
    let page = OverviewPage {
        frame: frame(&admin.signed_in, Place::Overview),
        started: app.started,
        figures: Figures::read(&app, reader.language),
        line: Line::of(Purpose::Access, &administration.list().await?, reader.now),
        has_secret: administration.has_secret,
        lacking: lacking.count() as u64,
    };
    Ok(answer::page(StatusCode::OK, &page))
}
