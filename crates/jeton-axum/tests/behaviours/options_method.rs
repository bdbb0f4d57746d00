use axum::{Router, body::Body, extract::Request, routing::any};
use jeton::Claims;
use jeton_axum::{Auth, Fresh, Policy, Refresh, SignedIn};
use serde::de::DeserializeOwned;

use crate::support::{Open, World, send};

/// Differs: letting OPTIONS through is a choice, since a route for any method would run for everybody.
async fn options<P>(auth: Auth<P::Claims>)
where
    P: Policy<Claims: Claims + DeserializeOwned + Send + Sync + 'static>,
{
    for (auth, status) in [(auth.clone(), 401), (auth.exempt_options(), 200)] {
        let app: Router = Router::new()
            .route("/", any(async || "ok"))
            .route_layer(auth.require::<P>());
        let request = |method: &str| Request::builder().method(method).body(Body::empty()).unwrap();
        let reply = send(app.clone(), request("OPTIONS")).await;
        assert_eq!((reply.status, reply.body == "ok"), (status, status == 200));
        assert_eq!(send(app, request("GET")).await.status, 401);
    }
}

#[tokio::test]
async fn test_access_jwt_required_enpoint() {
    options::<SignedIn<Open>>(World::new().app.access).await;
}

#[tokio::test]
async fn test_access_jwt_refresh_token_required_enpoint() {
    options::<SignedIn<Refresh>>(World::new().app.refresh).await;
}

#[tokio::test]
async fn test_access_fresh_jwt_required_enpoint() {
    options::<Fresh<Open, 300>>(World::new().app.access).await;
}
