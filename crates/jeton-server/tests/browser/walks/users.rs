//! People, as an administrator looks after them.

use crate::{element::By, walker::each_way};

#[test]
fn somebody_is_found_changed_disabled_and_let_in_again() {
    each_way(|site, walker| {
        site.administrator("ada").person("Romel");
        let tokens = [(); 3].map(|()| site.sign_in_elsewhere("Romel"));
        walker.sign_in(&site, "ada").follow("Console").follow("Users");
        walker
            .fill("Name, e-mail or id", "nobody")
            .press("Search")
            .reads("Nobody fits");
        walker
            .fill("Name, e-mail or id", "rom")
            .press("Search")
            .follow("Romel")
            .finds("Romel");

        walker
            .fill("Roles", "No!")
            .press("Save")
            .reads("A role is 1 to 64 characters");
        walker
            .fill("Roles", "editor support")
            .press("Save")
            .reads("Saved.");
        assert_eq!(walker.browser.field("Roles").value(), "editor support");
        walker.press("End session").reads("That session has ended.");
        walker.press("End all").reads("All their sessions have ended.");
        for token in &tokens {
            assert_eq!(site.api().get("/protected", token).text("error"), "token_revoked");
        }

        walker
            .press("Unlock")
            .reads("Their failed sign-ins are forgotten.");
        walker
            .press("Disable")
            .reads("Disabled. What they held is refused from now on.");
        walker.press("Enable").reads("Enabled. They can sign in again.");
        site.sign_in_elsewhere("Romel");
        walker
            .press("Make a code")
            .reads("A code for Romel, shown this once");
        let code = walker.browser.css(".secret code").text();
        assert!(code.starts_with("jr_"), "{code}");
        site.sign_in_elsewhere("Romel");
        walker
            .press("Force a reset")
            .reads("A code for Romel, shown this once");
        assert_ne!(walker.browser.css(".secret code").text(), code);
        assert!(walker.browser.is_seen(By::Text("Nowhere.")));
    });
}

#[test]
fn somebody_is_made_with_a_code_or_a_password_and_deleted() {
    each_way(|site, walker| {
        site.administrator("ada");
        walker
            .sign_in(&site, "ada")
            .show(&site, "/console/users")
            .follow("New user");
        walker
            .fill("Username", "Romel")
            .press("Make the account")
            .finds("Romel has an account");
        walker.follow("Make another");
        walker
            .fill("Username", "Ines")
            .turn_to("By a code", "By this password")
            .fill("Password", "a heron on the weir")
            .press("Make the account")
            .reads("The account is made.");
        site.sign_in_elsewhere("Ines");

        walker.follow("Delete…").finds("Delete Ines?");
        walker
            .fill("Type Ines to go on", "Ine")
            .press("Delete the account");
        walker.reads("This is not the name of the account.");
        walker
            .fill("Type Ines to go on", "Ines")
            .press("Delete the account");
        walker.reads("The account is gone.");
    });
}
