//! A resource server elsewhere: it knows the service by its address alone, verifies by the published keys, and follows
//! what was called back.

use std::time::{Duration, Instant};

use jeton::{Claims, KeySet, Verified, Verifier};
use jeton_axum::{Auth, Rejection, RemoteKeys, Revocable, RevocationFeed, SystemClock};
use serde::Deserialize;
use serde_json::json;

use crate::{
    process::{Home, Server},
    service_accounts,
};

#[derive(Deserialize)]
struct Access {
    sid: Option<String>,
    uv: i64,
}

impl Claims for Access {
    const TYP: &'static str = "at+jwt";
}

impl Revocable for Access {
    fn session(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    fn version(&self) -> Option<i64> {
        Some(self.uv)
    }
}

fn resource_server(service: &Server, (id, secret): (String, String)) -> (Auth<Access>, RevocationFeed) {
    let issuer = "http://localhost:5000";
    let rules = Verifier::builder(KeySet::default())
        .issuer(issuer)
        .audience(issuer)
        .build();
    let keys = RemoteKeys::at(service.url("/.well-known/jwks.json"), rules)
        .danger_allow_http()
        .build()
        .unwrap();
    let feed = RevocationFeed::of(service.url("/"), id, secret)
        .danger_allow_http()
        .follow()
        .unwrap();
    (Auth::new(keys, SystemClock).revocations(feed.clone()), feed)
}

/// Asks until the answer is a refusal as revoked: the feed says it at once, but in a task of its own.
async fn revoked(auth: &Auth<Access>, token: &str) -> bool {
    let deadline = Instant::now() + Duration::from_secs(30);
    while Instant::now() < deadline {
        match auth.check_async(token).await {
            Err(Rejection::Revoked) => return true,
            Err(other) => panic!("{other:?}"),
            Ok(_) => tokio::task::yield_now().await,
        }
    }
    false
}

#[test]
fn it_takes_the_services_tokens_until_they_are_called_back() {
    let home = Home::new();
    let service = home.start();
    let account = service_accounts::made(&home);
    service.register("Romel");
    let [first, second] = [(); 2].map(|()| service.login("Romel").text("access_token"));

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (auth, feed) = resource_server(&service, account);
        feed.ready().await;
        let token: std::sync::Arc<Verified<Access>> = auth.check_async(&first).await.unwrap();
        assert!(token.claims().sid.is_some());
        assert!(auth.check_async(&second).await.is_ok());

        service.post("/logout", Some(&first), &json!({}));
        assert!(revoked(&auth, &first).await, "the ended session's token lives");
        assert!(
            auth.check_async(&second).await.is_ok(),
            "another session ended with it"
        );

        service.post("/logout", Some(&second), &json!({ "scope": "all" }));
        assert!(revoked(&auth, &second).await, "the user's tokens live");
    });
}
