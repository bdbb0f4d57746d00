//! Grants: opened once by a code, rotated as sessions are, and ended with what they hang on. What is to be told outside is
//! written with its cause.

use jeton_server::{
    model::{
        client::{
            Client,
            registration::{GrantType, Registration},
        },
        grant::{Grant, MAX_LIVE_PER_CLIENT, Terms},
        message::{Logout, TAKEN_FOR},
    },
    store::{Attempted, ConsentGiven, GrantEnding, GrantsEnded, Redeemed, Redemption, WhichGrants},
};
use tokio::task::JoinSet;

use super::{ceremonies::ceremony, clients::program};
use crate::prelude::*;

const CLIENT: u8 = 40;

/// A client that wants to be told when somebody signs out.
async fn application(store: &dyn Store) -> Client {
    let client = Client {
        scopes: ["openid", "api:read"].map(|name| name.parse().unwrap()).into(),
        registration: Registration {
            grant_types: vec![GrantType::AuthorizationCode],
            redirect_uris: vec!["https://app.example/cb".parse().unwrap()],
            backchannel_logout_uri: Some("https://app.example/out".to_owned()),
            first_party: true,
            ..Registration::default()
        },
        ..program(CLIENT, "Grafana")
    };
    let event = Event::new(Action::ClientCreated, at(0)).user(client.id.subject());
    let made = store
        .create_client(&client, &SecretDigest::of("secret"), &event)
        .await
        .unwrap();
    assert!(made);
    client
}

fn grant(number: u8, given_in: &Session, offline: bool) -> Session {
    Session {
        grant: Some(Box::new(Grant {
            client: client_id(CLIENT),
            given_in: given_in.id,
            offline,
            terms: Terms {
                scopes: vec!["openid".parse().unwrap(), "api:read".parse().unwrap()],
                resources: vec!["https://api.example/".to_owned()],
            },
        })),
        user_id: given_in.user_id,
        ..session(number, 1, 10)
    }
}

fn redemption(code: u8, grant: &Session, now: i64) -> Redemption {
    Redemption {
        code: CeremonyId::from_bytes([code; 16]),
        grant: grant.clone(),
        event: Event::new(Action::Granted, at(now))
            .user(grant.user_id)
            .session(grant.id),
    }
}

async fn redeem(store: &dyn Store, code: u8, grant: &Session, now: i64) -> Redeemed {
    store.redeem(redemption(code, grant, now)).await.unwrap()
}

/// Opens a grant by a code of its own.
async fn open(store: &dyn Store, number: u8, given_in: &Session, offline: bool) -> Session {
    let grant = grant(number, given_in, offline);
    store.begin_ceremony(&ceremony(number, Kind::Code)).await.unwrap();
    assert!(matches!(
        redeem(store, number, &grant, 20).await,
        Redeemed::Opened(_)
    ));
    grant
}

fn by_its_client(session: &Session, generation: i64) -> Presented {
    present(session, generation).by(client_id(CLIENT))
}

async fn ended(store: &dyn Store, grant: &Session) -> Option<EndReason> {
    store.session(grant.id).await.unwrap().unwrap().ended
}

async fn told(store: &dyn Store) -> Vec<SessionId> {
    let messages = store.messages(100).await.unwrap();
    let mut grants: Vec<SessionId> = messages
        .iter()
        .map(|message| serde_json::from_slice::<Logout>(&message.content).unwrap().grant)
        .collect();
    grants.sort();
    grants
}

