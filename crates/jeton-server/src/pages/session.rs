//! Who is signed in: the session whose refresh token the browser's cookie holds, as its row is at this moment. A page
//! changes nothing by being read, so the token is not exchanged.

use http::HeaderMap;

use crate::{
    http::{
        ApiError, App, cookies,
        requester::{self, Requester},
    },
    service::sessions::signed_in::SignedInSession,
};

/// Reads who is signed in. A browser without a cookie, or with one that is none of ours, has nobody.
pub(super) async fn read(app: &App, headers: &HeaderMap) -> Result<SignedInSession, ApiError> {
    let Ok(Some(token)) = cookies::refresh_token(app, headers) else {
        return Ok(SignedInSession::Unknown);
    };
    let found = app.service.signed_in_session(token).await?;
    if let SignedInSession::Live { session, user } = &found {
        requester::note(Requester::user(user.id, Some(session.id)));
    }
    Ok(found)
}
