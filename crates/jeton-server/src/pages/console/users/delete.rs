use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;

use super::outcome::{named, refusal};
use crate::{
    http::{ApiError, App},
    model::{id::UserId, user::User},
    pages::{
        answer,
        console::frame::{Place, frame},
        fields::Field,
        frame::Frame,
        request::{AdminForm, AdminPage, SignedIn},
        texts::Text,
    },
    service::accounts::admin::Administrator,
};

/// Asks for the name of a user who is to be deleted, and tells what goes with them.
#[derive(Template)]
#[template(path = "console/user_delete.html")]
struct DeletePage {
    frame: Frame,
    user: User,
    sessions: u64,
    name: Field,
    refused: Option<&'static Text>,
}

impl DeletePage {
    async fn load(app: &App, signed_in: &SignedIn, by: &Administrator, id: UserId) -> Result<Self, ApiError> {
        let administration = app.service.administration(by);
        Ok(Self {
            frame: frame(signed_in, Place::Users),
            user: administration.find(id).await?,
            sessions: administration.sessions(id).await?.len() as u64,
            name: Field::default(),
            refused: None,
        })
    }
}

pub(super) async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    admin: AdminPage,
) -> Result<Response, ApiError> {
    let page = DeletePage::load(&app, &admin.signed_in, &admin.administrator, named(&id)?).await?;
    Ok(answer::page(StatusCode::OK, &page))
}

pub(super) async fn delete(
    State(app): State<App>,
    Path(id): Path<String>,
    form: AdminForm,
) -> Result<Response, ApiError> {
    let id = named(&id)?;
    let mut page = DeletePage::load(&app, &form.signed_in, &form.administrator, id).await?;
    let texts = page.frame.t;
    page.name = Field::new(form.fields.get("name").trim());
    if page.name.value != page.user.username.as_str() {
        page.name.wrong(&texts.console.delete_user.other_name);
        return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    match app.service.administration(&form.administrator).delete(id).await {
        Ok(()) => Ok(answer::go_to("/console/users?done=deleted")),
        Err(error) => {
            let (status, text) = refusal(error, texts)?;
            page.refused = Some(text);
            Ok(answer::page(status, &page))
        }
    }
}
