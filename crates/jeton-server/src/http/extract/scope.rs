use std::marker::PhantomData;

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;
use jeton_axum::{Bearer, Denied, Rejection};

use super::client_info::ClientInfo;
use crate::{
    http::{error::ApiError, state::App},
    service::{machinery::claims::ServiceAccess, tokens::refusals},
};

/// A scope that a route asks for.
pub(in crate::http) trait RequiredScope {
    const NAME: &'static str;
}

/// The bearer of an access token with the scope `S`. Whoever lacks it is refused, and the audit trail says so.
pub(in crate::http) struct HasScope<S>(PhantomData<S>);

impl<S: RequiredScope> FromRequestParts<App> for HasScope<S> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let bearer = <Bearer<ServiceAccess> as FromRequestParts<App>>::from_request_parts(parts, app).await;
        let Bearer(token) = bearer.map_err(IntoResponse::into_response)?;
        if token.claims().has_scope(S::NAME) {
            return Ok(Self(PhantomData));
        }
        if let Some(id) = token.subject().and_then(|subject| subject.parse().ok()) {
            let Ok(ClientInfo(agent)) = ClientInfo::from_request_parts(parts, app).await;
            let client = refusals::Bearer::Client(id);
            app.service.note_refusal(client, S::NAME, &agent).await;
        }
        Err(ApiError::from(Rejection::Denied(Denied::Scope(S::NAME))).into_response())
    }
}
