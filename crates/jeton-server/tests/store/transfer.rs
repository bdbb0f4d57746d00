//! A whole database into another.

use jeton_server::{
    model::{
        service_account::{ClientSecret, ServiceAccount},
        throttle::{AccountKey, Claimant, Limits},
    },
    service::{
        audit::{self, Chain},
        seal::MasterKey,
    },
    store::{
        Relocation, Restored,
        transfer::{self, Progress, Reopened, Report, Stage, TransferError},
    },
};
use tokio::sync::mpsc;

use crate::prelude::*;

fn chain() -> Chain {
    Chain::new(&MasterKey::new([5; 32])).unwrap()
}

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
    let program = ServiceAccount {
        id: user_id(9),
        name: "billing".parse().unwrap(),
        scopes: vec!["a".parse().unwrap()],
        version: UserVersion::default(),
        disabled: false,
        created_at: at(0),
    };
    let made = Event::new(Action::ServiceAccountCreated, at(0)).user(program.id);
    let secret = ClientSecret::new([4; 32]).digest();
    store
        .create_service_account(&program, &secret, &made)
        .await
        .unwrap();
    let stranger = Claimant {
        account: AccountKey::from_bytes([1; 32]),
        device: None,
    };
    let limits = Limits {
        free: 10,
        lockout_after: None,
    };
    store.admit(&stranger, &limits, at(0)).await.unwrap();
    store
        .rotate_session(&present(&sessions[0], 0), &rules(5))
        .await
        .unwrap();
    store
        .end_sessions(&ending(1, Which::One(sessions[1].id)))
        .await
        .unwrap();
    store.end_sessions(&ending(2, Which::All)).await.unwrap();
    audit::seal(&*store, &chain(), at(10)).await.unwrap();
    store.close().await;
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
    audit::seal(&*store, &chain(), at(30)).await.unwrap();
    let report = audit::verify(&*store, &chain(), None, &mut |_, _| {})
        .await
        .unwrap();
    assert_eq!((report.seals, report.unsealed), (2, 0));
    store.close().await;
}

/// Everything arrives; the source is marked, and shut for whoever has it open.
async fn arrives(from: Database, to: Database) {
    let sessions = filled(&from).await;
    let open = from.open().await;
    let report = move_to(&from, &to).await.unwrap();
    assert_eq!(report.tables.len(), 9);
    for moved in &report.tables {
        assert!(moved.rows > 0, "{} is not tested", moved.table);
    }

    let said = store::open(&from.url()).await.unwrap_err();
    assert!(
        matches!(said, StoreError::Moving(Relocation::Moved { .. })),
        "{said}"
    );
    assert!(said.to_string().contains(&report.to), "{said}");
    let refused = open.rotate_session(&present(&sessions[0], 1), &rules(20)).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
    let refused = open.end_sessions(&ending(1, Which::All)).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
    let refused = open.prune(at(1_000_000_000)).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
    assert!(
        matches!(open.accepted_from().await, Err(StoreError::Moving(_))),
        "a server that runs on must not vouch for tokens"
    );
    open.close().await;
    everything_goes_on(&to, &sessions).await;
}

#[tokio::test]
async fn everything_arrives_from_sqlite_in_postgres() {
    arrives(Database::sqlite().await, Database::postgres().await).await;
}

#[tokio::test]
async fn everything_arrives_from_postgres_in_sqlite() {
    arrives(Database::postgres().await, Database::sqlite().await).await;
}

#[tokio::test]
async fn everything_arrives_from_one_file_in_another() {
    arrives(Database::sqlite().await, Database::sqlite().await).await;
}

#[tokio::test]
async fn everything_arrives_from_one_server_on_another() {
    arrives(Database::postgres().await, Database::postgres().await).await;
}

/// The same rows have the same hashes, wherever they are.
#[tokio::test]
async fn both_engines_hash_alike() {
    let [one, two, three] = [
        Database::sqlite().await,
        Database::postgres().await,
        Database::sqlite().await,
    ];
    filled(&one).await;
    let hashes = |report: Report| -> Vec<_> { report.tables.into_iter().map(|moved| moved.hash).collect() };
    let there = hashes(move_to(&one, &two).await.unwrap());
    let back = hashes(move_to(&two, &three).await.unwrap());
    assert_eq!(there, back);
}

