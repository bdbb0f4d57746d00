use std::time::SystemTime;

use jeton::Verified;
use jeton_axum::{Auth, Denied, Policy};
use serde_json::json;

use crate::support::{Open, World, replaced};

struct Verify<const GOOD: bool>;

impl<const GOOD: bool> Policy for Verify<GOOD> {
    type Claims = Open;

    fn allows(_: &Verified<Open>, _: SystemTime) -> Result<(), Denied> {
        if GOOD { Ok(()) } else { Err(Denied::Role) }
    }
}

const ROUTES: [&str; 3] = ["/protected", "/fresh", "/optional"];

#[tokio::test]
async fn test_successful_claims_validation() {
    let world = World::new().access(Auth::always::<Verify<true>>);
    for path in ROUTES {
        assert_eq!(
            world.with_token(path, &world.fresh_token()).await.status,
            200,
            "{path}"
        );
    }
}

/// Differs: 403, as RFC 6750 says of a good token that does not suffice, not 400.
#[tokio::test]
async fn test_unsuccessful_claims_validation() {
    let world = World::new().access(Auth::always::<Verify<false>>);
    for path in ROUTES {
        let reply = world.with_token(path, &world.fresh_token()).await;
        reply.assert_refused(403, "insufficient_scope", "The token's user may not do this");
    }
}

#[tokio::test]
async fn test_claims_validation_custom_error() {
    let world = World::new()
        .access(Auth::always::<Verify<false>>)
        .access(replaced);
    for path in ROUTES {
        let reply = world.with_token(path, &world.fresh_token()).await;
        assert_eq!(
            (reply.status, reply.body),
            (403, json!({ "oops": "insufficient_scope" }).to_string())
        );
    }
}
