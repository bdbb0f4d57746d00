//! A whole database into another.

use jeton_server::{
    model::{
        client::{Client, ClientSecret},
        throttle::{AccountKey, Claimant, Limits},
    },
    service::audit,
    store::transfer::{self, Progress, Report, Stage, TransferError},
};
use tokio::sync::mpsc;

use crate::{contract::ceremony, prelude::*};

mod arrival;
mod difference;
mod giving_up;
mod interruption;
mod refusals;

/// Something in every table, and numbers above the last row.
async fn filled(database: &Database) -> [Session; 3] {
    let store = database.open().await;
    let sessions = populated(&*store).await;
    let key = SealedKey {
        sealed: vec![0, 1, 255],
        ..key("k1", Purpose::Refresh)
    };
    for act in [KeyAct::First(key), rotate_to("k2", Purpose::Refresh, 1)] {
        store.change_keys(&act).await.unwrap().unwrap();
    }
    let program = Client {
        id: client_id(9),
        name: "billing".parse().unwrap(),
        scopes: vec!["a".parse().unwrap()],
        version: UserVersion::default(),
        disabled: false,
        created_at: at(0),
        accepted_until: at(7),
        registration: jeton_server::model::client::registration::Registration::default(),
    };
    let made = Event::new(Action::ClientCreated, at(0)).user(program.id.subject());
    let secret = ClientSecret::new([4; 32]).digest();
    store.create_client(&program, &secret, &made).await.unwrap();
    let stranger = Claimant {
        account: AccountKey::from_bytes([1; 32]),
        device: None,
    };
    let limits = Limits {
        free: 10,
        lockout_after: None,
    };
    store.admit(&stranger, &limits, at(0)).await.unwrap();
    let begun = Ceremony {
        user: Some(user_id(1)),
        ..ceremony(1, Kind::Reset)
    };
    store.begin_ceremony(&begun).await.unwrap();
    store
        .rotate_session(&present(&sessions[0], 0), &rules(5))
        .await
        .unwrap();
    store
        .end_sessions(&ending(1, Which::One(sessions[1].id)))
        .await
        .unwrap();
    store.end_sessions(&ending(2, Which::All)).await.unwrap();
    seal(&*store, 10).await;
    store.close().await;
    for statement in [
        "INSERT INTO consents (user_id, client_id, scopes, given_at) \
         SELECT users.id, service_accounts.id, 'openid', 5 FROM users, service_accounts",
        "INSERT INTO used_assertions (digest, until) SELECT secret, 9 FROM service_accounts",
        "INSERT INTO outbox (id, kind, recipient, content, created_at) \
         SELECT id, 'logout', 'https://app.example', secret, 5 FROM service_accounts",
    ] {
        database.sql(statement).await;
    }
    database
        .sql("INSERT INTO audit_marks (name, number) VALUES ('a mark', 1)")
        .await;
    // The last number outlives its row.
    database.sql("DELETE FROM revocations WHERE number = 2").await;
    sessions
}

async fn move_to(from: &Database, to: &Database) -> Result<Report, TransferError> {
    transfer::transfer(&from.url(), &to.url(), &mut |_| {}).await
}

async fn refused(from: &str, to: &str) -> String {
    transfer::transfer(from, to, &mut |_| {})
        .await
        .unwrap_err()
        .to_string()
}

/// Kills a move at its next step after a stage has begun.
async fn killed_in(from: &Database, to: &Database, stage: Stage) {
    let (told, mut stages) = mpsc::unbounded_channel();
    let (from, to) = (from.url(), to.url());
    let moving = tokio::spawn(async move {
        let mut watch = |progress| {
            if let Progress::Begins(stage, _) = progress {
                let _ = told.send(stage);
            }
        };
        transfer::transfer(&from, &to, &mut watch).await
    });
    while stages.recv().await.unwrap() != stage {}
    moving.abort();
    assert!(moving.await.unwrap_err().is_cancelled());
}

async fn everything_goes_on(database: &Database, sessions: &[Session; 3]) {
    let store = database.open().await;
    let rotated = store
        .rotate_session(&present(&sessions[0], 1), &rules(20))
        .await
        .unwrap();
    assert!(matches!(rotated, Rotation::Rotated(_)), "{rotated:?}");
    for ended in &sessions[1..] {
        let refused = store
            .rotate_session(&present(ended, 0), &rules(20))
            .await
            .unwrap();
        assert!(
            matches!(refused, Rotation::Refused(RotationRefusal::Ended)),
            "{refused:?}"
        );
    }
    let begun = ceremony(1, Kind::Reset);
    let kept = store.ceremony(&begun.secret).await.unwrap().unwrap();
    assert_eq!(
        (kept.id, kept.user, kept.state),
        (begun.id, Some(user_id(1)), begun.state)
    );
    let romel = store
        .account_by_name(account(1, "Romel").user.username.key())
        .await
        .unwrap();
    assert_eq!(romel.unwrap().user.claims, account(1, "Romel").user.claims);
    assert_eq!(store.last_revocation().await.unwrap(), 2);
    store
        .end_sessions(&ending(1, Which::One(sessions[0].id)))
        .await
        .unwrap();
    assert_eq!(store.last_revocation().await.unwrap(), 3, "numbers go on");
    seal(&*store, 30).await;
    let report = audit::verify(&*store, &chain(), &[], &mut |_, _| {})
        .await
        .unwrap();
    assert_eq!((report.seals, report.unsealed), (2, 0));
    store.close().await;
}
