//! The API as a page.

use super::{
    Reader::{Nobody, Person},
    Screen,
};

pub(super) const SCREENS: &[Screen] = &[
    Screen::new("docs", Nobody, "/docs"),
    Screen::after("docs-open", Nobody, "/docs#post_login", |_, browser| {
        browser.css("#post_login .answers");
    }),
    Screen::after("docs-tried", Nobody, "/docs#get_healthz", |_, browser| {
        browser.run(
            "document.querySelector('#get_healthz form.try').requestSubmit()",
            &[],
        );
        browser.reads("200 OK");
    }),
    Screen::after("docs-token", Person, "/docs", |_, browser| {
        browser
            .press("Make an access token")
            .reads("It stands here once.");
    }),
    Screen::after("docs-sure", Person, "/docs#delete_sessions_id", |_, browser| {
        browser.run(
            "const form = document.querySelector('#delete_sessions_id form.try'); \
             form.querySelector('input').value = 'x'; form.requestSubmit()",
            &[],
        );
        browser.reads("Send this for real?");
    }),
];
