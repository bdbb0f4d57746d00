//! A resource server elsewhere: it knows the service by its address alone, verifies by the published keys, and follows
//! what was revoked.

use std::time::{Duration, Instant};

use jeton::{KeySet, Verified, Verifier};
use jeton_axum::{Auth, Rejection, RemoteKeys, RevocationFeed, Scopes, SystemClock, claims::Jeton};
use serde_json::json;

use crate::process::{Home, Server};

fn resource_server(service: &Server, (id, secret): (String, String)) -> (Auth<Jeton>, RevocationFeed) {
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
async fn revoked(auth: &Auth<Jeton>, token: &str) -> bool {
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
fn it_takes_the_services_tokens_until_they_are_revoked() {
    let home = Home::new();
    let service = home.start();
    let account = home.feeder();
    let program = service.client_token(&account.0, &account.1).text("access_token");
    service.register("Romel");
    let [first, second] = [(); 2].map(|()| service.login("Romel").text("access_token"));

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (auth, feed) = resource_server(&service, account);
        feed.ready().await;
        let token: std::sync::Arc<Verified<Jeton>> = auth.check_async(&first).await.unwrap();
        let claims = token.claims();
        assert!(claims.sid.is_some() && claims.auth_time.is_some());
        assert_eq!(
            (claims.username.as_deref(), &*claims.client_id),
            (Some("Romel"), "jeton")
        );
        let token = auth.check_async(&program).await.unwrap();
        assert_eq!(token.subject(), Some(&*token.claims().client_id));
        assert!(token.claims().has_scope("revocations:read") && token.claims().username.is_none());
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
