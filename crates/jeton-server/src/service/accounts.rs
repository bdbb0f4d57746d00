//! Users and how they prove who they are: registration, signing in, passwords, imports, and what administrators do to
//! accounts. What a sign-in opens is the business of [`super::sessions`].

pub mod admin;
pub mod import;
pub mod login;
pub mod password;
pub mod register;
pub(in crate::service) mod rehash;
pub mod throttle;
