//! Tokens as people meet them: explaining, revoking and refusing them, the feed of revocations, and the playground. How
//! a token is signed and verified is the business of [`super::machinery::tokens`].

pub mod explain;
pub mod feed;
pub mod playground;
pub mod refusals;
pub mod revoke;
