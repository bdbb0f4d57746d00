use axum::{
    Json,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    around::{Answering, Next},
    requests::RequestId,
};
use crate::http::{
    error::{ApiError, ErrorCode, SessionOver},
    face::Told,
    requester,
    state::App,
};

/// Every failure, but for the OAuth endpoints' own.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ErrorBody {
    error: ErrorCode,
    /// A sentence for a person: what was wrong and how to mend it.
    message: String,
    /// Why the session is over: of a 401 alone, and only for whoever holds a token of that session. Where it is absent,
    /// the session may go on with its refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<SessionOver>,
    /// Names this request in the log of the service.
    request_id: String,
}

/// A failure of an OAuth endpoint (RFC 6749 §5.2).
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct OAuthErrorBody {
    error: ErrorCode,
    /// A sentence for a person: what was wrong and how to mend it.
    error_description: String,
    /// Names this request in the log of the service.
    request_id: String,
}

/// Writes the error body of whatever failed, layers and router included.
pub(in crate::http) fn write_body(app: &App, request: Request, next: Next<'_>) -> Answering {
    let app = app.clone();
    let id = request.extensions().get::<RequestId>().cloned();
    let oauth = request.uri().path().starts_with("/oauth/");
    let teller = app.browser.face.as_ref().and_then(|face| face.teller(&request));
    let answer = next(request);
    Box::pin(async move {
        let Ok(mut response) = answer.await;
        let explained = response.extensions_mut().remove::<ApiError>();
        let is_told = response.extensions().get::<Told>().is_some();
        let error = explained.or_else(|| if is_told { None } else { unexplained(&response) });
        if error
            .as_ref()
            .is_some_and(|error| error.code == ErrorCode::DatabaseDamaged)
        {
            app.service.found_damage();
        }
        let id = id.as_ref().map_or("", RequestId::as_str);
        let Some(error) = error else {
            return Ok(response);
        };
        if let Some(page) = teller.and_then(|tell| tell(&error, id)) {
            return Ok(with_body(response, page));
        }
        let error = reasoned(&app, error).await;
        Ok(explain(response, error, id, oauth))
    })
}

/// Adds why the session is over to the refusal of a token that was revoked. Where the database does not say, the refusal
/// stands as it is.
async fn reasoned(app: &App, error: ApiError) -> ApiError {
    if error.code != ErrorCode::TokenRevoked {
        return error;
    }
    let Some(session) = requester::revoked() else {
        return error;
    };
    match app.service.why_over(session).await {
        Ok(Some(why)) => error.because(why.into()),
        Ok(None) | Err(_) => error,
    }
}

fn explain(response: Response, error: ApiError, id: &str, oauth: bool) -> Response {
    let body = if oauth {
        Json(OAuthErrorBody {
            error: error.code,
            error_description: error.message.into_owned(),
            request_id: id.to_owned(),
        })
        .into_response()
    } else {
        Json(ErrorBody {
            error: error.code,
            message: error.message.into_owned(),
            reason: error.over,
            request_id: id.to_owned(),
        })
        .into_response()
    };
    with_body(response, body)
}

/// The answer with its status and headers, and the error as its body.
fn with_body(response: Response, body: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    let (written, body) = body.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(written.headers);
    parts
        .headers
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Response::from_parts(parts, body)
}

/// A failure some layer answered without saying why.
fn unexplained(response: &Response) -> Option<ApiError> {
    let status = response.status();
    if status == StatusCode::REQUEST_TIMEOUT {
        let message = "The request took too long to arrive or to be answered";
        return Some(ApiError::new(status, ErrorCode::RequestTimeout, message));
    }
    if status.is_server_error() {
        return Some(ApiError::internal());
    }
    status
        .is_client_error()
        .then(|| ApiError::new(status, ErrorCode::InvalidRequest, "The request cannot be served"))
}
