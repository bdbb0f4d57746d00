//! Programs that get tokens, as an administrator looks after them.

use ureq::http::StatusCode;

use crate::{
    site::Site,
    walker::{Walker, each_way},
};

#[test]
fn a_client_is_made_given_another_secret_disabled_and_deleted() {
    each_way(|site, walker| {
        site.administrator("ada");
        walker
            .sign_in(&site, "ada")
            .show(&site, "/console/clients")
            .reads("No program yet");
        walker.follow("New client");
        walker.fill("Scopes", "orders:read").press("Make the client");
        walker.reads("A name is 1 to 64 printable characters.");
        walker
            .fill("Name", "billing")
            .press("Make the client")
            .finds("billing can come in");
        let (id, first) = shown(walker);
        assert_eq!(token(&site, &id, &first), StatusCode::OK);

        // What was shown once is not shown again.
        walker.follow("Go to billing").finds("billing");
        assert!(!walker.browser.source().contains(&first));
        walker
            .press("Make a new secret")
            .reads("The secret of billing, shown this once");
        let (_, second) = shown(walker);
        assert_eq!(token(&site, &id, &first), StatusCode::UNAUTHORIZED);
        assert_eq!(token(&site, &id, &second), StatusCode::OK);

        walker
            .fill("Scopes", "orders:write")
            .press("Save")
            .reads("Saved.");
        walker
            .press("Disable")
            .reads("Disabled. Its tokens are refused from now on.");
        assert_eq!(token(&site, &id, &second), StatusCode::UNAUTHORIZED);
        walker.press("Enable").reads("Enabled. It can get tokens again.");
        walker.follow("Delete…").finds("Delete billing?");
        walker
            .fill("Type billing to go on", "bill")
            .press("Delete the client")
            .reads("This is not the name of the client.");
        walker
            .fill("Type billing to go on", "billing")
            .press("Delete the client")
            .reads("The client is gone.");
        assert_eq!(token(&site, &id, &second), StatusCode::UNAUTHORIZED);
    });
}

/// The id and the secret that the page shows.
fn shown(walker: &Walker) -> (String, String) {
    let shown = |place: &str| walker.browser.css(place).text();
    (
        shown(".secret dd:nth-of-type(1) code"),
        shown(".secret dd:nth-of-type(2) code"),
    )
}

fn token(site: &Site, id: &str, secret: &str) -> StatusCode {
    site.api().client_token(id, secret).status
}
