use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;

use crate::{
    http::{ApiError, App, extract::Query},
    model::client::Client,
    pages::{
        answer,
        console::frame::{Place, frame},
        done::Done,
        frame::Frame,
        request::AdminPage,
    },
};

#[derive(Template)]
#[template(path = "console/clients.html")]
struct ClientsPage {
    frame: Frame,
    clients: Vec<Client>,
    deleted: bool,
}

pub(super) async fn show(
    State(app): State<App>,
    Query(done): Query<Done>,
    admin: AdminPage,
) -> Result<Response, ApiError> {
    let page = ClientsPage {
        frame: frame(&admin.signed_in, Place::Clients),
        clients: app.service.clients(&admin.administrator).list().await?,
        deleted: done.done == "deleted",
    };
    Ok(answer::page(StatusCode::OK, &page))
}
