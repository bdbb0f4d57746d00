use crate::support::{Access, World, issuer, key, send, verifier, with_bearer};

#[tokio::test]
async fn a_replaced_verifier_is_used_from_the_next_request_on() {
    let world = World::new();
    let app = world.app();
    let old = world.token();
    let new = issuer(key(8))
        .issue_at("bob", "api", Access::default(), world.clock.now())
        .unwrap();
    send(app.clone(), with_bearer("/me", &old))
        .await
        .assert_ok("alice");
    assert_eq!(send(app.clone(), with_bearer("/me", &new)).await.status, 401);

    world.auth.replace_verifier(verifier(&key(8)));
    send(app.clone(), with_bearer("/me", &new)).await.assert_ok("bob");
    let reply = send(app, with_bearer("/me", &old)).await;
    reply.assert_refused(401, "invalid_token", "Invalid token");
}

#[tokio::test]
async fn guards_derived_from_one_another_rotate_together() {
    let world = World::new();
    let derived = world.auth.clone().realm("elsewhere");
    world.auth.replace_verifier(verifier(&key(8)));
    let new = issuer(key(8))
        .issue_at("bob", "api", Access::default(), world.clock.now())
        .unwrap();
    assert_eq!(derived.check(&new).unwrap().subject(), Some("bob"));
    assert!(derived.check(&world.token()).is_err());
}
