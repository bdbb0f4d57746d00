use jeton::{Algorithm, SigningKey};

use crate::support::{World, secret};

#[tokio::test]
async fn test_asymmetric_cropto() {
    let before = World::signing_with(secret(1));
    let after = World::signing_with(SigningKey::generate(Algorithm::Rs256).unwrap());
    before
        .with_token("/protected", &before.access_token())
        .await
        .assert_subject(Some("alice"));
    after
        .with_token("/protected", &after.access_token())
        .await
        .assert_subject(Some("alice"));
    let reply = after.with_token("/protected", &before.access_token()).await;
    reply.assert_refused(401, "invalid_token", "Invalid token");
}
