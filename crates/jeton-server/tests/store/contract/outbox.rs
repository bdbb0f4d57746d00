//! Messages wait until they are sent, and each is taken by one node at a time.

use jeton_server::{
    model::{
        id::MessageId,
        message::{Message, TAKEN_FOR},
    },
    store::Attempted,
};

use crate::prelude::*;

fn id(number: u8) -> MessageId {
    MessageId::from_bytes([number; 16])
}

/// Writes a message as what ends a grant does.
async fn write(database: &Database, number: u8, recipient: &str) {
    let id = match database {
        Database::Sqlite(_) => format!("X'{}'", format!("{number:02x}").repeat(16)),
        Database::Postgres(_) => format!("'{}'", id(number)),
    };
    let now = at(0).seconds();
    database
        .sql(&format!(
            "INSERT INTO outbox (id, kind, recipient, content, created_at, due_at) \
             VALUES ({id}, 'logout', '{recipient}', zeroblob(3), {now}, {now})"
        ))
        .await;
}

async fn take(store: &dyn Store, busy: &[&str], now: i64) -> Vec<u8> {
    let busy: Vec<String> = busy.iter().map(|&recipient| recipient.to_owned()).collect();
    let taken = store.take_due(&busy, at(now)).await.unwrap();
    let mut numbers: Vec<u8> = taken.iter().map(|message| message.id.as_bytes()[0]).collect();
    numbers.sort_unstable();
    numbers
}

async fn message(store: &dyn Store, number: u8) -> Message {
    let all = store.messages(100).await.unwrap();
    all.into_iter().find(|message| message.id == id(number)).unwrap()
}

pub(crate) async fn a_message_is_taken_by_one_node_until_its_time_is_over(database: Database) {
    let store = database.open().await;
    for (number, recipient) in [(1, "a"), (2, "a"), (3, "b")] {
        write(&database, number, recipient).await;
    }
    assert_eq!(store.messages_waiting().await.unwrap(), 3);
    assert_eq!(take(&*store, &["a"], 0).await, [3], "none to whom is busy");
    assert_eq!(take(&*store, &[], 0).await, [1, 2]);
    assert!(take(&*store, &[], 0).await.is_empty());
    let later = i64::try_from(TAKEN_FOR.as_secs()).unwrap();
    assert!(take(&*store, &[], later - 1).await.is_empty());
    assert_eq!(take(&*store, &["b"], later).await, [1, 2], "its taker died");
    assert_eq!(message(&*store, 1).await.attempts, 2);
}

pub(crate) async fn a_message_is_sent_tried_again_given_back_or_given_up(database: Database) {
    let store = database.open().await;
    for number in 1..=4 {
        write(&database, number, "a").await;
    }
    take(&*store, &[], 0).await;
    let failed = |next| Attempted::Failed {
        problem: "nobody there".to_owned(),
        next,
    };
    for (number, outcome) in [
        (1, Attempted::Sent { at: at(1) }),
        (2, failed(Some(at(5)))),
        (3, failed(None)),
        (4, Attempted::GivenBack { at: at(1) }),
    ] {
        store.attempted(id(number), &outcome).await.unwrap();
    }
    let sent = message(&*store, 1).await;
    assert_eq!((sent.sent_at, sent.due_at, sent.attempts), (Some(at(1)), None, 1));
    assert!(sent.content.is_empty(), "what it said is not kept");
    let waits = message(&*store, 2).await;
    assert_eq!(
        (waits.due_at, waits.problem.as_deref()),
        (Some(at(5)), Some("nobody there"))
    );
    assert_eq!(message(&*store, 3).await.due_at, None);
    assert_eq!(message(&*store, 4).await.attempts, 0);
    assert_eq!(store.messages_waiting().await.unwrap(), 2);
    assert_eq!(take(&*store, &[], 1).await, [4]);
    // An administrator has those sent that were not.
    for (number, was_there) in [(1, false), (2, true), (3, true), (9, false)] {
        assert_eq!(
            store.hasten(id(number), at(2)).await.unwrap(),
            was_there,
            "{number}"
        );
    }
    assert_eq!(take(&*store, &[], 2).await, [2, 3]);
    store.attempted(id(1), &failed(Some(at(9)))).await.unwrap();
    assert_eq!(message(&*store, 1).await.due_at, None, "what was sent stays sent");
}

pub(crate) async fn of_two_nodes_that_take_at_once_each_message_goes_to_one(database: Database) {
    let stores = [database.open().await, database.open().await];
    for number in 1..=40 {
        write(&database, number, "a").await;
    }
    let mut taken = Vec::new();
    for _ in 0..3 {
        let (first, second) = tokio::join!(take(&*stores[0], &[], 0), take(&*stores[1], &[], 0));
        taken.extend(first);
        taken.extend(second);
    }
    taken.sort_unstable();
    assert_eq!(taken, (1..=40).collect::<Vec<u8>>());
}
