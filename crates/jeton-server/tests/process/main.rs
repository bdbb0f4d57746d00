//! The binary as its owner runs it: started, refused, killed and started again.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod audit;
mod back_ups;
mod calibrate;
mod clients;
mod clocks;
mod connections;
mod databases;
mod durability;
mod erasure;
mod faults;
mod first_run;
mod import;
mod keys;
mod killed;
mod libraries;
mod outbox;
mod pages;
#[path = "../support/postgres.rs"]
mod postgres_server;
mod process;
mod readme;
mod refusals;
mod resource_server;
mod settings;
mod start_and_stop;
mod terminal;
mod token;
mod transfer;
mod users;
mod verify_in_your_app;
