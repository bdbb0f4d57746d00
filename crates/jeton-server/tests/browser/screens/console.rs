//! What administrators see.

use super::{
    Reader::{Administrator, Person},
    Screen,
};
use crate::{browser::Browser, element::By};

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
        open(browser, "Romel");
    }),
    Screen::after("user-code", Administrator, "/console/users", |_, browser| {
        open(browser, "Romel");
        browser
            .press("Make a code")
            .reads("A code for Romel, shown this once");
    }),
    Screen::after("user-wrong", Administrator, "/console/users", |_, browser| {
        open(browser, "Romel");
        browser
            .fill("Roles", "No!")
            .fill("Further claims", "no")
            .press("Save")
            .reads("This is no JSON object");
    }),
    Screen::after("user-own", Administrator, "/console/users", |_, browser| {
        open(browser, "ada");
    }),
    Screen::after("user-delete", Administrator, "/console/users", |_, browser| {
        open(browser, "Romel");
        browser.follow("Delete…").find(By::Heading("Delete Romel?"));
    }),
    Screen::new("keys", Administrator, "/console/keys"),
    Screen::new("keys-rotate", Administrator, "/console/keys/access/rotate"),
    Screen::after(
        "keys-given-up-wrong",
        Administrator,
        "/console/keys/refresh/rotate",
        |_, browser| {
            browser
                .press("Give the key up")
                .reads("This is not the name of the key that signs.");
        },
    ),
    // From here on there is a key to come.
    Screen::after(
        "keys-rotated",
        Administrator,
        "/console/keys/playground/rotate",
        |_, browser| {
            if browser.is_seen(By::Button("Rotate")) {
                browser.press("Rotate").reads("The new key is published.");
            } else {
                browser.follow("Keys").find(By::Heading("Which keys sign?"));
            }
        },
    ),
    Screen::new("keys-waiting", Administrator, "/console/keys/playground/rotate"),
    Screen::new("clients-none", Administrator, "/console/clients"),
    Screen::new("client-new", Administrator, "/console/clients/new"),
    Screen::after(
        "client-new-wrong",
        Administrator,
        "/console/clients/new",
        |_, browser| {
            browser
                .fill("Scopes", "No!")
                .press("Make the client")
                .reads("A name is 1 to 64");
        },
    ),
    Screen::after(
        "client-made",
        Administrator,
        "/console/clients/new",
        |_, browser| {
            browser
                .fill("Name", "billing")
                .fill("Scopes", "orders:read orders:write")
                .press("Make the client")
                .find(By::Heading("billing can come in"));
        },
    ),
    Screen::new("clients", Administrator, "/console/clients"),
    Screen::after("client", Administrator, "/console/clients", |_, browser| {
        open(browser, "billing");
    }),
    Screen::after(
        "client-secret",
        Administrator,
        "/console/clients",
        |_, browser| {
            open(browser, "billing");
            browser
                .press("Make a new secret")
                .reads("The secret of billing, shown this once");
        },
    ),
    Screen::after(
        "client-delete",
        Administrator,
        "/console/clients",
        |_, browser| {
            open(browser, "billing");
            browser.follow("Delete…").find(By::Heading("Delete billing?"));
        },
    ),
    Screen::new("outbox-none", Administrator, "/console/outbox"),
    Screen::new("settings", Administrator, "/console/settings"),
    Screen::after(
        "settings-passed",
        Administrator,
        "/console/settings",
        |_, browser| {
            browser.css("summary").click();
            browser.css("details li");
        },
    ),
    Screen::new("audit", Administrator, "/console/audit"),
    Screen::new("audit-none", Administrator, "/console/audit?action=audit.alarm"),
    Screen::new("audit-wrong", Administrator, "/console/audit?user=nobody"),
];

/// Opens what a table has under this name.
fn open(browser: &Browser, name: &str) {
    let link = browser.wait(name, || {
        let links = browser.seen(By::Css("tbody a")).into_iter();
        links.into_iter().find(|link| link.text() == name)
    });
    link.click();
    browser.find(By::Heading(name));
}
