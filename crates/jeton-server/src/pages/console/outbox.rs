//! The outbox: what is sent to others, what waits, and what could not be delivered.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use http::StatusCode;

use super::frame::{Place, frame};
use crate::{
    http::{ApiError, App, extract::Query},
    model::message::{Kind, Message},
    pages::{
        answer,
        done::Done,
        frame::Frame,
        request::{AdminForm, AdminPage},
        texts::Text,
    },
};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/", get(show)).route("/{id}", post(send_now))
}

#[derive(Template)]
#[template(path = "console/outbox.html")]
struct OutboxPage {
    frame: Frame,
    messages: Vec<Message>,
    hastened: bool,
}

impl OutboxPage {
    fn kind(&self, message: &Message) -> &Text {
        let texts = &self.frame.t.console.outbox;
        match message.kind {
            Kind::Logout => &texts.logout,
        }
    }

    fn attempts(&self, message: &Message) -> String {
        self.frame
            .t
            .console
            .outbox
            .attempts
            .of(u64::from(message.attempts))
    }
}

async fn show(
    State(app): State<App>,
    Query(done): Query<Done>,
    admin: AdminPage,
) -> Result<Response, ApiError> {
    let page = OutboxPage {
        frame: frame(&admin.signed_in, Place::Outbox),
        messages: app.service.messages(&admin.administrator).await?,
        hastened: done.done == "now",
    };
    Ok(answer::page(StatusCode::OK, &page))
}

/// Has a message sent now. That it was sent already comes to the same.
async fn send_now(
    State(app): State<App>,
    Path(id): Path<String>,
    form: AdminForm,
) -> Result<Response, ApiError> {
    let id = id
        .parse()
        .map_err(|_| ApiError::invalid("The address names no message"))?;
    app.service.send_now(&form.administrator, id).await?;
    Ok(answer::go_to("/console/outbox?done=now"))
}
