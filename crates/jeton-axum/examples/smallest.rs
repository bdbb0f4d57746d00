//! The smallest guarded app. Start it and use the token it prints:
//!
//! ```text
//! cargo run -p jeton-axum --example smallest
//! curl -H "Authorization: Bearer <token>" http://127.0.0.1:3000/me
//! ```

use std::{error::Error, time::Duration};

use axum::{Router, debug_handler, routing::get};
use jeton::{Algorithm, Claims, Issuer, SigningKey, Verifier};
use jeton_axum::{Auth, Bearer, Clock, SystemClock};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Access {
    name: String,
}

impl Claims for Access {
    const TYP: &'static str = "at+jwt";
}

#[debug_handler(state = Auth<Access>)]
async fn me(Bearer(token): Bearer<Access>) -> String {
    format!("Hello, {}!\n", token.claims().name)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let key = SigningKey::generate(Algorithm::Es256)?;
    let verifier = Verifier::builder(key.verifying_key())
        .issuer("https://id.example")
        .audience("api")
        .build();

    let issuer = Issuer::<Access>::new(key, "https://id.example", Duration::from_mins(15));
    let ada = Access {
        name: "Ada".to_owned(),
    };
    println!("{}", issuer.issue_at("user-1", "api", ada, SystemClock.now())?);

    let app = Router::new()
        .route("/me", get(me))
        .with_state(Auth::new(verifier, SystemClock));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}
