use http::HeaderMap;

use crate::{
    http::{ApiError, App, ErrorCode},
    pages::{request::AdminPage, session},
    service::{machinery::streams::Place, sessions::signed_in::SignedInSession},
};

/// An administrator to whom an answer goes on: asked again before each part of it.
pub(super) struct Onlooker {
    pub(super) app: App,
    /// Of the request: the cookies by which the session is found each time.
    headers: HeaderMap,
    _place: Place,
}

impl Onlooker {
    /// Takes a place for the reader of a page.
    pub(super) fn of(app: App, headers: HeaderMap, admin: &AdminPage) -> Result<Self, ApiError> {
        let full = || {
            let message = "Too many of these answers go on at once: close one";
            ApiError::try_again(ErrorCode::Overloaded, message, 10)
        };
        let place = app.streams.take(admin.administrator.id()).ok_or_else(full)?;
        Ok(Self {
            app,
            headers,
            _place: place,
        })
    }

    /// Whether the session lives and its user is an administrator, at this moment.
    pub(super) async fn may_look_on(&self) -> bool {
        let found = session::read(&self.app, &self.headers).await;
        matches!(found, Ok(SignedInSession::Live { session, user }) if session.actor.is_none() && user.is_active_admin())
    }
}
