//! Sign-ins with password hashes that were made elsewhere.

use jeton_server::model::username::UsernameKey;

use crate::actors::Server;

/// Made by Python's bcrypt of `pass1425`.
const BCRYPT: &str = "$2b$04$XVz/SH.6YqIotUa8ww.WoeWsOmRL9/DtfrkOLkvqZ1nnW0ZPWYcVK";
const OURS: &str = "$argon2id$v=19$m=64,t=1,p=1";

impl Server {
    /// Gives somebody the hash another system made of `pass1425`.
    async fn imported(&self, username: &str) {
        self.signed_up(username).await;
        self.sql(&format!(
            "UPDATE users SET password_hash = '{BCRYPT}', scheme = 'bcrypt:4' WHERE username = '{username}'"
        ))
        .await;
    }

    async fn scheme(&self, username: &str) -> String {
        let name = UsernameKey::parse(username).unwrap();
        let account = self.service().store().account_by_name(&name).await.unwrap();
        account.unwrap().scheme
    }

    /// Waits until somebody's hash was made anew.
    async fn rehashed(&self, username: &str) {
        while self.scheme(username).await != OURS {
            tokio::task::yield_now().await;
        }
    }

    async fn hashes_of_a_refused_login(&self, username: &str, password: &str) -> u64 {
        let before = self.service().hashes_computed();
        let reply = self.visitor().login(username, password).await;
        reply.assert_error(401, "invalid_credentials", "Invalid username or password");
        self.service().hashes_computed() - before
    }
}

#[tokio::test]
async fn the_first_sign_in_makes_the_hash_anew_and_the_password_stays() {
    let server = Server::start().await;
    server.imported("Romel").await;
    let before = server.service().hashes_computed();
    server.visitor().sign_in("Romel", "pass1425").await;
    server.rehashed("Romel").await;
    assert_eq!(
        server.service().hashes_computed() - before,
        2,
        "one checked, one made"
    );

    server.visitor().sign_in("Romel", "pass1425").await;
    assert_eq!(
        server.service().hashes_computed() - before,
        3,
        "the new one stays"
    );
    let recorded = server.service().store().events_after(0, 100).await.unwrap();
    let rehashed: Vec<_> = recorded
        .iter()
        .filter(|event| event.action == "password.rehashed")
        .collect();
    assert_eq!(rehashed.len(), 1);
    assert_eq!(
        rehashed[0].detail,
        format!(r#"{{"from":"bcrypt:4","to":"{OURS}"}}"#)
    );
}

#[tokio::test]
async fn a_wrong_password_makes_nothing_anew() {
    let server = Server::start().await;
    server.imported("Romel").await;
    assert_eq!(server.hashes_of_a_refused_login("Romel", "pass1426").await, 1);
    assert_eq!(server.scheme("Romel").await, "bcrypt:4");
}

#[tokio::test]
async fn who_signs_in_many_times_at_once_gets_in_each_time_while_the_hash_changes() {
    // Each counts as a failure until it has succeeded.
    let server = Server::with(&[("free-failures", "100")]).await;
    server.imported("Romel").await;
    let logins: Vec<_> = (0..40)
        .map(|_| {
            let visitor = server.visitor();
            tokio::spawn(async move { visitor.login("Romel", "pass1425").await })
        })
        .collect();
    for login in logins {
        login.await.unwrap().assert_status(200);
    }
    server.rehashed("Romel").await;
}

#[tokio::test]
async fn a_name_nobody_has_takes_as_many_hashes_as_one_whose_hash_was_imported() {
    let server = Server::start().await;
    server.imported("Romel").await;
    // Typed in two ways that are one: a hash from elsewhere is tried with both.
    let password = "cafe\u{301} au lait";
    assert_eq!(server.hashes_of_a_refused_login("Romel", password).await, 2);
    assert_eq!(server.hashes_of_a_refused_login("Nobody", password).await, 1);
    server.catches_up().await;
    assert_eq!(server.hashes_of_a_refused_login("Nobody", password).await, 2);
    assert_eq!(server.hashes_of_a_refused_login("Nobody", "pass1425").await, 1);
}
