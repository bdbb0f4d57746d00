//! Use-cases that pages stand on, asked of the service itself: no JSON route has them.

use jeton_server::{
    model::{device::Device, session::Session, user::User, user_agent::UserAgent},
    service::{caller::Caller, sessions::signed_in::SignedInSession},
};

use crate::actors::{Server, SignedIn};

mod confirm;
mod own;
mod reset;
mod setup;
mod signed_in;

fn agent() -> UserAgent {
    UserAgent {
        device: Device::from_user_agent(Some("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")),
        token: None,
        address: Some([192, 0, 2, 7].into()),
    }
}

/// The live session behind a refresh token, and its user.
async fn live(server: &Server, user: &SignedIn) -> (Session, User) {
    match server.service().signed_in_session(&user.refresh).await.unwrap() {
        SignedInSession::Live { session, user } => (*session, *user),
        other => panic!("{other:?}"),
    }
}

async fn caller(server: &Server, user: &SignedIn) -> Caller {
    Caller::of_session(&live(server, user).await.0)
}
