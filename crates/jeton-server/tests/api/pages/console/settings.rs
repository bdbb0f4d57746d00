use super::administrator;
use crate::actors::Server;

#[tokio::test]
async fn settings_are_shown_with_their_origin_and_no_secret() {
    let server = Server::with_secret("a shared secret of thirty-two bytes or more").await;
    let root = administrator(&server).await;
    let page = root.open("/console/settings").await;
    page.assert_status(200)
        .assert_shows("<code>access_lifetime</code>")
        .assert_shows("the default")
        .assert_shows("<code>JWT_SECRET</code>")
        .assert_shows("set, and not shown")
        .assert_hides("a shared secret of thirty-two");
}

#[tokio::test]
async fn what_the_configuration_lacks_is_said_with_what_mends_it() {
    let server = Server::with_secret("a shared secret of thirty-two bytes or more").await;
    let root = administrator(&server).await;
    let page = root.open("/console/settings").await;
    page.assert_shows("id=\"shared_secret\"")
        .assert_shows("whoever can check one can make one")
        .assert_shows("id=\"password_length\"")
        .assert_shows("--password-min-length 15")
        .assert_hides("id=\"rate_limit\"");
    let overview = root.open("/console").await;
    overview.assert_shows("to mend in this configuration");

    let german = server.person().reading("de");
    german.sign_in("root").await;
    let page = german.open("/console/settings").await;
    page.assert_shows("Wer eines prüfen kann, kann eines ausstellen")
        .assert_shows("der Vorgabe");
}
