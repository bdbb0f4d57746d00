//! `/.well-known/…` (RFC 8615).

pub(super) mod jwks;
pub(super) mod oauth_authorization_server;
