//! A service whose database is moved away under it.

use jeton_server::store::transfer;
use serde_json::json;

use crate::actors::{Actor, Server};

#[tokio::test]
async fn tokens_are_checked_and_nothing_is_written() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let folder = tempfile::tempdir().unwrap();
    let target = format!("sqlite://{}", folder.path().join("elsewhere.db").display());
    transfer::transfer(&server.database_url(), &target, &mut |_| {})
        .await
        .unwrap();

    romel.get("/protected").await.assert_status(200);
    let body = json!({ "username": romel.username, "password": romel.password });
    for reply in [
        romel.post("/logout", &json!({})).await,
        romel
            .post("/refresh", &json!({ "refresh_token": romel.refresh }))
            .await,
        server.visitor().post("/login", &body).await,
    ] {
        reply.assert_error(
            503,
            "read_only",
            "The database is being moved and takes nothing new, try again shortly",
        );
        assert_eq!(reply.header("retry-after"), "5");
    }
}
