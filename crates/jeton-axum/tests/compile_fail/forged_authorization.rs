//! An application tries to make the proof that a policy allowed a token.

use std::{sync::Arc, time::SystemTime};

use jeton::{Claims, Verified};
use jeton_axum::{Authorized, Denied, Policy};

#[derive(serde::Deserialize)]
struct Access {}

impl Claims for Access {
    const TYP: &'static str = "at+jwt";
}

struct Admin;

impl Policy for Admin {
    type Claims = Access;

    fn allows(_: &Verified<Access>, _: SystemTime) -> Result<(), Denied> {
        Err(Denied::Role)
    }
}

fn forge(token: Arc<Verified<Access>>) -> Authorized<Admin> {
    Authorized { token }
}

fn main() {}
