use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;

use super::outcome::find;
use crate::{
    http::{ApiError, App},
    model::client::Client,
    pages::{
        answer,
        console::frame::{Place, frame},
        fields::Field,
        frame::Frame,
        request::{AdminForm, AdminPage, SignedIn},
    },
};

/// Asks for the name of a client that is to be deleted, and tells what goes with it.
#[derive(Template)]
#[template(path = "console/client_delete.html")]
struct DeletePage {
    frame: Frame,
    client: Client,
    name: Field,
}

impl DeletePage {
    fn new(signed_in: &SignedIn, client: Client) -> Self {
        Self {
            frame: frame(signed_in, Place::Clients),
            client,
            name: Field::default(),
        }
    }
}

pub(super) async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    admin: AdminPage,
) -> Result<Response, ApiError> {
    let client = find(&app, &admin.administrator, &id).await?;
    let page = DeletePage::new(&admin.signed_in, client);
    Ok(answer::page(StatusCode::OK, &page))
}

pub(super) async fn delete(
    State(app): State<App>,
    Path(id): Path<String>,
    form: AdminForm,
) -> Result<Response, ApiError> {
    let client = find(&app, &form.administrator, &id).await?;
    let mut page = DeletePage::new(&form.signed_in, client);
    page.name = Field::new(form.fields.get("name").trim());
    if page.name.value != page.client.name.as_str() {
        page.name.wrong(&page.frame.t.console.clients.other_name);
        return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    app.service
        .clients(&form.administrator)
        .delete(page.client.id)
        .await?;
    Ok(answer::go_to("/console/clients?done=deleted"))
}
