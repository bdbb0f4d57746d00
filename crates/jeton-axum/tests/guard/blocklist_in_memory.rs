use std::time::Duration;

use jeton_axum::{MemoryBlocklist, NoId, Rejection};

use crate::support::{AUDIENCE, Access, LIFETIME, World, issuer, key};

fn with_id(world: &World, id: &str) -> String {
    let claims = Access::default();
    let issuer = issuer(key(7));
    issuer
        .draft(&claims)
        .audience(AUDIENCE)
        .id(id)
        .issue_at(world.clock.now())
        .unwrap()
}

fn listed() -> (World, MemoryBlocklist) {
    let list = MemoryBlocklist::new();
    (World::new().with(|auth| auth.revocations(list.clone())), list)
}

#[test]
fn a_revoked_token_is_refused_and_no_other() {
    let (world, list) = listed();
    let (one, two) = (with_id(&world, "1"), with_id(&world, "2"));
    let token = world.auth.check(&one).unwrap();
    list.revoke(&token, world.clock.now()).unwrap();
    assert!(matches!(world.auth.check(&one), Err(Rejection::Revoked)));
    assert!(world.auth.check(&two).is_ok());
    list.revoke_id("2", token.expires_at(), world.clock.now());
    assert!(matches!(world.auth.check(&two), Err(Rejection::Revoked)));
}

#[test]
fn a_token_without_an_id_cannot_be_listed() {
    let (world, list) = listed();
    let token = world.auth.check(&world.token()).unwrap();
    assert_eq!(list.revoke(&token, world.clock.now()), Err(NoId));
    assert!(list.is_empty() && world.auth.check(&world.token()).is_ok());
}

#[test]
fn expired_entries_do_not_pile_up_and_live_ones_stay() {
    let (world, list) = listed();
    for round in 0..20 {
        for id in 0..200 {
            let now = world.clock.now();
            list.revoke_id(&format!("{round}-{id}"), now + LIFETIME, now);
        }
        let newest = with_id(&world, &format!("{round}-0"));
        assert!(matches!(world.auth.check(&newest), Err(Rejection::Revoked)));
        world.clock.pass(Duration::from_mins(30));
    }
    assert!(list.len() < 2000, "{}", list.len());
}
