//! The user agent of a request: what it names itself, what it shows to be known by, and where it calls from.

use std::{convert::Infallible, net::IpAddr, sync::Once};

use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderName, header, request::Parts};

use crate::{
    http::{
        address::{self, Peer, X_FORWARDED_FOR},
        cookies,
        error::ApiError,
        state::App,
    },
    model::{device::Device, known_device::DeviceToken, user_agent::UserAgent},
};

/// Where programs keep what browsers keep in a cookie.
pub(crate) const DEVICE: HeaderName = HeaderName::from_static("jeton-device");

/// The user agent a request comes from.
pub(crate) struct ClientInfo(pub(crate) UserAgent);

impl FromRequestParts<App> for ClientInfo {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let headers = &parts.headers;
        let user_agent = headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        Ok(Self(UserAgent {
            device: Device::from_user_agent(user_agent),
            token: device_token(app, headers),
            address: address(app, parts),
        }))
    }
}

fn address(app: &App, parts: &Parts) -> Option<IpAddr> {
    let (peer, trusted) = (parts.extensions.get::<Peer>()?, &app.network.trusted_proxies);
    if trusted.is_empty() && parts.headers.contains_key(X_FORWARDED_FOR) {
        hint_at_the_proxy();
    }
    Some(address::of_client(peer.0, &parts.headers, trusted))
}

/// Said once: a proxy that nobody named would have all its clients share one address's limit.
fn hint_at_the_proxy() {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        tracing::warn!(
            "a request came with X-Forwarded-For, which counts for nothing here: if a proxy stands before this service, \
             name its address in trusted-proxies, or its clients share one address-limit"
        );
    });
}

/// A token that is not one is no reason to refuse anybody: the device is then one nobody knows.
fn device_token(app: &App, headers: &HeaderMap) -> Option<DeviceToken> {
    let text = match headers.get(DEVICE) {
        Some(value) => value.to_str().ok(),
        None => cookies::device_token(app, headers),
    };
    text?.parse().ok()
}

/// A user agent that tries a password or makes an account: counted against its address before anything else is done.
pub(crate) struct Counted(UserAgent);

impl Counted {
    pub(crate) async fn count(app: &App, agent: UserAgent) -> Result<Self, ApiError> {
        if let (Some(limit), Some(address)) = (&app.network.limit, agent.address) {
            let admitted = limit.take(address, app.service.clock().instant()).await;
            admitted.map_err(|left| {
                ApiError::too_many_attempts_for_now("Too many attempts from this address", left)
            })?;
        }
        Ok(Self(agent))
    }

    pub(crate) fn into_agent(self) -> UserAgent {
        self.0
    }
}

impl FromRequestParts<App> for Counted {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Ok(ClientInfo(agent)) = ClientInfo::from_request_parts(parts, app).await;
        Self::count(app, agent).await
    }
}
