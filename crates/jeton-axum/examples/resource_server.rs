//! An API whose tokens come from an issuer elsewhere: its keys are discovered, fetched and kept up to date.
//!
//! ```text
//! cargo run -p jeton-axum --features remote --example resource_server -- https://id.example my-api
//! curl -H "Authorization: Bearer <token of that issuer>" http://127.0.0.1:3000/me
//! ```

use std::error::Error;

use axum::{Router, http::StatusCode, routing::get};
use jeton::{Algorithm, Claims, KeySet, Verifier};
use jeton_axum::{Auth, Bearer, Event, RemoteKeys, SystemClock};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Access {
    /// What the token covers, between spaces (RFC 8693 §4.2).
    #[serde(default)]
    scope: String,
}

impl Claims for Access {
    const TYP: &'static str = "at+jwt";
}

async fn me(Bearer(token): Bearer<Access>) -> String {
    format!(
        "{} may {}\n",
        token.subject().unwrap_or_default(),
        token.claims().scope
    )
}

/// What a token is asked but its signature.
pub(crate) fn rules(issuer: &str, audience: &str) -> Verifier {
    Verifier::builder(KeySet::default())
        .issuer(issuer)
        .audience(audience)
        .build()
}

pub(crate) fn app(keys: RemoteKeys) -> Router {
    // A guarded request costs no signature check while its token is remembered.
    let auth = Auth::<Access>::new(keys.clone(), SystemClock).cached(10_000);
    // Ready only with keys, so that no traffic comes before.
    let ready = async move || match keys.warm_up().await {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")),
    };
    Router::new()
        .route("/me", get(me))
        .route("/readyz", get(ready))
        .with_state(auth)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [issuer, audience] = &arguments[..] else {
        return Err("usage: resource_server <issuer> <audience>".into());
    };
    let keys = RemoteKeys::discover(issuer, rules(issuer, audience))
        // Many issuers publish RSA keys without saying what for.
        .algorithm(Algorithm::Rs256)
        .on_event(|event: &Event| eprintln!("{event:?}"))
        .build()?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app(keys)).await?;
    Ok(())
}
