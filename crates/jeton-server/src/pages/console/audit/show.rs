use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;

use super::{
    filter::{Filter, Typed},
    row::{By, Row, rows},
};
use crate::{
    http::{ApiError, App, extract::Query},
    model::audit::{Action, Recorded},
    pages::{
        answer,
        console::frame::{Place, frame},
        frame::Frame,
        request::AdminPage,
    },
    service::audit::{ChainState, Search},
};

/// How many events a page has.
const PAGE: u32 = 25;

#[derive(Template)]
#[template(path = "console/audit.html")]
struct AuditPage {
    frame: Frame,
    filter: Filter,
    actions: [Action; Action::ALL.len()],
    rows: Vec<Row>,
    chain: ChainState,
    /// How often this node found the trail other than it had been.
    alarms: u64,
    /// The addresses of the next page, and of the file with everything the form asks for.
    next: Option<String>,
    file: String,
    is_first: bool,
}

pub(super) async fn show(
    State(app): State<App>,
    Query(typed): Query<Typed>,
    admin: AdminPage,
) -> Result<Response, ApiError> {
    let mut filter = Filter::of(&typed);
    let texts = admin.signed_in.reader.texts();
    let wanted = filter.wanted(&app, &admin.administrator, texts).await?;
    let status = if wanted.is_some() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let events = match wanted {
        Some(wanted) => {
            let page = Search {
                before: typed.before,
                limit: PAGE,
                ..wanted
            };
            app.service.search_events(&page).await?
        }
        None => Vec::new(),
    };
    let page = AuditPage {
        frame: frame(&admin.signed_in, Place::Audit),
        actions: Action::ALL,
        rows: rows(&app, &events).await?,
        chain: app.service.chain_state().await?,
        alarms: app.keeper.alarms(),
        next: next(&events, &filter),
        file: format!("/console/audit/events.jsonl?{}", filter.query()),
        is_first: typed.before.is_none(),
        filter,
    };
    Ok(answer::page(status, &page))
}

fn next(events: &[Recorded], filter: &Filter) -> Option<String> {
    let full = events.len() == PAGE as usize;
    let last = events.last().filter(|_| full)?;
    Some(format!(
        "/console/audit?{}&before={}",
        filter.query(),
        last.number
    ))
}