/// Interrupted in every stage, with the source changed in between as a running service changes it.
async fn resumes(from: Database, to: Database) {
    let sessions = filled(&from).await;
    killed_in(&from, &to, Stage::Copying).await;
    killed_in(&from, &to, Stage::CatchingUp).await;

    let said = store::open(&to.url()).await.unwrap_err();
    assert!(
        matches!(said, StoreError::Moving(Relocation::Arriving { .. })),
        "{said}"
    );
    let store = from.open().await;
    create(&*store, 7, "Latecomer").await;
    store
        .rotate_session(&present(&sessions[0], 1), &rules(15))
        .await
        .unwrap();
    let act = Act {
        user: user_id(2),
        by: Actor::CommandLine,
        now: at(16),
        may_take_last_admin: false,
    };
    assert!(matches!(store.delete_user(&act).await.unwrap(), Acted::Done(..)));
    create(&*store, 8, "john").await;
    store.close().await;

    killed_in(&from, &to, Stage::Finishing).await;
    let report = move_to(&from, &to).await.unwrap();
    let rows = |table| {
        report
            .tables
            .iter()
            .find(|moved| moved.table == table)
            .unwrap()
            .rows
    };
    assert_eq!((rows("users"), rows("sessions")), (3, 2));
    let store = to.open().await;
    let john = store
        .account_by_name(account(8, "john").user.username.key())
        .await
        .unwrap();
    assert_eq!(john.unwrap().user.id, user_id(8));
    let rotated = store
        .rotate_session(&present(&sessions[0], 2), &rules(20))
        .await
        .unwrap();
    assert!(matches!(rotated, Rotation::Rotated(_)), "{rotated:?}");
    store.close().await;
}

#[tokio::test]
async fn a_move_to_postgres_goes_on_where_it_was_interrupted() {
    resumes(Database::sqlite().await, Database::postgres().await).await;
}

#[tokio::test]
async fn a_move_to_sqlite_goes_on_where_it_was_interrupted() {
    resumes(Database::postgres().await, Database::sqlite().await).await;
}

/// More rows than are read at a time, and a name whose old owner comes after its new one.
async fn many_arrive(to: Database) {
    let from = Database::sqlite().await;
    let store = from.open().await;
    create(&*store, 1, "root").await;
    create(&*store, 255, "zed").await;
    store.close().await;
    from.sql(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 4500) \
         INSERT INTO users (id, username, username_key, username_skeleton, password_hash, created_at) \
         SELECT unhex(printf('7f%030x', n)), 'u' || n, 'u' || n, 'u' || n, '', 0 FROM numbers",
    )
    .await;
    killed_in(&from, &to, Stage::CatchingUp).await;
    let store = from.open().await;
    let act = Act {
        user: user_id(255),
        by: Actor::CommandLine,
        now: at(16),
        may_take_last_admin: false,
    };
    assert!(matches!(store.delete_user(&act).await.unwrap(), Acted::Done(..)));
    create(&*store, 0, "zed").await;
    store.close().await;
    let report = move_to(&from, &to).await.unwrap();
    assert_eq!(report.tables[0].rows, 4502);
}

#[tokio::test]
async fn many_arrive_in_postgres_page_by_page() {
    many_arrive(Database::postgres().await).await;
}

#[tokio::test]
async fn many_arrive_in_sqlite_page_by_page() {
    many_arrive(Database::sqlite().await).await;
}

/// A target that changes what it is given.
async fn shows_a_difference(to: Database, spoil: &[&str]) {
    let from = Database::sqlite().await;
    filled(&from).await;
    to.open().await.close().await;
    for statement in spoil {
        to.sql(statement).await;
    }
    let said = move_to(&from, &to).await.unwrap_err();
    assert!(matches!(said, TransferError::Differs("sessions")), "{said}");
    let store = from.open().await;
    create(&*store, 7, "still-writable").await;
    store.close().await;
    let said = store::open(&to.url()).await.unwrap_err();
    assert!(
        matches!(said, StoreError::Moving(Relocation::Arriving { .. })),
        "{said}"
    );
}

