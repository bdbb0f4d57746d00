//! What anybody sees.

use super::{
    Reader::{Administrator, Founder, Nobody, Person},
    Screen,
};
use crate::{element::By, site::PASSWORD};

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
    Screen::new("signup-as-other", Person, "/signup"),
    Screen::after("signup-wrong", Nobody, "/signup", |_, browser| {
        browser
            .fill("Username", "Romel of the long name")
            .fill("Password", "12341234")
            .press("Sign up")
            .reads("guessed first");
    }),
    Screen::new("signout", Person, "/signout"),
    Screen::new("signed-out", Nobody, "/signout"),
    Screen::new("reset", Nobody, "/reset"),
    Screen::after("reset-empty", Nobody, "/reset", |_, browser| {
        browser.press("Continue").reads("This is needed.");
    }),
    Screen::after("reset-wrong", Nobody, "/reset", |_, browser| {
        browser
            .fill("Username or e-mail", "Romel")
            .fill("Code", "jr_AAAAAAAAAAAAAAAAAAAAAA")
            .press("Continue")
            .reads("do not belong together");
    }),
    Screen::after("reset-password", Nobody, "/reset", |site, browser| {
        browser
            .fill("Username or e-mail", "Romel")
            .fill("Code", &site.reset_code("Romel"))
            .press("Continue")
            .find(By::Heading("Choose a new password"));
    }),
    Screen::after("reset-over", Nobody, "/reset", |site, browser| {
        browser
            .fill("Username or e-mail", "Romel")
            .fill("Code", &site.reset_code("Romel"))
            .press("Continue")
            .find(By::Heading("Choose a new password"));
        site.reset_code("Romel");
        browser
            .fill("New password", PASSWORD)
            .press("Set password")
            .find(By::Heading("The code is not good any more"));
    }),
    Screen::new("setup", Founder, "/setup"),
    Screen::after("setup-wrong", Founder, "/setup", |_, browser| {
        browser
            .fill("Code of the link", "js_AAAAAAAAAAAAAAAAAAAAAA")
            .fill("Username", "ada")
            .fill("Password", PASSWORD)
            .press("Make administrator")
            .reads("not the code of a link");
    }),
    Screen::new("setup-over", Nobody, "/setup"),
    Screen::new("welcome", Administrator, "/welcome"),
    Screen::new("not-found", Nobody, "/nothing"),
    Screen::new("not-found-signed-in", Person, "/nothing"),
];
