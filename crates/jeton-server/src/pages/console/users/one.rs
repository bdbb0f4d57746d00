use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;

use super::{
    outcome::{ShownCode, named},
    rights::Rights,
};
use crate::{
    http::{ApiError, App, extract::Query},
    model::{
        id::{SessionId, UserId},
        session::Session,
        time::Timestamp,
        user::User,
    },
    pages::{
        answer,
        console::frame::{Place, frame},
        device::Kind,
        done::Done,
        frame::Frame,
        request::{AdminPage, SignedIn},
        texts::{Text, Texts},
    },
    service::accounts::admin::Administrator,
};

#[derive(Template)]
#[template(path = "console/user.html")]
pub(super) struct UserPage {
    frame: Frame,
    pub(super) user: User,
    /// Whether administrators look at themselves.
    is_own: bool,
    pub(super) rights: Rights,
    /// The fields as they were shown first: what is not changed in a form stays as it is.
    pub(super) shown: Rights,
    sessions: Vec<Row>,
    notice: Option<&'static Text>,
    pub(super) refused: Option<&'static Text>,
    pub(super) code: Option<ShownCode>,
}

/// A session, as an administrator sees it.
struct Row {
    id: String,
    device: String,
    kind: Kind,
    since: Timestamp,
    last_seen: Timestamp,
    is_this: bool,
    by_admin: bool,
}

pub(super) async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(done): Query<Done>,
    admin: AdminPage,
) -> Result<Response, ApiError> {
    let mut page = UserPage::load(&app, &admin.signed_in, &admin.administrator, named(&id)?).await?;
    page.notice = notice(&done.done, page.frame.t);
    Ok(answer::page(StatusCode::OK, &page))
}

fn notice(done: &str, texts: &'static Texts) -> Option<&'static Text> {
    let texts = &texts.console.user;
    match done {
        "created" => Some(&texts.was_created),
        "changed" => Some(&texts.was_changed),
        "disabled" => Some(&texts.was_disabled),
        "enabled" => Some(&texts.was_enabled),
        "unlocked" => Some(&texts.was_unlocked),
        "session_ended" => Some(&texts.session_ended),
        "sessions_ended" => Some(&texts.sessions_ended),
        _ => None,
    }
}

impl UserPage {
    pub(super) async fn load(
        app: &App,
        signed_in: &SignedIn,
        by: &Administrator,
        id: UserId,
    ) -> Result<Self, ApiError> {
        let administration = app.service.administration(by);
        let user = administration.find(id).await?;
        let sessions = administration.sessions(id).await?;
        Ok(Self {
            frame: frame(signed_in, Place::Users),
            is_own: user.id == by.id(),
            rights: Rights::of(&user),
            shown: Rights::of(&user),
            sessions: sessions
                .iter()
                .map(|session| Row::new(session, by.session()))
                .collect(),
            user,
            notice: None,
            refused: None,
            code: None,
        })
    }

    /// How many sessions an act ends that ends all of them.
    fn reach(&self) -> u64 {
        self.sessions.len() as u64
    }
}

impl Row {
    fn new(session: &Session, this: SessionId) -> Self {
        Self {
            id: session.id.to_string(),
            device: session.device.name(),
            kind: Kind::of(&session.device),
            since: session.created_at,
            last_seen: session.last_seen_at,
            is_this: session.id == this,
            by_admin: session.actor.is_some(),
        }
    }
}
