use serde_json::{Value, json};

use crate::actors::{ANY, Actor, Server, Visitor};

#[tokio::test]
async fn a_new_account_is_answered_with_its_id_and_name_and_can_sign_in() {
    let visitor = Server::start().await.visitor();
    let reply = visitor.register("Romel", "pass1425").await;
    let user = json!({ "id": ANY, "username": "Romel" });
    reply.assert(
        201,
        &json!({ "message": "User registered successfully", "user": user }),
    );
    let romel = visitor.sign_in("Romel", "pass1425").await;
    assert_eq!(reply.json["user"]["id"], romel.id);
}

#[tokio::test]
async fn an_email_address_is_kept_and_shown_to_its_owner() {
    let visitor = Server::start().await.visitor();
    let account = json!({ "username": "Romel", "password": "pass1425", "email": "Romel@Example.org" });
    visitor.post("/register", &account).await.assert_status(201);
    let romel = visitor.sign_in("Romel", "pass1425").await;
    assert_eq!(romel.get("/profile").await.json["email"], "Romel@Example.org");
}

#[tokio::test]
async fn a_name_that_is_or_looks_like_somebodys_is_taken() {
    let visitor = Server::start().await.visitor();
    visitor.register("Romel", "pass1425").await.assert_status(201);
    for name in ["Romel", "romel", "ROMEL", "Ｒomel", "Rome1"] {
        let reply = visitor.register(name, "another passphrase").await;
        reply.assert_error(400, "username_taken", "Username already exists");
    }
    visitor
        .register("Romela", "another passphrase")
        .await
        .assert_status(201);
    visitor.sign_in("Romel", "pass1425").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_want_a_name_at_once_one_gets_it() {
    let visitor = Server::start().await.visitor();
    let body = json!({ "username": "Romel", "password": "pass1425" });
    let racing: Vec<_> = (0..20)
        .map(|_| tokio::spawn(visitor.post("/register", &body).into_future()))
        .collect();
    let mut created = 0;
    for reply in racing {
        let reply = reply.await.unwrap();
        if reply.status == 201 {
            created += 1;
        } else {
            reply.assert_error(400, "username_taken", "Username already exists");
        }
    }
    assert_eq!(created, 1);
}

#[tokio::test]
async fn short_and_common_passwords_are_weak() {
    let visitor = Server::start().await.visitor();
    let short = "`password` is shorter than 8 characters";
    let common = "`password` is among the most common ones and would be guessed first: choose another";
    for (password, sentence) in [
        ("", short),
        ("seven77", short),
        ("12341234", common),
        ("Password123", common),
    ] {
        let reply = visitor.register("Romel", password).await;
        reply.assert_error(422, "weak_password", sentence);
    }
    assert_nobody_is_there(&visitor).await;
}

#[tokio::test]
async fn the_settings_can_ask_for_longer_passwords() {
    let visitor = Server::with(&[("password-min-length", "12")]).await.visitor();
    let reply = visitor.register("Romel", "eleven long").await;
    reply.assert_error(422, "weak_password", "`password` is shorter than 12 characters");
    visitor
        .register("Romel", "twelve longer")
        .await
        .assert_status(201);
}

#[tokio::test]
async fn passwords_are_never_cut_and_hold_no_control_characters() {
    let visitor = Server::start().await.visitor();
    let longest = "a1".repeat(512);
    let reply = visitor.register("Romel", &format!("{longest}x")).await;
    reply.assert_error(422, "invalid_request", "`password` is longer than 1024 bytes");
    visitor
        .register("Romel", "pass\u{0}1425")
        .await
        .assert_code(422, "invalid_request");
    visitor.register("Romel", &longest).await.assert_status(201);
    let cut = visitor.login("Romel", &longest[..1023]).await;
    cut.assert_code(401, "invalid_credentials");
    visitor.sign_in("Romel", &longest).await;
}

#[tokio::test]
async fn names_and_addresses_that_cannot_be_are_refused() {
    let visitor = Server::start().await.visitor();
    let long = "x".repeat(129);
    let names = [
        "",
        "a b",
        "a\u{0}b",
        "a\nb",
        "\u{7f}",
        "a\u{200b}b",
        "\u{202e}abc",
        "p\u{430}ypal",
        &long,
    ];
    for name in names {
        visitor
            .register(name, "pass1425")
            .await
            .assert_code(422, "invalid_request");
    }
    for email in ["", "romel", "@example.org", "romel@", "a b@c.d", "a\u{0}@b.c"] {
        let account = json!({ "username": "Romel", "password": "pass1425", "email": email });
        visitor
            .post("/register", &account)
            .await
            .assert_code(422, "invalid_request");
    }
    assert_nobody_is_there(&visitor).await;
}

#[tokio::test]
async fn nobody_gives_themselves_a_role() {
    let visitor = Server::start().await.visitor();
    for (number, wish) in [
        json!({ "roles": ["admin"] }),
        json!({ "role": "admin" }),
        json!({ "roles": "admin", "is_admin": true, "admin": true }),
        json!({ "user": { "roles": ["admin"] }, "version": 7 }),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("climber{number}");
        let mut account = json!({ "username": name, "password": "pass1425" });
        account
            .as_object_mut()
            .unwrap()
            .extend(wish.as_object().unwrap().clone());
        visitor.post("/register", &account).await.assert_status(201);
        let climber = visitor.sign_in(&name, "pass1425").await;
        assert_eq!(climber.get("/profile").await.json["roles"], json!([]));
        assert_eq!(crate::actors::claims_of(&climber.access)["roles"], Value::Null);
        climber
            .post("/sign-token", &json!({}))
            .await
            .assert_code(403, "insufficient_scope");
    }
}

#[tokio::test]
async fn registration_can_be_closed() {
    let server = Server::with(&[("registration", "closed")]).await;
    let reply = server.visitor().register("Romel", "pass1425").await;
    reply.assert_error(
        403,
        "registration_closed",
        "Registration is closed; ask an administrator",
    );
    assert_nobody_is_there(&server.visitor()).await;
}

async fn assert_nobody_is_there(visitor: &Visitor) {
    visitor
        .login("Romel", "pass1425")
        .await
        .assert_code(401, "invalid_credentials");
}

#[tokio::test]
async fn a_password_is_neither_its_owners_name_nor_the_services_nor_blank() {
    let server = Server::start().await;
    let (name, address, service, blank) = (
        "`password` is the username, or nearly, and would be guessed first: choose another",
        "`password` is the e-mail address or a part of it, and would be guessed first: choose another",
        "`password` is the service's name, or nearly, and would be guessed first: choose another",
        "`password` holds nothing but blanks and invisible characters: choose another",
    );
    for (password, sentence) in [
        ("Romelio1", name),
        ("romelio1", name),
        ("ROMELIO123!", name),
        ("r.adel@example.org", address),
        ("R.Adel123", address),
        ("jeton123", service),
        ("localhost", service),
        ("        ", blank),
        (
            "\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}\u{34f}\u{3164}",
            blank,
        ),
    ] {
        let body = json!({ "username": "Romelio1", "email": "r.adel@example.org", "password": password });
        let reply = server.visitor().post("/register", &body).await;
        reply.assert_error(422, "weak_password", sentence);
    }
    assert_eq!(server.service().hashes_computed(), 0);
}
