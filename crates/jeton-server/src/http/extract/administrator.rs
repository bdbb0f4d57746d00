use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;

use super::{client_info::ClientInfo, current_user::CurrentUser};
use crate::{
    http::{error::ApiError, state::App},
    service::accounts::admin::{Administrator, RecentAdministrator},
};

impl FromRequestParts<App> for Administrator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let user = CurrentUser::from_request_parts(parts, app).await?;
        let Ok(ClientInfo(agent)) = ClientInfo::from_request_parts(parts, app).await;
        let proved = app.service.administrator(&user, &agent).await;
        proved.map_err(|reason| ApiError::from(reason).into_response())
    }
}

impl FromRequestParts<App> for RecentAdministrator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let user = CurrentUser::from_request_parts(parts, app).await?;
        let Ok(ClientInfo(agent)) = ClientInfo::from_request_parts(parts, app).await;
        let proved = app.service.recent_administrator(&user, &agent).await;
        proved.map_err(|reason| ApiError::from(reason).into_response())
    }
}
