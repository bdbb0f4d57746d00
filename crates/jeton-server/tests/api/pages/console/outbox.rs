use serde_json::json;

use super::administrator;
use crate::actors::{Application, Manner, Receiver, Server};

#[tokio::test]
async fn it_shows_what_waits_what_was_sent_and_what_failed() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    root.open("/console/outbox")
        .await
        .assert_shows("Nothing was sent lately");
    let receiver = Receiver::new(Manner::Status(500)).await;
    let ada = server.admin("ada").await;
    let members = json!({
        "name": "Grafana",
        "backchannel_logout_uri": receiver.url,
        "first_party": true,
    });
    let application = Application::registered(&server, &ada, members).await;
    let bo = server.person();
    bo.sign_in("ada").await;
    application.tokens_of(&bo).await;
    bo.open("/account").await;
    bo.send("/signout", &[]).await;
    root.open("/console/outbox")
        .await
        .assert_shows(">Waits<")
        .assert_shows(&receiver.url)
        .assert_shows("0 attempts");
    server.sends_messages().await;
    let page = root.open("/console/outbox").await;
    page.assert_shows(">Waits<")
        .assert_shows("1 attempt")
        .assert_shows("answered with status 500")
        .assert_shows("in 5 seconds");
    let act = format!(
        "/console/outbox/{}",
        page.between("action=\"/console/outbox/", "\"")
    );
    receiver.now(Manner::Status(200));
    server.sends_messages().await;
    assert_eq!(receiver.received().len(), 1);
    root.send_through(&act, &[]).await.assert_shows("It is tried now");
    server.sends_messages().await;
    assert_eq!(receiver.received().len(), 2);
    root.open("/console/outbox")
        .await
        .assert_shows(">Sent<")
        .assert_hides("Try now")
        .assert_hides("answered with status");
    // Whoever has the page of before open comes to the same.
    root.send_through(&act, &[]).await.assert_shows(">Sent<");
    server.sends_messages().await;
    assert_eq!(receiver.received().len(), 2);
    root.send("/console/outbox/nonsense", &[])
        .await
        .assert_status(422);
}
