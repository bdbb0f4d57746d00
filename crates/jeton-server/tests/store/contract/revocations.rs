//! Revocations, and that nobody who reads the table misses one.

use jeton_server::{model::revocation::Numbered, store::REVOCATIONS_PAGE};

use crate::prelude::*;

fn of_token(number: u8) -> Revocation {
    Revocation {
        target: Target::Token(TokenId::from_bytes([number; 16])),
        until: at(100),
    }
}

fn event() -> Event {
    Event::new(Action::TokenRevoked, at(0)).user(user_id(1))
}

pub(crate) async fn a_revocation_of_its_own_is_written_with_its_event(database: Database) {
    let store = database.open().await;
    store.revoke(&of_token(7), &event()).await.unwrap();
    assert_eq!(revocations(&*store).await, [of_token(7)]);
    let recorded = store.events_after(0, 10).await.unwrap();
    assert_eq!(recorded.len(), 1);
    assert_eq!(recorded[0].action, "token.revoked");
}

pub(crate) async fn revocations_come_in_pages(database: Database) {
    let store = database.open().await;
    let many = REVOCATIONS_PAGE + 1;
    database.revoke_many(many, at(100)).await;
    let first = store.revocations_after(0, at(0)).await.unwrap();
    let last = first.last().unwrap().number;
    let second = store.revocations_after(last, at(0)).await.unwrap();
    assert_eq!((first.len(), second.len()), (REVOCATIONS_PAGE, 1));
    assert!(second[0].number > last);
    let none = store.revocations_after(second[0].number, at(0)).await.unwrap();
    assert!(none.is_empty());
}

/// A reader goes on from the highest number it has seen. An entry that got a lower one and was committed later would
/// never be read: its token would live.
pub(crate) async fn an_entry_whose_commit_is_held_back_is_still_seen(database: Database) {
    let store = database.open().await;
    let held_back = database.held_back(8, at(100)).await;
    let writer = Arc::clone(&store);
    let later = tokio::spawn(async move { writer.revoke(&of_token(9), &event()).await });
    let (mut after, mut seen) = (0, Vec::new());
    let mut read = async || {
        let page: Vec<Numbered> = store.revocations_after(after, at(0)).await.unwrap();
        after = page.last().map_or(after, |entry| entry.number);
        seen.extend(page.iter().map(|entry| entry.revocation));
        seen.clone()
    };
    for _ in 0..50 {
        assert!(read().await.is_empty(), "nothing is committed yet");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    held_back.commit().await;
    later.await.unwrap().unwrap();
    assert_eq!(read().await, [of_token(8), of_token(9)]);
}

pub(crate) async fn what_ended_a_session_and_raised_a_version_is_found(database: Database) {
    let store = database.open().await;
    let [first, second, foreign] = populated(&*store).await;
    assert_eq!(store.ending_event(first.id).await.unwrap(), None);
    assert_eq!(
        store.raising_event(user_id(1), UserVersion(0)).await.unwrap(),
        None
    );
    store
        .end_sessions(&ending(1, Which::One(first.id)))
        .await
        .unwrap();
    let own = store.ending_event(first.id).await.unwrap().unwrap();
    assert_eq!((own.session, &*own.action), (Some(first.id), "session.ended"));
    let later = Ending {
        now: at(6),
        ..ending(1, Which::All)
    };
    store.end_sessions(&later).await.unwrap();
    let common = store.ending_event(second.id).await.unwrap().unwrap();
    assert_eq!((common.session, common.at), (None, at(6)));
    assert_eq!(store.ending_event(first.id).await.unwrap(), Some(own));
    assert_eq!(store.ending_event(foreign.id).await.unwrap(), None);
    let raised = store.raising_event(user_id(1), UserVersion(0)).await.unwrap();
    assert_eq!(raised, Some(common));
    assert_eq!(
        store.raising_event(user_id(1), UserVersion(1)).await.unwrap(),
        None
    );
}

pub(crate) async fn the_last_number_drawn_outlives_its_row(database: Database) {
    let store = database.open().await;
    assert_eq!(store.last_revocation().await.unwrap(), 0);
    for number in [7, 8] {
        store.revoke(&of_token(number), &event()).await.unwrap();
    }
    let last = store.revocations_after(0, at(0)).await.unwrap().pop().unwrap();
    assert_eq!(store.last_revocation().await.unwrap(), last.number);
    assert_eq!(store.prune(at(1000)).await.unwrap(), 2);
    assert_eq!(store.last_revocation().await.unwrap(), last.number);
}
