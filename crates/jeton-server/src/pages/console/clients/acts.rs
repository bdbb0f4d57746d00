use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;

use super::{
    one::ClientPage,
    outcome::{ShownSecret, find, scopes},
};
use crate::{
    http::{ApiError, App},
    model::client::change::ClientEdit,
    pages::{answer, fields::Field, request::AdminForm},
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
        "change" => {
            let mut page = ClientPage::new(&form.signed_in, client);
            page.scopes = Field::new(form.fields.get("scopes").trim());
            let scopes = match scopes(&page.scopes.value, form.signed_in.reader.texts()) {
                Ok(scopes) => scopes,
                Err(error) => {
                    page.scopes.wrong(error);
                    return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
                }
            };
            let edit = ClientEdit {
                scopes: Some(scopes),
                ..ClientEdit::default()
            };
            clients.change(id, edit).await?;
            "changed"
        }
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

fn disabling(disabled: bool) -> ClientEdit {
    ClientEdit {
        disabled: Some(disabled),
        ..ClientEdit::default()
    }
}
