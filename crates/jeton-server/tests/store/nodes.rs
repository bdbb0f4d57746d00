//! Several nodes on one PostgreSQL, and what becomes of a node's writes when it is cut off.

use jeton_server::model::audit::Actor;

use crate::{
    postgres_server::PostgresDatabase,
    prelude::*,
    proxy::{Cut, Proxy},
};

async fn node(database: &PostgresDatabase) -> Arc<dyn Store> {
    open(database.url()).await
}

/// Waits until a query gives something else than zero.
async fn until(database: &PostgresDatabase, query: &str) {
    while database.count(query).await == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn nodes_that_start_at_once_make_one_schema_and_one_first_key() {
    let database = PostgresDatabase::create().await;
    let start = async |kid: &str| {
        let store = node(&database).await;
        first_key(&*store, kid, Purpose::Access).await;
        store.keys().await.unwrap().len()
    };
    let keys = tokio::join!(start("a"), start("b"), start("c"), start("d"), start("e"));
    assert_eq!(keys, (1, 1, 1, 1, 1));
}

#[tokio::test]
async fn nodes_that_rotate_at_once_make_one_key_that_is_to_sign() {
    let database = PostgresDatabase::create().await;
    let nodes = [
        node(&database).await,
        node(&database).await,
        node(&database).await,
    ];
    first_key(&*nodes[0], "first", Purpose::Access).await;
    let racers = (0..12).map(|turn| {
        let store = Arc::clone(&nodes[turn % 3]);
        let act = rotate_to(&format!("k{turn}"), Purpose::Access, 5);
        tokio::spawn(async move { store.change_keys(&act).await.unwrap() })
    });
    let (mut made, mut refused) = (0, 0);
    for racer in racers.collect::<Vec<_>>() {
        match racer.await.unwrap() {
            Ok(_) => made += 1,
            Err(Refusal::Pending { .. }) => refused += 1,
            Err(refusal) => panic!("{refusal:?}"),
        }
    }
    assert_eq!((made, refused), (1, 11));
    assert_eq!(nodes[1].keys().await.unwrap().len(), 2);
}

#[tokio::test]
async fn refreshes_that_race_across_nodes_move_the_session_on_once() {
    let database = PostgresDatabase::create().await;
    let nodes = [
        node(&database).await,
        node(&database).await,
        node(&database).await,
    ];
    let [session, ..] = populated(&*nodes[0]).await;
    let racers = (0..60).map(|turn| {
        let (store, presented) = (Arc::clone(&nodes[turn % 3]), present(&session, 0));
        tokio::spawn(async move { store.rotate_session(&presented, &rules(5)).await.unwrap() })
    });
    let (mut rotated, mut replayed) = (0, 0);
    for racer in racers.collect::<Vec<_>>() {
        match racer.await.unwrap() {
            Rotation::Rotated(_) => rotated += 1,
            Rotation::Replayed(_) => replayed += 1,
            Rotation::Refused(refusal) => panic!("{refusal:?}"),
        }
    }
    assert_eq!((rotated, replayed), (1, 59));
}

/// Whatever their groups hold, and in whatever order it came.
#[tokio::test]
async fn nodes_wait_for_each_other_and_never_in_a_circle() {
    let database = PostgresDatabase::create().await;
    let nodes = [node(&database).await, node(&database).await];
    let mut sessions = Vec::new();
    for user in 0..8 {
        let account = create(&*nodes[0], user, &format!("user{user}")).await;
        for session in [session(user, user, 0), self::session(100 + user, user, 0)] {
            open_session(&*nodes[0], &account, &session).await;
            sessions.push(session);
        }
    }
    let tasks = (0..400).map(|turn: usize| {
        let store = Arc::clone(&nodes[turn % 2]);
        // One node goes up through the sessions, the other down.
        let place = (turn / 2) % sessions.len();
        let session = sessions[if turn.is_multiple_of(2) {
            place
        } else {
            sessions.len() - 1 - place
        }]
        .clone();
        tokio::spawn(async move {
            if turn.is_multiple_of(5) {
                let ending = Ending {
                    user: session.user_id,
                    ..ending(0, Which::AllBut(session.id))
                };
                store.end_sessions(&ending).await.map(drop)
            } else {
                store
                    .rotate_session(&present(&session, 0), &rules(5))
                    .await
                    .map(drop)
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    for node in nodes {
        node.close().await;
    }
    until(
        &database,
        "SELECT count(*) FROM pg_stat_database WHERE datname = current_database() AND xact_commit > 10",
    )
    .await;
    let circles = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(database.count(circles).await, 0);
}

#[tokio::test]
async fn two_nodes_do_not_take_the_last_two_administrators_away() {
    let database = PostgresDatabase::create().await;
    let nodes = [node(&database).await, node(&database).await];
    for (number, name) in [(1, "anna"), (2, "berta")] {
        create(&*nodes[0], number, name).await;
    }
    let acts = [1, 2].map(|number| {
        let store = Arc::clone(&nodes[usize::from(number) - 1]);
        let act = AdminAction {
            user: user_id(number),
            by: Actor::CommandLine,
            now: at(5),
            may_take_last_admin: false,
        };
        tokio::spawn(async move { store.delete_user(&act).await.unwrap() })
    });
    let mut missed = 0;
    for act in acts {
        missed += usize::from(matches!(act.await.unwrap(), Acted::LastAdmin));
    }
    assert_eq!(missed, 1);
}

#[tokio::test]
async fn a_node_whose_connections_were_ended_opens_new_ones() {
    let database = PostgresDatabase::create().await;
    let store = node(&database).await;
    create(&*store, 1, "Romel").await;
    database
        .sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
    create(&*store, 2, "john").await;
    assert!(store.user(user_id(2)).await.unwrap().is_some());
}

#[tokio::test]
async fn what_was_cut_off_before_its_commit_is_written_again() {
    let database = PostgresDatabase::create().await;
    let proxy = Proxy::start().await;
    let store = open(&proxy.url(&database)).await;
    proxy.cut(Cut::AtBegin);
    create(&*store, 1, "Romel").await;
    assert_eq!(proxy.cuts(), 1);
    assert_eq!(database.count("SELECT count(*) FROM audit").await, 1);
}

#[tokio::test]
async fn what_was_cut_off_in_its_commit_is_said_to_be_unknown_and_not_repeated() {
    let database = PostgresDatabase::create().await;
    let proxy = Proxy::start().await;
    let store = open(&proxy.url(&database)).await;
    let account = account(1, "Romel");
    proxy.cut(Cut::AfterCommit);
    let answer = store.create_user(&account, &registered(&account)).await;
    assert!(matches!(answer, Err(StoreError::OutcomeUnknown(_))), "{answer:?}");
    assert_eq!(proxy.cuts(), 1);
    assert_eq!(
        database.count("SELECT count(*) FROM audit").await,
        1,
        "it had been committed"
    );
    let again = store.create_user(&account, &registered(&account)).await.unwrap();
    assert_eq!(again, CreateUser::UsernameTaken);
}

/// Nodes are replaced one at a time: those before go on with what they have prepared while a later schema has come.
#[tokio::test]
async fn a_node_goes_on_while_a_later_schema_adds_columns() {
    let database = PostgresDatabase::create().await;
    let store = node(&database).await;
    first_key(&*store, "first", Purpose::Access).await;
    let [session, ..] = populated(&*store).await;
    let everything = async |generation| {
        store
            .rotate_session(&present(&session, generation), &rules(5))
            .await
            .unwrap();
        store.session(session.id).await.unwrap().unwrap();
        store.live_sessions(session.user_id, at(5)).await.unwrap();
        store.user(session.user_id).await.unwrap().unwrap();
        store
            .users(&UserQuery {
                limit: 10,
                ..UserQuery::default()
            })
            .await
            .unwrap();
        store.keys().await.unwrap();
        store.clients().await.unwrap();
        store.last_seal().await.unwrap();
        store.accepted_from().await.unwrap();
    };
    everything(0).await;
    for table in [
        "users",
        "sessions",
        "keys",
        "service_accounts",
        "audit_seals",
        "standing",
    ] {
        database
            .sql(&format!("ALTER TABLE {table} ADD COLUMN later BIGINT"))
            .await;
    }
    everything(1).await;
}
