//! The inspector.

use super::{
    Reader::{Nobody, Person},
    Screen,
};
use crate::element::By;

/// Of another service, and long over: nearly every check fails.
const FOREIGN: &str = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6Im90aGVyIn0.eyJpc3MiOiJodHRwczovL290aGVyLmV4YW1w\
                       bGUiLCJzdWIiOiJ4IiwiYXVkIjpbInNob3AiLCJhcGkiXSwiZXhwIjoxNzk1Mjk1MjQ2LCJyb2xlcyI6WyJhIl19.qk3Jc0b9s\
                       PfRr2mE7tq0m8a1wQe2o5yTt9Xn4dLhUuAqk3Jc0b9sPfRr2mE7tq0m8a1wQe2o5yTt9Xn4dLhUuA";

pub(super) const SCREENS: &[Screen] = &[
    Screen::new("inspect", Nobody, "/inspect"),
    Screen::after("inspect-nothing", Nobody, "/inspect", |_, browser| {
        browser
            .fill("Token, or the text it stands in", "what they gave me yesterday")
            .press("Explain it")
            .reads("There is no token in this.");
    }),
    Screen::after("inspect-too-much", Nobody, "/inspect", |_, browser| {
        browser.run(
            "document.querySelector('textarea').value = 'x'.repeat(1 << 20)",
            &[],
        );
        browser
            .press("Explain it")
            .find(By::Heading("That was too much to read"));
    }),
    Screen::after("inspect-sample", Nobody, "/inspect", |_, browser| {
        browser
            .press("Show me with a sample")
            .find(By::Text("It is a sample, and opens nothing"));
    }),
    Screen::after("inspect-foreign", Nobody, "/inspect", |_, browser| {
        browser
            .fill("Token, or the text it stands in", FOREIGN)
            .press("Explain it")
            .reads("No key of this service fits it.");
    }),
    Screen::after("inspect-own", Person, "/inspect", |site, browser| {
        let token = site.sign_in_elsewhere("Romel");
        browser
            .fill("Token, or the text it stands in", &token)
            .press("Explain it")
            .reads("It is good");
    }),
    Screen::after("inspect-ended", Person, "/inspect", |site, browser| {
        let token = site.sign_in_elsewhere("Romel");
        site.sign_out(&token);
        browser
            .fill("Token, or the text it stands in", &token)
            .press("Explain it")
            .reads("It is refused");
    }),
];