#[tokio::test]
async fn a_row_that_is_not_the_same_in_sqlite_is_seen_and_the_source_stays_in_use() {
    let spoil = ["INSERT", "UPDATE"].map(|action| {
        format!(
            "CREATE TRIGGER spoil_{action} AFTER {action} ON sessions WHEN NEW.device <> 'x' \
             BEGIN UPDATE sessions SET device = 'x' WHERE id = NEW.id; END"
        )
    });
    shows_a_difference(Database::sqlite().await, &spoil.each_ref().map(String::as_str)).await;
}

#[tokio::test]
async fn a_row_that_is_not_the_same_in_postgres_is_seen_and_the_source_stays_in_use() {
    let spoil = [
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN NEW.device := 'x'; RETURN NEW; END $$",
        "CREATE TRIGGER spoil BEFORE INSERT OR UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION spoil()",
    ];
    shows_a_difference(Database::postgres().await, &spoil).await;
}

async fn is_given_up(from: Database) {
    let to = Database::sqlite().await;
    let sessions = filled(&from).await;
    killed_in(&from, &to, Stage::Finishing).await;
    // Killed before it was shut or after: both have to be mended.
    move_until_shut(&from, &to).await;
    let said = store::open(&from.url()).await.unwrap_err();
    assert!(
        matches!(said, StoreError::Moving(Relocation::Leaving { .. })),
        "{said}"
    );
    assert!(said.to_string().contains("--reopen"), "{said}");
    let reopened = transfer::reopen(&from.url(), at(100)).await.unwrap();
    assert!(matches!(reopened, Reopened::GivenUp), "{reopened:?}");
    everything_goes_on(&from, &sessions).await;
    let reopened = transfer::reopen(&from.url(), at(100)).await.unwrap();
    assert!(matches!(reopened, Reopened::WasOpen), "{reopened:?}");
}

