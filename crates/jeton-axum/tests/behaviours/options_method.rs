use axum::{Router, body::Body, extract::Request, routing::any};
use jeton_axum::{Refresh, SignedIn};

use crate::support::{Open, World, send};

/// Differs: letting OPTIONS through is a choice, since a route for any method would run for everybody.
#[tokio::test]
async fn test_access_jwt_refresh_token_required_enpoint() {
    for (exempt, status) in [(true, 200), (false, 401)] {
        let mut world = World::new();
        if exempt {
            world = world
                .access(jeton_axum::Auth::exempt_options)
                .refresh(jeton_axum::Auth::exempt_options);
        }
        let access = world.app.access.require::<SignedIn<Open>>();
        let refresh = world.app.refresh.require::<SignedIn<Refresh>>();
        let app: Router = Router::new()
            .merge(
                Router::new()
                    .route("/access", any(async || "ok"))
                    .route_layer(access),
            )
            .merge(
                Router::new()
                    .route("/refresh", any(async || "ok"))
                    .route_layer(refresh),
            );
        for path in ["/access", "/refresh"] {
            let request = |method: &str| {
                Request::builder()
                    .method(method)
                    .uri(path)
                    .body(Body::empty())
                    .unwrap()
            };
            assert_eq!(
                send(app.clone(), request("OPTIONS")).await.status,
                status,
                "{path}"
            );
            assert_eq!(send(app.clone(), request("GET")).await.status, 401, "{path}");
        }
    }
}
