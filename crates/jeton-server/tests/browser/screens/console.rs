//! What administrators see.

use super::{
    Reader::{Administrator, Person},
    Screen,
};
use crate::element::By;

pub(super) const SCREENS: &[Screen] = &[
    Screen::new("console", Administrator, "/console"),
    Screen::new("console-refused", Person, "/console"),
    Screen::new("users", Administrator, "/console/users"),
    Screen::new("users-none", Administrator, "/console/users?q=nobody"),
    Screen::new("user-new", Administrator, "/console/users/new"),
    Screen::after(
        "user-new-wrong",
        Administrator,
        "/console/users/new",
        |_, browser| {
            browser
                .fill("Username", "Romel")
                .press("Make the account")
                .reads("belongs to somebody");
        },
    ),
    Screen::after("user", Administrator, "/console/users", |_, browser| {
        browser.follow("Romel").find(By::Heading("Romel"));
    }),
    Screen::after("user-own", Administrator, "/console/users", |_, browser| {
        browser.css("table a").click();
        browser.find(By::Heading("Address and rights"));
    }),
    Screen::after("user-delete", Administrator, "/console/users", |_, browser| {
        browser
            .follow("Romel")
            .follow("Delete…")
            .find(By::Heading("Delete Romel?"));
    }),
    Screen::new("keys", Administrator, "/console/keys"),
    Screen::new("keys-rotate", Administrator, "/console/keys/access/rotate"),
    Screen::new("clients-none", Administrator, "/console/clients"),
    Screen::new("client-new", Administrator, "/console/clients/new"),
    Screen::new("settings", Administrator, "/console/settings"),
    Screen::new("audit", Administrator, "/console/audit"),
    Screen::new("audit-wrong", Administrator, "/console/audit?user=nobody"),
];
