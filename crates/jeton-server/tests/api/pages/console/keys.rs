use std::time::Duration;

use jeton_server::model::{client::registration::IdTokenAlg, key::Purpose};

use super::administrator;
use crate::actors::{Person, Server};

const ROTATE: &str = "/console/keys/access/rotate";

/// The name of the key that signs access tokens, as the page that would give it up asks for it.
async fn signer(root: &Person) -> String {
    let page = root.open(ROTATE).await;
    page.between("<label for=\"kid\">Type ", " to go on").to_owned()
}

#[tokio::test]
async fn every_purpose_has_a_line_with_the_key_that_signs() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let page = root.open("/console/keys").await;
    page.assert_status(200).assert_shows("Which keys sign?");
    assert_eq!(
        page.html.matches("<span class=\"tag good\">signs</span>").count(),
        3
    );
    page.assert_shows(&format!("<code>{}</code>", signer(&root).await));
    for path in ["/console/keys/root/rotate", "/console/keys/nothing/rotate"] {
        root.open(path).await.assert_status(404);
    }
}

#[tokio::test]
async fn a_rotation_shows_its_plan_first_and_then_its_time_line() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let old = signer(&root).await;
    let plan = root.open(ROTATE).await;
    plan.assert_shows("What will happen")
        .assert_shows(&format!("The last token of {old} runs out"))
        .assert_shows("<option>RS256</option>")
        .assert_hides("<option>HS256</option>");
    let page = root
        .send_through(ROTATE, &[("act", "rotate"), ("algorithm", "RS256")])
        .await;
    page.assert_shows("The new key is published.")
        .assert_shows("<rect class=\"published\"")
        .assert_shows("url(#hatch-access-1)")
        .assert_shows("RS256 · begins to sign");
    assert_eq!(signer(&root).await, old);

    let again = root.send(ROTATE, &[("act", "rotate")]).await;
    again.assert_status(409).assert_shows("waits to sign");
    server.clock().advance(Duration::from_hours(1));
    root.sign_in("root").await;
    assert_ne!(signer(&root).await, old);
    root.open("/console/keys")
        .await
        .assert_shows("Retired:")
        .assert_shows(&old);
}

#[tokio::test]
async fn a_key_is_given_up_by_its_name_alone() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let romel = server.signed_up("Romel").await;
    let kid = signer(&root).await;
    let wrong = root
        .send(ROTATE, &[("act", "emergency"), ("kid", "another")])
        .await;
    wrong.assert_status(422).assert_wrong_at("kid");
    server
        .visitor()
        .get_with("/profile", &romel.access)
        .await
        .assert_status(200);

    let page = root
        .send_through(ROTATE, &[("act", "emergency"), ("kid", &kid)])
        .await;
    page.assert_shows("The key is given up.");
    server
        .visitor()
        .get_with("/profile", &romel.access)
        .await
        .assert_status(401);
    server.visitor().refresh(&romel.refresh).await.assert_status(200);
}

#[tokio::test]
async fn giving_the_refresh_key_up_signs_everybody_out() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let path = "/console/keys/refresh/rotate";
    let page = root.open(path).await;
    page.assert_shows("ends every session")
        .assert_shows("<option>HS512</option>")
        .assert_hides("<option>ES256</option>");
    let kid = page.between("<label for=\"kid\">Type ", " to go on").to_owned();
    root.send(path, &[("act", "emergency"), ("kid", &kid)])
        .await
        .assert_status(303);
    let out = root.open("/console/keys").await;
    out.assert_status(303);
    assert!(out.location().starts_with("/signin"));
}

#[tokio::test]
async fn a_shared_secret_is_not_rotated_here() {
    let server = Server::with_secret("a shared secret of thirty-two bytes or more").await;
    let root = administrator(&server).await;
    root.open("/console/keys")
        .await
        .assert_shows("signed with JWT_SECRET")
        .assert_hides("/console/keys/access/rotate");
    root.send(ROTATE, &[("act", "rotate")]).await.assert_status(409);
    server.rotate(Purpose::Refresh, None, false).await;
}

#[tokio::test]
async fn keys_of_id_tokens_have_a_line_once_there_is_one() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let path = "/console/keys/id-rs256/rotate";
    root.open(path).await.assert_shows("There are no keys yet.");
    root.open("/console/keys").await.assert_hides("ID tokens");
    server.service().need_id_key(IdTokenAlg::Rs256).await.unwrap();
    root.open("/console/keys")
        .await
        .assert_shows("ID tokens, RS256")
        .assert_shows("RS256 · begins to sign")
        .assert_hides("ID tokens, ES256");
    root.send(path, &[("act", "rotate")])
        .await
        .assert_status(409)
        .assert_shows("waits to sign");
    server.clock().advance(Duration::from_hours(1));
    root.sign_in("root").await;
    root.open(path)
        .await
        .assert_shows("What will happen")
        .assert_shows("once they have read the key set again")
        .assert_hides("<option>");
    root.send_through(path, &[("act", "rotate")])
        .await
        .assert_shows("The new key is published.");
}