pub(crate) async fn a_code_opens_its_grant_once(database: Database) {
    let store = database.open().await;
    let [given_in, ..] = populated(&*store).await;
    application(&*store).await;
    let opened = open(&*store, 60, &given_in, false).await;
    let read = store.session(opened.id).await.unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("{opened:?}"));
    assert_eq!(live(&*store, 1).await.len(), 2, "a grant is no session");
    assert_eq!(store.live_grants(user_id(1), at(30)).await.unwrap().len(), 1);
    let again = redeem(&*store, 60, &opened, 21).await;
    assert!(matches!(again, Redeemed::UsedBefore(revoked) if revoked == [revocation_of(&opened)]));
    assert_eq!(ended(&*store, &opened).await, Some(EndReason::CodeReused));
    assert!(
        matches!(redeem(&*store, 60, &opened, 22).await, Redeemed::UsedBefore(revoked) if revoked.is_empty())
    );
    assert!(told(&*store).await.is_empty(), "nobody signed out");
}

pub(crate) async fn of_fifty_who_redeem_a_code_at_once_one_does(database: Database) {
    let (one, other) = (database.open().await, database.open().await);
    let [given_in, ..] = populated(&*one).await;
    application(&*one).await;
    one.begin_ceremony(&ceremony(60, Kind::Code)).await.unwrap();
    let mut redeeming = JoinSet::new();
    for number in 0..50 {
        let store = Arc::clone(if number % 2 == 0 { &one } else { &other });
        let grant = grant(60, &given_in, false);
        redeeming.spawn(async move { redeem(&*store, 60, &grant, 20).await });
    }
    let opened = redeeming.join_all().await;
    let opened = opened
        .iter()
        .filter(|redeemed| matches!(redeemed, Redeemed::Opened(_)));
    assert_eq!(opened.count(), 1);
}

pub(crate) async fn a_code_opens_nothing_where_somebody_may_no_longer(database: Database) {
    let store = database.open().await;
    let [given_in, other, _] = populated(&*store).await;
    application(&*store).await;
    let late = grant(60, &given_in, false);
    store.begin_ceremony(&ceremony(60, Kind::Code)).await.unwrap();
    assert!(matches!(redeem(&*store, 60, &late, 900).await, Redeemed::Expired));
    assert!(
        matches!(redeem(&*store, 61, &late, 20).await, Redeemed::Expired),
        "there is none"
    );
    store
        .end_sessions(&ending(1, Which::One(given_in.id)))
        .await
        .unwrap();
    assert!(matches!(redeem(&*store, 60, &late, 20).await, Redeemed::Over));
    let of_nobody = Session {
        user_id: user_id(2),
        ..grant(62, &other, false)
    };
    store.begin_ceremony(&ceremony(62, Kind::Code)).await.unwrap();
    assert!(
        matches!(redeem(&*store, 62, &of_nobody, 20).await, Redeemed::Over),
        "it is another's session"
    );
}

pub(crate) async fn a_grant_rotates_as_a_session_for_its_client_alone(database: Database) {
    let store = database.open().await;
    let [given_in, ..] = populated(&*store).await;
    application(&*store).await;
    let grant = open(&*store, 60, &given_in, false).await;
    for stranger in [present(&grant, 0), present(&grant, 0).by(client_id(41))] {
        let refused = store.rotate_session(&stranger, &rules(30)).await.unwrap();
        assert!(
            matches!(refused, Rotation::Refused(RotationRefusal::Unknown)),
            "{refused:?}"
        );
    }
    let session = store
        .rotate_session(&by_its_client(&given_in, 0), &rules(30))
        .await
        .unwrap();
    assert!(
        matches!(session, Rotation::Refused(RotationRefusal::Unknown)),
        "a session is no client's"
    );
    let moved = store
        .rotate_session(&by_its_client(&grant, 0), &rules(30))
        .await
        .unwrap();
    assert!(matches!(moved, Rotation::Rotated(both) if both.0.grant.is_some()));
    let again = store
        .rotate_session(&by_its_client(&grant, 0), &rules(31))
        .await
        .unwrap();
    assert!(matches!(again, Rotation::Replayed(_)));
    let late = store
        .rotate_session(&by_its_client(&grant, 0), &rules(30 + 31))
        .await
        .unwrap();
    assert!(matches!(late, Rotation::Refused(RotationRefusal::Reused(_))));
    assert_eq!(ended(&*store, &given_in).await, None, "the session goes on");
}

