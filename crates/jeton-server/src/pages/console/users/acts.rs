use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;

use super::{
    one::UserPage,
    outcome::{ShownCode, named, refusal},
    rights::Rights,
};
use crate::{
    http::{ApiError, App},
    model::{id::UserId, user::changes::Changes},
    pages::{answer, request::AdminForm},
    service::accounts::admin::{AdminError, Administration},
};

/// An act that was done, by the name under which the user's page tells it.
type Done = Result<&'static str, AdminError>;

/// Does one of the acts on a user's page, whose buttons name it.
pub(super) async fn act(
    State(app): State<App>,
    Path(id): Path<String>,
    form: AdminForm,
) -> Result<Response, ApiError> {
    let id = named(&id)?;
    let administration = app.service.administration(&form.administrator);
    let done = match form.fields.get("act") {
        "change" => return change(&app, &form, id).await,
        "code" => return make_code(&app, &form, id, false).await,
        "force" => return make_code(&app, &form, id, true).await,
        "disable" => switch(&administration, id, true).await,
        "enable" => switch(&administration, id, false).await,
        "unlock" => app
            .service
            .unlock(&form.administrator, id)
            .await
            .map(|()| "unlocked"),
        "end" => end_one(&administration, id, form.fields.get("session")).await,
        "end_all" => administration.end_sessions(id).await.map(|_| "sessions_ended"),
        _ => return Err(ApiError::invalid("The form names no act on a user")),
    };
    match done {
        Ok(done) => Ok(told(id, done)),
        Err(error) => refused(&app, &form, id, error).await,
    }
}

async fn change(app: &App, form: &AdminForm, id: UserId) -> Result<Response, ApiError> {
    let mut page = UserPage::load(app, &form.signed_in, &form.administrator, id).await?;
    page.rights = Rights::typed(&form.fields);
    page.shown = Rights::shown(&form.fields);
    let Some(read) = page.rights.read(form.signed_in.reader.texts()) else {
        return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let changes = page.rights.changes(read, &page.shown);
    match app
        .service
        .administration(&form.administrator)
        .change(id, &changes)
        .await
    {
        Ok(_) => Ok(told(id, "changed")),
        Err(error) => {
            let (status, text) = refusal(error, form.signed_in.reader.texts())?;
            page.refused = Some(text);
            Ok(answer::page(status, &page))
        }
    }
}

/// Makes a code, which this answer shows and nothing else.
async fn make_code(app: &App, form: &AdminForm, id: UserId, force: bool) -> Result<Response, ApiError> {
    let administration = app.service.administration(&form.administrator);
    match administration.reset_password(id, force).await {
        Ok(issued) => {
            let mut page = UserPage::load(app, &form.signed_in, &form.administrator, id).await?;
            page.code = Some(ShownCode::new(&issued));
            Ok(answer::page(StatusCode::OK, &page))
        }
        Err(error) => refused(app, form, id, error).await,
    }
}

async fn switch(administration: &Administration<'_>, id: UserId, disabled: bool) -> Done {
    let changes = Changes {
        disabled: Some(disabled),
        ..Changes::default()
    };
    administration.change(id, &changes).await?;
    Ok(if disabled { "disabled" } else { "enabled" })
}

async fn end_one(administration: &Administration<'_>, id: UserId, session: &str) -> Done {
    let session = session.parse().map_err(|_| AdminError::SessionNotFound)?;
    administration.end_session(id, session).await?;
    Ok("session_ended")
}

fn told(id: UserId, done: &str) -> Response {
    answer::go_to(&format!("/console/users/{id}?done={done}"))
}

async fn refused(app: &App, form: &AdminForm, id: UserId, error: AdminError) -> Result<Response, ApiError> {
    let (status, text) = refusal(error, form.signed_in.reader.texts())?;
    let mut page = UserPage::load(app, &form.signed_in, &form.administrator, id).await?;
    page.refused = Some(text);
    Ok(answer::page(status, &page))
}
