//! A function names a type that is no policy.

use jeton_axum::Authorized;

struct Admin;

fn purge(_token: &Authorized<Admin>) {}

fn main() {}
