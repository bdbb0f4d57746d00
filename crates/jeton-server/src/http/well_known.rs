//! `/.well-known/…` (RFC 8615).

pub(super) mod jwks;
