//! `/.well-known/…` (RFC 8615).

pub(super) mod jwks;
pub(super) mod metadata;
pub(super) mod oauth_authorization_server;
pub(super) mod openid_configuration;
