//! What an expired token said is handed to somebody who asks for a good one.

use jeton::Verified;
use jeton_axum::ExpiredToken;

fn pay<C>(_token: &Verified<C>) {}

fn late<C>(token: &ExpiredToken<C>) {
    pay(token);
}

fn main() {}
