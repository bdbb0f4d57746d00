//! One's own account.

use super::{
    Reader::{Administrator, Hurried, Person},
    Screen,
};
use crate::element::By;

pub(super) const SCREENS: &[Screen] = &[
    Screen::new("account", Person, "/account"),
    Screen::new("account-administrator", Administrator, "/account"),
    Screen::after("account-wrong", Person, "/account", |_, browser| {
        browser
            .fill("Username", "Romel of the long name")
            .press("Change username")
            .reads("no spaces");
    }),
    Screen::new("activity", Person, "/account/activity"),
    Screen::new("data", Person, "/account/data"),
    Screen::after("data-wrong", Person, "/account/data", |_, browser| {
        browser
            .fill("Type your username to confirm", "Ana")
            .press("Delete my account")
            .reads("This is not your username.");
    }),
    Screen::new("security", Person, "/account/security"),
    Screen::after("security-wrong", Person, "/account/security", |_, browser| {
        browser
            .fill("Present password", "another")
            .fill("New password", "a kestrel on the mast")
            .press("Change password")
            .reads("not your present password");
    }),
    Screen::new("sessions", Person, "/account/sessions"),
    Screen::new("sessions-alone", Administrator, "/account/sessions"),
    Screen::after("renewal", Hurried, "/account/sessions", |_, browser| {
        browser.find(By::Heading("Still there?"));
    }),
    Screen::after("ended", Hurried, "/account/security", |site, browser| {
        site.end_sessions("Romel");
        browser.come_back();
        browser.find(By::Heading("This session has ended"));
    }),
];
