//! The page of one's data: to take along, or to have deleted with the account.

use askama::Template;
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};

use super::{
    frame::{Place, frame},
    owner::{own_refusal, recent},
};
use crate::{
    http::{ApiError, App, cookies, extract::Counted},
    pages::{
        answer,
        fields::Field,
        frame::Frame,
        request::{Reader, RecentForm, SignedIn},
    },
    service::accounts::own::OwnError,
};

#[derive(Template)]
#[template(path = "account/data.html")]
struct DataPage {
    frame: Frame,
    sessions: u64,
    name: Field,
}

#[derive(Template)]
#[template(path = "account/deleted.html")]
struct DeletedPage {
    frame: Frame,
}

impl DataPage {
    async fn new(app: &App, signed_in: &SignedIn) -> Result<Self, ApiError> {
        let reach = app.service.own_reach(&signed_in.caller()).await;
        Ok(Self {
            frame: frame(signed_in, Place::Data),
            sessions: reach.map_err(own_refusal)?.sessions as u64,
            name: Field::default(),
        })
    }
}

pub(super) async fn show(State(app): State<App>, signed_in: SignedIn) -> Result<Response, ApiError> {
    let page = DataPage::new(&app, &signed_in).await?;
    Ok(answer::page(StatusCode::OK, &page))
}

/// Everything as one JSON file. It is read anew each time, and so counted against the address.
pub(super) async fn download(
    State(app): State<App>,
    signed_in: SignedIn,
    _: Counted,
) -> Result<Response, ApiError> {
    let data = app.service.own_data(&signed_in.caller()).await;
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"my-data.json\"",
        ),
    ];
    Ok((headers, Json(data.map_err(own_refusal)?)).into_response())
}

/// Deletes the account, once its name was typed.
pub(super) async fn delete(State(app): State<App>, form: RecentForm) -> Result<Response, ApiError> {
    let RecentForm {
        signed_in, fields, ..
    } = form;
    let texts = signed_in.reader.texts();
    let mut page = DataPage::new(&app, &signed_in).await?;
    page.name = Field::new(fields.get("username").trim());
    if page.name.value != signed_in.user.username.as_str() {
        page.name.wrong(&texts.data.other_name);
        return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let caller = recent(&app, &signed_in)?;
    match app.service.delete_own_account(&caller).await {
        Ok(()) => Ok(gone(&app, &signed_in.reader)),
        Err(OwnError::LastAdmin) => {
            page.name.wrong(&texts.data.last_admin);
            Ok(answer::page(StatusCode::CONFLICT, &page))
        }
        Err(error) => Err(own_refusal(error)),
    }
}

fn gone(app: &App, reader: &Reader) -> Response {
    let page = DeletedPage {
        frame: Frame::of(reader),
    };
    answer::with_cookies(answer::page(StatusCode::OK, &page), cookies::cleared(app))
}