pub(crate) async fn a_grant_ends_with_its_session_unless_it_outlives_it_and_both_are_told(
    database: Database,
) {
    let store = database.open().await;
    let [given_in, other, _] = populated(&*store).await;
    application(&*store).await;
    let bound = open(&*store, 60, &given_in, false).await;
    let offline = open(&*store, 61, &given_in, true).await;
    let elsewhere = open(&*store, 62, &other, false).await;
    let over = store
        .end_sessions(&ending(1, Which::One(given_in.id)))
        .await
        .unwrap();
    assert_eq!((over.sessions, over.revocations.len()), (1, 2));
    assert_eq!(ended(&*store, &bound).await, Some(EndReason::SessionOver));
    assert_eq!(ended(&*store, &offline).await, None);
    assert_eq!(ended(&*store, &elsewhere).await, None);
    assert_eq!(told(&*store).await, [bound.id, offline.id]);
    let all = store.end_sessions(&ending(1, Which::All)).await.unwrap();
    assert_eq!(all.sessions, 1);
    assert_eq!(ended(&*store, &offline).await, Some(EndReason::Logout));
    assert_eq!(told(&*store).await, [bound.id, offline.id, elsewhere.id]);
}

pub(crate) async fn with_the_others_their_grants_end_and_with_a_password_all_but_ones_own(
    database: Database,
) {
    let store = database.open().await;
    let [kept, other, _] = populated(&*store).await;
    application(&*store).await;
    let own = open(&*store, 60, &kept, false).await;
    let bound = open(&*store, 61, &other, false).await;
    let offline = open(&*store, 62, &other, true).await;
    store
        .end_sessions(&ending(1, Which::AllBut(kept.id)))
        .await
        .unwrap();
    assert_eq!(ended(&*store, &bound).await, Some(EndReason::SessionOver));
    assert_eq!(
        (ended(&*store, &own).await, ended(&*store, &offline).await),
        (None, None)
    );
    let changed = Ending {
        reason: EndReason::PasswordChanged,
        ..ending(1, Which::AllBut(kept.id))
    };
    store.end_sessions(&changed).await.unwrap();
    assert_eq!(ended(&*store, &own).await, None);
    assert_eq!(ended(&*store, &offline).await, Some(EndReason::PasswordChanged));
}

pub(crate) async fn what_was_allowed_is_kept_for_each_scope_and_taken_back_with_its_grants(
    database: Database,
) {
    let store = database.open().await;
    let [given_in, ..] = populated(&*store).await;
    let client = application(&*store).await;
    let grant = open(&*store, 60, &given_in, true).await;
    assert!(store.consent(user_id(1), client.id).await.unwrap().is_none());
    for (scope, now) in [("openid", 20), ("email", 30), ("openid", 40)] {
        let giving = ConsentGiven {
            user: user_id(1),
            client: client.id,
            scopes: vec![scope.parse().unwrap()],
            event: Event::new(Action::Consented, at(now)).user(user_id(1)),
        };
        store.give_consent(&giving).await.unwrap();
    }
    let consent = store.consent(user_id(1), client.id).await.unwrap().unwrap();
    assert_eq!(
        consent.scopes,
        ["openid", "email"].map(|name| name.parse().unwrap())
    );
    assert_eq!(consent.given_at, at(40));
    assert_eq!(store.consents(user_id(1)).await.unwrap(), [(client.id, consent)]);
    assert!(store.consents(user_id(2)).await.unwrap().is_empty());
    let taking_back = |user| GrantEnding {
        which: WhichGrants::Of {
            user: user_id(user),
            client: client.id,
        },
        reason: EndReason::Revoked,
        by: None,
        now: at(50),
    };
    let nothing: GrantsEnded = store.end_grants(&taking_back(2)).await.unwrap();
    assert_eq!((nothing.grants, nothing.consent), (0, false));
    let all = store.end_grants(&taking_back(1)).await.unwrap();
    assert_eq!((all.grants, all.consent, all.revocations.len()), (1, true, 1));
    assert!(store.consent(user_id(1), client.id).await.unwrap().is_none());
    assert_eq!(ended(&*store, &grant).await, Some(EndReason::Revoked));
}

