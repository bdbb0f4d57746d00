//! The inspector.

use super::{
    Reader::{Nobody, Person},
    Screen,
};
use crate::element::By;

pub(super) const SCREENS: &[Screen] = &[
    Screen::new("inspect", Nobody, "/inspect"),
    Screen::after("inspect-nothing", Nobody, "/inspect", |_, browser| {
        browser
            .fill("Token, or the text it stands in", "what they gave me yesterday")
            .press("Explain it")
            .reads("There is no token in this.");
    }),
    Screen::after("inspect-sample", Nobody, "/inspect", |_, browser| {
        browser
            .press("Show me with a sample")
            .find(By::Text("It is a sample, and opens nothing"));
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