/// Kills a move as soon as the source is shut.
async fn move_until_shut(from: &Database, to: &Database) {
    let (told, mut rows) = mpsc::unbounded_channel();
    let (from, to) = (from.url(), to.url());
    let moving = tokio::spawn(async move {
        let mut is_finishing = false;
        let mut watch = |progress| match progress {
            Progress::Begins(stage, _) => is_finishing = stage == Stage::Finishing,
            Progress::Rows(_) if is_finishing => {
                let _ = told.send(());
            }
            Progress::Rows(_) => {}
        };
        transfer::transfer(&from, &to, &mut watch).await
    });
    rows.recv().await.unwrap();
    moving.abort();
    assert!(moving.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn a_move_from_sqlite_can_be_given_up() {
    is_given_up(Database::sqlite().await).await;
}

#[tokio::test]
async fn a_move_from_postgres_can_be_given_up() {
    is_given_up(Database::postgres().await).await;
}

/// What was called back elsewhere is not known here: everything is.
async fn comes_back(from: Database) {
    let to = Database::sqlite().await;
    let sessions = filled(&from).await;
    move_to(&from, &to).await.unwrap();
    let reopened = transfer::reopen(&from.url(), at(100)).await.unwrap();
    let Reopened::CameBack(Restored { at: when }) = reopened else {
        panic!("{reopened:?}");
    };
    assert_eq!(when, at(100));
    let store = from.open().await;
    assert_eq!(store.accepted_from().await.unwrap(), Some(at(110)));
    let refused = store
        .rotate_session(&present(&sessions[0], 1), &rules(120))
        .await
        .unwrap();
    assert!(
        matches!(refused, Rotation::Refused(RotationRefusal::Ended)),
        "{refused:?}"
    );
    store.close().await;
}

#[tokio::test]
async fn who_comes_back_to_sqlite_begins_with_nothing_issued() {
    comes_back(Database::sqlite().await).await;
}

#[tokio::test]
async fn who_comes_back_to_postgres_begins_with_nothing_issued() {
    comes_back(Database::postgres().await).await;
}

/// What is wrong with either side is said before anything is changed.
async fn is_refused(from: Database, to: Database) {
    let (source, target) = (from.url(), to.url());
    from.open().await.close().await;
    let said = refused(&source, &target).await;
    assert!(said.contains("there is nothing to move"), "{said}");

    filled(&from).await;
    let said = refused(&source, &source).await;
    assert!(said.contains("the same database"), "{said}");
    for url in ["mysql://db", "jeton.db"] {
        assert!(refused(url, &target).await.contains("(--from)"));
        assert!(refused(&source, url).await.contains("(--to)"));
    }

    filled(&to).await;
    let said = refused(&source, &target).await;
    assert!(said.contains("name an empty database"), "{said}");
    for statement in [
        "DELETE FROM audit_seals",
        "DELETE FROM audit",
        "DELETE FROM revocations",
        "DELETE FROM throttle",
        "DELETE FROM users",
        "DELETE FROM service_accounts",
        "DELETE FROM keys",
    ] {
        to.sql(statement).await;
    }
    to.sql("UPDATE standing SET move = 'arriving', other = 'elsewhere'")
        .await;
    let said = refused(&source, &target).await;
    assert!(said.contains("is being filled from elsewhere"), "{said}");
    let said = transfer::reopen(&target, at(0)).await.unwrap_err().to_string();
    assert!(said.contains("half filled by a move from elsewhere"), "{said}");
    to.sql("UPDATE standing SET move = NULL, other = NULL").await;

    from.sql("ALTER TABLE users ADD COLUMN nickname TEXT").await;
    let said = refused(&source, &target).await;
    assert!(said.contains("the column nickname of the table users"), "{said}");
    from.sql("ALTER TABLE users DROP COLUMN nickname").await;

    from.sql("UPDATE standing SET move = 'moved', other = 'elsewhere'")
        .await;
    let said = refused(&source, &target).await;
    assert!(said.contains("was moved to elsewhere"), "{said}");
    from.sql("UPDATE standing SET move = NULL, other = NULL").await;

    // After all that, both are as they were.
    move_to(&from, &to).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_moved_from_sqlite_is_refused() {
    is_refused(Database::sqlite().await, Database::postgres().await).await;
}

#[tokio::test]
async fn what_cannot_be_moved_from_postgres_is_refused() {
    is_refused(Database::postgres().await, Database::sqlite().await).await;
}

#[tokio::test]
async fn a_source_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nowhere.db");
    let to = Database::sqlite().await;
    let said = refused(&format!("sqlite://{}", path.display()), &to.url()).await;
    assert!(
        said.contains("there is no file") && said.contains("nowhere.db"),
        "{said}"
    );
    assert!(!path.exists());
}

#[tokio::test]
async fn a_source_of_another_schema_is_refused_with_what_to_do() {
    let [from, to] = [Database::sqlite().await, Database::postgres().await];
    filled(&from).await;
    from.sql("UPDATE _sqlx_migrations SET version = 1000 WHERE version = (SELECT max(version) FROM _sqlx_migrations)")
        .await;
    let said = refused(&from.url(), &to.url()).await;
    assert!(said.contains("schema step 1000"), "{said}");
    from.sql("DELETE FROM _sqlx_migrations WHERE version > 1").await;
    let said = refused(&from.url(), &to.url()).await;
    assert!(
        said.contains("schema step 1,") && said.contains("jeton migrate"),
        "{said}"
    );
    from.sql("DROP TABLE _sqlx_migrations").await;
    let said = refused(&from.url(), &to.url()).await;
    assert!(said.contains("no database of jeton's"), "{said}");
}

#[tokio::test]
async fn a_file_in_another_spelling_is_the_same_database() {
    let from = Database::sqlite().await;
    filled(&from).await;
    let other = from.url().replace("/jeton.db", "/./jeton.db");
    let said = refused(&from.url(), &other).await;
    assert!(said.contains("the same database"), "{said}");
}
