//! What the guard does to requests, seen from outside: every test sends one through a router.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

mod bearer;
mod blocklist;
mod cache;
mod cookies;
mod csrf;
mod issuers;
mod locations;
mod policies;
mod rejections;
mod revocation;
mod rotation;
mod support;
mod tower;
