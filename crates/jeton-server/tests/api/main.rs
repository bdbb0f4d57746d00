//! The service as its clients meet it: one file per route, by the route's path, and one per promise that holds
//! for all of them.
//!
//! Tests speak through the actors. Whatever an answer must always be (an error body on every failure, a challenge
//! on every 401, `no-store` on every token, what the OpenAPI document says) the actors check on every reply.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod actors;
#[path = "../support/postgres.rs"]
#[expect(dead_code, reason = "the store's tests need more of it")]
mod postgres_server;

mod admin;
mod csrf;
mod get_jwt;
mod healthz;
mod login;
mod logout;
mod metrics;
mod oauth;
mod openapi;
mod pages;
mod password;
mod postman;
mod profile;
mod protected;
mod readyz;
mod refresh;
mod register;
mod revocations;
mod sessions;
mod set_jwt;
mod sign_token;
mod token;
mod verify_token;
mod well_known;

mod addresses;
mod bad_input;
mod below_pages;
mod clocks;
mod connections;
mod cookies;
mod cross_site;
mod guarded;
mod keys;
mod logs;
mod moving;
mod refusals;
mod renewal_hints;
mod revoked;
mod session_over;
mod unreadable;

mod seeds;
