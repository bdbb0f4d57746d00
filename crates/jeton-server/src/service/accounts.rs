//! Users and how they prove who they are: registration, signing in, passwords, imports, and acts of administrators on
//! accounts. The sessions that a sign-in opens are the business of [`super::sessions`].

pub mod admin;
pub mod confirm;
pub mod import;
pub mod login;
pub mod own;
pub mod password;
pub mod register;
pub(in crate::service) mod rehash;
pub mod reset;
pub mod setup;
pub mod throttle;
