use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;

use super::{
    form::Registering,
    outcome::{ShownSecret, find},
};
use crate::{
    http::{ApiError, App, extract::Query},
    model::client::{Client, registration::ClientAuthentication},
    pages::{
        answer,
        console::frame::{Place, frame},
        done::Done,
        frame::Frame,
        request::{AdminPage, SignedIn},
        texts::Text,
    },
};

#[derive(Template)]
#[template(path = "console/client.html")]
pub(super) struct ClientPage {
    frame: Frame,
    client: Client,
    pub(super) registering: Registering,
    notice: Option<&'static Text>,
    pub(super) secret: Option<ShownSecret>,
}

pub(super) async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(done): Query<Done>,
    admin: AdminPage,
) -> Result<Response, ApiError> {
    let client = find(&app, &admin.administrator, &id).await?;
    let mut page = ClientPage::new(&admin.signed_in, client);
    let texts = &page.frame.t.console.clients;
    page.notice = match done.done.as_str() {
        "changed" => Some(&texts.was_changed),
        "disabled" => Some(&texts.was_disabled),
        "enabled" => Some(&texts.was_enabled),
        _ => None,
    };
    Ok(answer::page(StatusCode::OK, &page))
}

impl ClientPage {
    fn has_secret(&self) -> bool {
        self.client.registration.authentication == ClientAuthentication::Secret
    }

    pub(super) fn new(signed_in: &SignedIn, client: Client) -> Self {
        Self {
            frame: frame(signed_in, Place::Clients),
            registering: Registering::of(&client),
            client,
            notice: None,
            secret: None,
        }
    }
}
