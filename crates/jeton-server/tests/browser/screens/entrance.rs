//! What anybody sees.

use super::{
    Reader::{Nobody, Person},
    Screen,
};

pub(super) const SCREENS: &[Screen] = &[
    Screen::new("front", Nobody, "/"),
    Screen::new("signin", Nobody, "/signin"),
    Screen::after("signin-wrong", Nobody, "/signin", |_, browser| {
        browser
            .fill("Username or e-mail", "Romel")
            .fill("Password", "another")
            .press("Sign in")
            .reads("do not belong together");
    }),
    Screen::new("signin-as-other", Person, "/signin"),
    Screen::new("signup", Nobody, "/signup"),
    Screen::after("signup-wrong", Nobody, "/signup", |_, browser| {
        browser
            .fill("Username", "Romel of the long name")
            .fill("Password", "12341234")
            .press("Sign up")
            .reads("guessed first");
    }),
    Screen::new("signout", Person, "/signout"),
    Screen::new("signed-out", Nobody, "/signout"),
    Screen::new("not-found", Nobody, "/nothing"),
    Screen::new("not-found-signed-in", Person, "/nothing"),
];
