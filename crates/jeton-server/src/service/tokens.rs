//! Tokens as people meet them: explained, revoked one by one, refused, followed from elsewhere, and played with. How a
//! token is signed and verified is the business of [`super::machinery::tokens`].

pub mod explain;
pub mod feed;
pub mod playground;
pub mod refusals;
pub mod revoke;