pub(crate) async fn the_oldest_grant_beyond_the_number_ends(database: Database) {
    let store = database.open().await;
    let [given_in, ..] = populated(&*store).await;
    application(&*store).await;
    let first = open(&*store, 60, &given_in, true).await;
    for number in 0..MAX_LIVE_PER_CLIENT {
        let id = u8::try_from(61 + number).unwrap();
        let grant = Session {
            created_at: at(100 + i64::from(number)),
            ..grant(id, &given_in, true)
        };
        store.begin_ceremony(&ceremony(id, Kind::Code)).await.unwrap();
        assert!(matches!(
            redeem(&*store, id, &grant, 20).await,
            Redeemed::Opened(_)
        ));
    }
    assert_eq!(ended(&*store, &first).await, Some(EndReason::TooMany));
    let live = store.live_grants(user_id(1), at(200)).await.unwrap();
    assert_eq!(u32::try_from(live.len()), Ok(MAX_LIVE_PER_CLIENT));
    assert_eq!(
        ended(&*store, &given_in).await,
        None,
        "sessions are counted apart"
    );
}

pub(crate) async fn a_proof_is_used_once(database: Database) {
    let (one, other) = (database.open().await, database.open().await);
    let mut using = JoinSet::new();
    for number in 0..50 {
        let store = Arc::clone(if number % 2 == 0 { &one } else { &other });
        using.spawn(async move { store.use_once([7; 32], at(100)).await.unwrap() });
    }
    let used = using.join_all().await;
    assert_eq!(used.into_iter().filter(|first| *first).count(), 1);
    assert!(one.use_once([8; 32], at(100)).await.unwrap());
    assert_eq!(one.prune(at(99)).await.unwrap(), 0);
    assert_eq!(one.prune(at(100)).await.unwrap(), 2);
}

pub(crate) async fn a_message_is_taken_by_one_node_and_kept_until_it_is_sent(database: Database) {
    let (one, other) = (database.open().await, database.open().await);
    let [given_in, ..] = populated(&*one).await;
    application(&*one).await;
    let grant = open(&*one, 60, &given_in, false).await;
    assert!(one.take_due(&[], at(4)).await.unwrap().is_empty());
    one.end_sessions(&ending(1, Which::One(given_in.id)))
        .await
        .unwrap();
    let taken = one.take_due(&[], at(5)).await.unwrap();
    assert_eq!((taken.len(), taken[0].attempts), (1, 1));
    assert_eq!(taken[0].id.as_bytes(), grant.id.as_bytes());
    assert_eq!(taken[0].recipient, "https://app.example/out");
    assert!(
        other.take_due(&[], at(6)).await.unwrap().is_empty(),
        "it is taken"
    );
    let after = at(5).plus(TAKEN_FOR);
    assert_eq!(
        other.take_due(&[], after).await.unwrap().len(),
        1,
        "who took it may have died"
    );
    let failed = Attempted::Failed {
        problem: "it answered 500".to_owned(),
        next: Some(at(500)),
    };
    other.attempted(taken[0].id, &failed).await.unwrap();
    let waits = &one.messages(10).await.unwrap()[0];
    assert_eq!(
        (waits.due_at, waits.problem.as_deref()),
        (Some(at(500)), Some("it answered 500"))
    );
    one.attempted(taken[0].id, &Attempted::Sent { at: at(501) })
        .await
        .unwrap();
    let sent = &other.messages(10).await.unwrap()[0];
    assert_eq!(
        (sent.due_at, sent.sent_at, sent.problem.as_deref()),
        (None, Some(at(501)), None)
    );
    assert!(one.take_due(&[], at(9999)).await.unwrap().is_empty());
}
