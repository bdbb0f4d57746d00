//! One's own account: changed, taken along, deleted.

use crate::{element::By, site::PASSWORD, walker::each_way};

const NEW: &str = "a kestrel on the mast";

#[test]
fn a_name_an_address_and_a_language_are_changed() {
    each_way(|site, walker| {
        site.person("Romel");
        walker.sign_in(&site, "Romel").finds("This is you, Romel");
        walker
            .fill("Username", "Romel of the long name")
            .press("Change username")
            .reads("no spaces");
        walker
            .fill("Username", "Romeo")
            .press("Change username")
            .reads("Your name is changed.")
            .finds("This is you, Romeo");
        walker
            .fill("E-mail", "romeo@example.org")
            .press("Change e-mail")
            .reads("Your e-mail address is changed.");
        walker.follow("Activity").reads("Username changed");
        walker.follow("Profile");
        walker
            .choose("Language", "Deutsch")
            .press("Use this language")
            .reads("Ihre Sprache ist geändert.");
        walker.press("English").finds("This is you, Romeo");
        walker.press("Sign out").finds("You are signed out");
        walker.sign_in(&site, "Romeo").finds("This is you, Romeo");
    });
}

#[test]
fn a_password_is_changed() {
    each_way(|site, walker| {
        site.person("Romel");
        let elsewhere = site.sign_in_elsewhere("Romel");
        walker.sign_in(&site, "Romel").follow("Security");
        walker
            .fill("Present password", "another")
            .fill("New password", NEW)
            .press("Change password")
            .reads("This is not your present password.");
        walker
            .fill("Present password", PASSWORD)
            .fill("New password", NEW)
            .press("Change password")
            .reads("Your password is changed. You are signed in here alone.");
        assert_eq!(
            site.api().get("/protected", &elsewhere).text("error"),
            "token_revoked"
        );
    });
}

#[test]
fn one_s_data_is_taken_along_and_the_account_deleted() {
    each_way(|site, walker| {
        site.person("Romel");
        walker.sign_in(&site, "Romel").follow("Your data");
        let link = walker.browser.link("Download my data").attribute("href").unwrap();
        let cookies = walker.browser.cookies();
        let cookies = cookies
            .iter()
            .map(|cookie| {
                format!(
                    "{}={}",
                    cookie["name"].as_str().unwrap(),
                    cookie["value"].as_str().unwrap()
                )
            })
            .collect::<Vec<_>>()
            .join("; ");
        let mut file = ureq::get(site.url(&link))
            .header("cookie", cookies)
            .call()
            .unwrap();
        let data: serde_json::Value = file.body_mut().read_json().unwrap();
        assert_eq!(data["username"], "Romel", "{data}");

        walker
            .fill("Type your username to confirm", "Ana")
            .press("Delete my account")
            .reads("This is not your username.");
        walker
            .fill("Type your username to confirm", "Romel")
            .press("Delete my account")
            .finds("Your account is deleted");
        walker.sign_in(&site, "Romel").reads("do not belong together");
    });
}

#[test]
fn everything_is_signed_out() {
    each_way(|site, walker| {
        site.person("Romel");
        let elsewhere = site.sign_in_elsewhere("Romel");
        walker.sign_in(&site, "Romel").show(&site, "/signout");
        walker
            .reads("ends 2 sessions and every token")
            .press("Sign out everywhere")
            .finds("You are signed out");
        assert_eq!(
            site.api().get("/protected", &elsewhere).text("error"),
            "token_revoked"
        );
    });
}

#[test]
fn whoever_signed_in_long_ago_confirms_and_loses_nothing() {
    each_way(|site, walker| {
        site.person("Romel");
        walker.sign_in(&site, "Romel").finds("This is you, Romel");
        let site = site.restarted_under("+20m");
        walker
            .fill("Username", "Romeo")
            .press("Change username")
            .finds("Is it still you?");
        walker
            .fill("Password", "another")
            .press("Continue")
            .reads("That is not the password.");
        walker
            .fill("Password", PASSWORD)
            .press("Continue")
            .reads("Your name is changed.");
        assert!(walker.browser.is_seen(By::Heading("This is you, Romeo")));
        site.sign_in_elsewhere("Romeo");
    });
}
