//! A page for everybody that knows who is there when somebody is.
//!
//! ```text
//! cargo run -p jeton-axum --example optional
//! curl http://127.0.0.1:3000/
//! curl -H "Authorization: Bearer <token>" http://127.0.0.1:3000/
//! ```

use std::{error::Error, time::Duration};

use axum::{Router, routing::get};
use jeton::{Algorithm, Claims, Issuer, SigningKey, Verifier};
use jeton_axum::{Auth, Bearer, Clock, SystemClock};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(crate) struct Access {
    pub(crate) name: String,
}

impl Claims for Access {
    const TYP: &'static str = "at+jwt";
}

/// No token is nobody. A bad one is not: who sends a token wants to be known by it.
async fn front_page(token: Option<Bearer<Access>>) -> String {
    match token {
        Some(Bearer(token)) => format!("Welcome back, {}!\n", token.claims().name),
        None => "Welcome!\n".to_owned(),
    }
}

pub(crate) fn app(auth: Auth<Access>) -> Router {
    Router::new().route("/", get(front_page)).with_state(auth)
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

    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app(Auth::new(verifier, SystemClock))).await?;
    Ok(())
}
