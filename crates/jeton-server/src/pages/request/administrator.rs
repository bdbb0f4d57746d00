use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use http::request::Parts;

use super::{RecentForm, SignedIn};
use crate::{
    http::{ApiError, App, extract::ClientInfo},
    pages::fields::Fields,
    service::accounts::admin::{Administrator, RecentAdministrator},
};

/// An administrator who reads a page of the console.
#[derive(Debug)]
pub(in crate::pages) struct AdminPage {
    pub(in crate::pages) signed_in: SignedIn,
    pub(in crate::pages) administrator: Administrator,
}

impl FromRequestParts<App> for AdminPage {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        let Ok(ClientInfo(agent)) = ClientInfo::from_request_parts(parts, app).await;
        let proved = app.service.administrator(&signed_in.caller(), &agent).await;
        Ok(Self {
            signed_in,
            administrator: proved.map_err(|reason| ApiError::from(reason).into_response())?,
        })
    }
}

/// A form of the console, of an administrator who signed in lately.
#[derive(Debug)]
pub(in crate::pages) struct AdminForm {
    pub(in crate::pages) signed_in: SignedIn,
    pub(in crate::pages) administrator: RecentAdministrator,
    pub(in crate::pages) fields: Fields,
}

impl FromRequest<App> for AdminForm {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let form = RecentForm::from_request(request, app).await?;
        let proved = app
            .service
            .recent_administrator(&form.signed_in.caller(), &form.agent)
            .await;
        Ok(Self {
            signed_in: form.signed_in,
            administrator: proved.map_err(|reason| ApiError::from(reason).into_response())?,
            fields: form.fields,
        })
    }
}
