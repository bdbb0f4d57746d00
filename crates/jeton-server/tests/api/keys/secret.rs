//! Access tokens under a secret that changes.

use std::time::Duration;

use super::kid;
use crate::actors::{Server, header_of};

const OLD: &str = "4inK]I+X+;n2+g\"*>AMQc{p99)9DB@a@";
const NEW: &str = "Zq3vT8yB1nK6wE9rU2iO5pL7xC4mV0sD";
/// Ten minutes after the clock's beginning.
const UNTIL: &str = "2026-01-02T03:14:05Z";

#[tokio::test]
async fn what_the_secret_before_signed_is_accepted_until_its_time_is_over() {
    let server = Server::with_secret(OLD).await;
    let romel = server.signed_up("Romel").await;
    let changed = [
        ("JWT_SECRET", NEW),
        ("JWT_SECRET_PREVIOUS", OLD),
        ("JWT_SECRET_PREVIOUS_UNTIL", UNTIL),
    ];
    let server = server.restarted_with(&changed).await;
    let visitor = server.visitor();
    visitor
        .get_with("/protected", &romel.access)
        .await
        .assert_status(200);
    let later = visitor.sign_in("Romel", &romel.password).await;
    assert_ne!(kid(&later.access), kid(&romel.access));
    super::pass(&server, Duration::from_secs(599)).await;
    visitor
        .get_with("/protected", &romel.access)
        .await
        .assert_status(200);
    super::pass(&server, Duration::from_secs(1)).await;
    let refused = visitor.get_with("/protected", &romel.access).await;
    refused.assert_error(401, "invalid_token", "Invalid token");
    later.assert_is_in().await;
}

#[tokio::test]
async fn nobody_has_to_sign_in_again_on_the_way_from_a_secret_to_published_keys() {
    let server = Server::with_secret(OLD).await;
    let mut romel = server.signed_up("Romel").await;
    let changed = [
        ("JWT_SECRET", ""),
        ("JWT_SECRET_PREVIOUS", OLD),
        ("JWT_SECRET_PREVIOUS_UNTIL", UNTIL),
    ];
    let server = server.restarted_with(&changed).await;
    let visitor = server.visitor();
    visitor
        .get_with("/protected", &romel.access)
        .await
        .assert_status(200);
    let renewed = visitor.refresh(&romel.refresh).await;
    renewed.assert_status(200);
    romel.access = renewed.text("access_token").to_owned();
    assert_eq!(header_of(&romel.access)["alg"], "ES256");
    assert_eq!(
        super::published(&server).await,
        [kid(&romel.access)],
        "the secret is not"
    );
}
