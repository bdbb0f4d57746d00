//! A secret is compared with `==`.

use jeton_axum::{cookies::CookieMode, csrf::Csrf};

fn main() {
    let make = || Csrf::new([7; 32], CookieMode::Host).unwrap();
    assert!(make() == make());
}
