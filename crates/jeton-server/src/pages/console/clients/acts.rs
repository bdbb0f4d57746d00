use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;

use super::{
    form::Registering,
    one::ClientPage,
    outcome::{ShownSecret, find},
};
use crate::{
    http::{ApiError, App},
    model::client::{Client, change::ClientEdit},
    pages::{answer, request::AdminForm},
    service::clients::administration::ClientActError,
};

/// Does one of the acts on a client's page, whose buttons name it.
pub(super) async fn act(
    State(app): State<App>,
    Path(id): Path<String>,
    form: AdminForm,
) -> Result<Response, ApiError> {
    let client = find(&app, &form.administrator, &id).await?;
    let id = client.id;
    let clients = app.service.clients(&form.administrator);
    let done = match form.fields.get("act") {
        "change" => match change(&app, &form, client).await? {
            None => "changed",
            Some(page) => return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page)),
        },
        "disable" => {
            clients.change(id, disabling(true)).await?;
            "disabled"
        }
        "enable" => {
            clients.change(id, disabling(false)).await?;
            "enabled"
        }
        "secret" => {
            let (client, secret) = clients.rotate(id).await?;
            let shown = ShownSecret::new(&client, &secret);
            let mut page = ClientPage::new(&form.signed_in, client);
            page.secret = Some(shown);
            return Ok(answer::page(StatusCode::OK, &page));
        }
        _ => return Err(ApiError::invalid("The form names no act on a client")),
    };
    Ok(answer::go_to(&format!("/console/clients/{id}?done={done}")))
}

/// Saves what was typed; or returns the page that says what is wrong with it.
async fn change(app: &App, form: &AdminForm, client: Client) -> Result<Option<ClientPage>, ApiError> {
    let texts = form.signed_in.reader.texts();
    let (id, before) = (client.id, client.registration.grant_types.clone());
    let mut page = ClientPage::new(&form.signed_in, client);
    page.registering = Registering::typed(&form.fields);
    let Some((scopes, registration)) = page.registering.read(&before, texts) else {
        return Ok(Some(page));
    };
    let edit = ClientEdit {
        scopes: Some(scopes),
        registration,
        ..ClientEdit::default()
    };
    match app.service.clients(&form.administrator).change(id, edit).await {
        Ok(changed) => {
            app.service.prepare_for(&changed).await;
            Ok(None)
        }
        Err(ClientActError::Refused(error)) => {
            page.registering.refuse(&error, texts);
            Ok(Some(page))
        }
        Err(error) => Err(error.into()),
    }
}

fn disabling(disabled: bool) -> ClientEdit {
    ClientEdit {
        disabled: Some(disabled),
        ..ClientEdit::default()
    }
}
