//! The Jeton service: registers users, logs them in and keeps every session revocable.
//!
//! Read it from the outside in: [`cli`] starts it, [`assemble`] puts it together, [`http`] is every route on one
//! page, [`pages`] are for people who have a browser, [`service`] holds the use-cases, [`store`] keeps what they decide,
//! [`redis`] is what nodes share for speed alone, [`outbound`] speaks to servers elsewhere, [`model`] says what things
//! are. Arrows only go down.

pub mod assemble;
pub mod cli;
pub mod config;
pub mod http;
pub mod model;
pub mod outbound;
pub mod pages;
pub mod redis;
pub mod service;
pub mod store;
