//! What the guard does to requests, seen from outside: every test sends one through a router.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

mod bearer;
mod blocklist;
mod blocklist_in_memory;
mod bodies;
mod by_hand;
mod cache;
mod cookie_settings;
mod cookies;
mod csrf;
mod expired;
mod issued;
mod issuers;
mod locations;
mod multipart;
mod permitted;
mod places;
mod policies;
mod ready_claims;
mod ready_policies;
mod rejections;
mod renewal;
mod revocation;
mod rotation;
mod set_ups;
mod sign_in_page;
mod support;
mod tower;
mod users;
mod websocket;
