//! Freshness, roles and scopes as the crate brings them.

use std::time::{Duration, SystemTime};

use axum::{Router, routing::get};
use jeton_axum::{
    Auth, AuthTime, Authorized, Fresh, HasRole, HasScope, Or, Policy, Role, Roles, Scope, Scopes, SignedIn,
};

use crate::support::{Access, Reply, World, send, with_bearer};

impl AuthTime for Access {
    fn auth_time(&self) -> Option<SystemTime> {
        let signed_in = Duration::from_secs(self.auth_time);
        let signed_in = (!signed_in.is_zero()).then_some(signed_in)?;
        SystemTime::UNIX_EPOCH.checked_add(signed_in)
    }
}

impl Roles for Access {
    fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|has| has == role)
    }
}

impl Scopes for Access {
    fn has_scope(&self, scope: &str) -> bool {
        self.sid
            .as_deref()
            .is_some_and(|scopes| scopes.split(' ').any(|has| has == scope))
    }
}

struct Editor;
impl Role for Editor {
    type Claims = Access;
    const NAME: &'static str = "editor";
    const ABOVE: &'static [&'static str] = &["publisher", "admin"];
}

struct ReadNotes;
impl Scope for ReadNotes {
    type Claims = Access;
    const NAME: &'static str = "notes:read";
}

async fn ask<P: Policy<Claims = Access>>(world: &World, claims: Access) -> Reply {
    let app = Router::new()
        .route("/", get(async |_: Authorized<P>| "served"))
        .with_state(world.auth.clone());
    send(app, with_bearer("/", &world.token_of(claims))).await
}

fn roles(roles: &[&str]) -> Access {
    let roles = roles.iter().map(|&role| role.to_owned()).collect();
    Access {
        roles,
        ..Access::default()
    }
}

fn signed_in(world: &World) -> u64 {
    world
        .clock
        .now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

#[tokio::test]
async fn a_role_or_one_above_it_will_do() {
    let world = World::new();
    for held in [&["editor"][..], &["publisher"], &["reader", "admin"]] {
        ask::<HasRole<Editor>>(&world, roles(held))
            .await
            .assert_ok("served");
    }
    for held in [&[][..], &["reader"], &["edit"], &["editors"], &["Editor"]] {
        let reply = ask::<HasRole<Editor>>(&world, roles(held)).await;
        reply.assert_refused(403, "insufficient_scope", "The token's user may not do this");
    }
}

#[tokio::test]
async fn a_missing_scope_is_named_in_the_challenge() {
    let world = World::new();
    let scopes = |text: &str| Access {
        sid: Some(text.to_owned()),
        ..Access::default()
    };
    ask::<HasScope<ReadNotes>>(&world, scopes("profile notes:read"))
        .await
        .assert_ok("served");
    let reply = ask::<HasScope<ReadNotes>>(&world, scopes("notes:readwrite")).await;
    reply.assert_refused(403, "insufficient_scope", "The token does not cover this");
    assert!(
        reply.challenge().ends_with(r#", scope="notes:read""#),
        "{}",
        reply.challenge()
    );
}

#[tokio::test]
async fn a_sign_in_is_fresh_to_the_last_second_of_its_window() {
    let world = World::new();
    let auth_time = signed_in(&world);
    let at = || Access {
        auth_time,
        ..Access::default()
    };
    ask::<Fresh<Access, 300>>(&world, at()).await.assert_ok("served");
    world.clock.pass(Duration::from_mins(5));
    ask::<Fresh<Access, 300>>(&world, at()).await.assert_ok("served");
    world.clock.pass(Duration::from_secs(1));
    let reply = ask::<Fresh<Access, 300>>(&world, at()).await;
    reply.assert_refused(
        401,
        "insufficient_user_authentication",
        "Sign in again to do this",
    );
    assert!(
        reply.challenge().ends_with(r#", max_age="300""#),
        "{}",
        reply.challenge()
    );
    ask::<Fresh<Access, 301>>(&world, at()).await.assert_ok("served");
}

#[tokio::test]
async fn who_never_signed_in_is_never_fresh() {
    let world = World::new();
    assert_eq!(
        ask::<Fresh<Access, 300>>(&world, Access::default()).await.status,
        401
    );
    let endless = Access {
        auth_time: u64::MAX >> 1,
        ..Access::default()
    };
    assert_eq!(ask::<SignedIn<Access>>(&world, endless).await.status, 200);
}

#[tokio::test]
async fn two_policies_are_both_asked() {
    type Both = (HasRole<Editor>, Fresh<Access, 300>);
    let world = World::new();
    let auth_time = signed_in(&world);
    ask::<Both>(
        &world,
        Access {
            auth_time,
            ..roles(&["editor"])
        },
    )
    .await
    .assert_ok("served");
    assert_eq!(
        ask::<Both>(
            &world,
            Access {
                auth_time,
                ..roles(&[])
            }
        )
        .await
        .status,
        403
    );
    assert_eq!(ask::<Both>(&world, roles(&["editor"])).await.status, 401);
}

#[tokio::test]
async fn one_of_two_policies_will_do() {
    type Either = Or<HasScope<ReadNotes>, HasRole<Editor>>;
    let world = World::new();
    let scope = || Some("notes:read".to_owned());
    for (sid, held) in [(scope(), &[][..]), (None, &["editor"]), (scope(), &["editor"])] {
        let claims = Access { sid, ..roles(held) };
        ask::<Either>(&world, claims).await.assert_ok("served");
    }
    let reply = ask::<Either>(&world, roles(&["reader"])).await;
    reply.assert_refused(403, "insufficient_scope", "The token does not cover this");
    assert!(reply.challenge().ends_with(r#", scope="notes:read""#));
    let reply = ask::<Or<HasRole<Editor>, HasScope<ReadNotes>>>(&world, roles(&[])).await;
    reply.assert_refused(403, "insufficient_scope", "The token's user may not do this");
}

#[tokio::test]
async fn a_rule_for_always_holds_where_a_token_is_optional_too() {
    let world = World::new().with(Auth::always::<HasRole<Editor>>);
    for path in ["/me", "/feed"] {
        let good = world.token_of(roles(&["editor"]));
        send(world.app(), with_bearer(path, &good))
            .await
            .assert_ok("alice");
        let bad = send(world.app(), with_bearer(path, &world.token())).await;
        bad.assert_refused(403, "insufficient_scope", "The token's user may not do this");
    }
    world.get("/feed", &[]).await.assert_ok("nobody");
}

#[tokio::test]
async fn a_sign_in_that_has_not_happened_yet_is_not_fresh() {
    let world = World::new();
    let now = signed_in(&world);
    for (ahead, status) in [(0, 200), (30, 200), (31, 401), (86_400, 401), (1 << 40, 401)] {
        let claims = Access {
            auth_time: now + ahead,
            ..Access::default()
        };
        let reply = ask::<Fresh<Access, 300>>(&world, claims).await;
        assert_eq!(reply.status, status, "{ahead} s ahead");
    }
}
