use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use serde::Deserialize;

use super::{
    frame::{Place, frame},
    owner::own_refusal,
};
use crate::{
    http::{ApiError, App, extract::Query},
    model::{audit::Recorded, time::Timestamp},
    pages::{answer, events, frame::Frame, request::SignedIn, texts::Texts},
};

/// How many events a page shows.
const EVENTS: u32 = 50;

/// An event, as its owner reads it.
struct Row {
    what: String,
    at: Timestamp,
    place: Option<(String, Option<String>)>,
    by: Option<String>,
    is_alarming: bool,
}

#[derive(Template)]
#[template(path = "account/activity.html")]
struct ActivityPage {
    frame: Frame,
    rows: Vec<Row>,
    /// The number of the last event, where more may come before it.
    earlier: Option<i64>,
    is_first: bool,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Paging {
    before: Option<i64>,
}

pub(super) async fn show(
    State(app): State<App>,
    Query(paging): Query<Paging>,
    signed_in: SignedIn,
) -> Result<Response, ApiError> {
    let caller = signed_in.caller();
    let events = app.service.own_events(&caller, paging.before, EVENTS).await;
    let events = events.map_err(own_refusal)?;
    let is_full = events.len() == EVENTS as usize;
    let texts = signed_in.reader.texts();
    let page = ActivityPage {
        frame: frame(&signed_in, Place::Activity),
        earlier: events.last().filter(|_| is_full).map(|event| event.number),
        is_first: paging.before.is_none(),
        rows: events.iter().map(|event| Row::new(event, texts)).collect(),
    };
    Ok(answer::page(StatusCode::OK, &page))
}

impl Row {
    fn new(event: &Recorded, texts: &Texts) -> Self {
        Self {
            what: events::label(event, texts).to_owned(),
            at: event.at,
            place: events::place(event),
            by: events::actor(event, texts).map(ToString::to_string),
            is_alarming: events::is_alarming(event),
        }
    }
}
