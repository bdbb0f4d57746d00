//! Users found by how their name or address begins.

use crate::prelude::*;

async fn found(store: &dyn Store, query: &UserQuery) -> Vec<String> {
    let users = store.users(query).await.unwrap();
    users.iter().map(|user| user.username.to_string()).collect()
}

fn beginning(text: &str) -> UserQuery {
    UserQuery {
        begins_with: Some(text.to_owned()),
        limit: 10,
        ..UserQuery::default()
    }
}

/// Users with these names and addresses, numbered from 1.
async fn people(store: &dyn Store) {
    for (number, (name, email)) in [
        ("romy", Some("z@example.org")),
        ("Romel", Some("Romel@example.org")),
        ("alice", Some("roma@example.org")),
        ("bob", Some("ROMB@example.org")),
        ("rom", None),
        ("carol", None),
        ("dave", Some("romb@example.org")),
        ("ron", Some("ron@example.org")),
        ("Émile", Some("émile@example.org")),
    ]
    .into_iter()
    .enumerate()
    {
        let number = u8::try_from(number).unwrap() + 1;
        let mut account = account(number, name);
        account.user.email = email.map(|email| email.parse().unwrap());
        if name == "bob" {
            account.user.roles = vec!["editor".parse().unwrap(), "auditor".parse().unwrap()];
        }
        store.create_user(&account, &registered(&account)).await.unwrap();
    }
}

pub(crate) async fn users_are_found_by_the_beginning_of_name_and_address(database: Database) {
    let store = database.open().await;
    people(&*store).await;
    let all = ["rom", "Romel", "romy", "alice", "bob", "dave"];
    for text in ["rom", "ROM", "Rom"] {
        assert_eq!(found(&*store, &beginning(text)).await, all, "{text}");
    }
    assert_eq!(found(&*store, &beginning("romel@")).await, ["Romel"]);
    assert_eq!(found(&*store, &beginning("ÉM")).await, ["Émile"]);
    assert_eq!(
        found(&*store, &beginning("ol")).await,
        [""; 0],
        "not from the middle"
    );
    assert_eq!(found(&*store, &beginning("r%")).await, [""; 0]);
    let everybody = [
        "alice", "bob", "carol", "dave", "rom", "Romel", "romy", "ron", "Émile",
    ];
    assert_eq!(found(&*store, &beginning("")).await, everybody);
    let auditors = UserQuery {
        role: Some("auditor".parse().unwrap()),
        ..beginning("")
    };
    assert_eq!(found(&*store, &auditors).await, ["bob"]);
    for limit in 1..=6 {
        let mut query = UserQuery {
            limit,
            ..beginning("rom")
        };
        let mut names = Vec::new();
        loop {
            let users = store.users(&query).await.unwrap();
            assert!(users.len() <= limit as usize);
            let Some(last) = users.last() else { break };
            query.after = Some(last.id);
            names.extend(users.iter().map(|user| user.username.to_string()));
        }
        assert_eq!(names, all, "in pages of {limit}");
    }
    let administrators = UserQuery {
        role: Some("admin".parse().unwrap()),
        disabled: Some(false),
        search: Some("EXAMPLE".to_owned()),
        ..beginning("rom")
    };
    assert_eq!(
        found(&*store, &administrators).await,
        ["Romel", "romy", "alice", "dave"]
    );
    let disabled = UserQuery {
        disabled: Some(true),
        ..beginning("rom")
    };
    assert_eq!(found(&*store, &disabled).await, [""; 0]);
}
