use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;

use super::Line;
use crate::{
    http::{ApiError, App, extract::Query},
    model::key::Purpose,
    pages::{
        answer,
        console::frame::{Place, frame},
        done::Done,
        frame::Frame,
        request::AdminPage,
        texts::Text,
    },
};

#[derive(Template)]
#[template(path = "console/keys.html")]
struct KeysPage {
    frame: Frame,
    lines: Vec<Line>,
    /// Whether a secret from the settings signs access tokens, and none of the keys.
    has_secret: bool,
    notice: Option<&'static Text>,
}

pub(super) async fn show(
    State(app): State<App>,
    Query(done): Query<Done>,
    admin: AdminPage,
) -> Result<Response, ApiError> {
    let administration = app.service.key_administration(admin.administrator.actor());
    let keys = administration.list().await?;
    let now = admin.signed_in.reader.now;
    let frame = frame(&admin.signed_in, Place::Keys);
    let texts = &frame.t.console.keys;
    let lines = Purpose::SIGNING
        .into_iter()
        .map(|purpose| Line::of(purpose, &keys, now));
    let lines = lines.filter(|line| match line.purpose {
        Purpose::IdToken(_) => !administration.has_secret && !line.lanes.is_empty(),
        _ => true,
    });
    let page = KeysPage {
        notice: match done.done.as_str() {
            "rotated" => Some(&texts.was_rotated),
            "given_up" => Some(&texts.was_given_up),
            _ => None,
        },
        lines: lines.collect(),
        has_secret: administration.has_secret,
        frame,
    };
    Ok(answer::page(StatusCode::OK, &page))
}
