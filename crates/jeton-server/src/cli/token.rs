use std::{
    io::{self, Read},
    sync::Arc,
};

use clap::{Args, Subcommand};
use jeton::json::{self, Object};
use serde_json::Value;

use super::{
    input,
    running::{Outcome, reading},
};
use crate::{
    assemble::assemble,
    config::Config,
    model::{audit::Recorded, time::Timestamp},
    service::{
        Service,
        machinery::{clock::SystemClock, random::SystemRandom},
        tokens::explain::{Explained, SessionFacts, UserFacts},
    },
};

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Say why a token is accepted or refused, and what became of its session
    Explain(Token),
    /// Print what a good access or playground token says; fail for any other
    Verify(Token),
    /// Print what a token says, without verifying any of it
    Inspect(Token),
    /// Sign a JSON object with the playground's key, which opens nothing
    Sign {
        /// The object; - reads it from standard input
        payload: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Token {
    /// The token; - reads it from standard input, where no process list shows it
    token: String,
}

pub(super) fn run(config: &Config, task: &Task) -> Outcome {
    match task {
        Task::Explain(given) => explain(config, &text(&given.token)?),
        Task::Verify(given) => verify(config, &text(&given.token)?),
        Task::Inspect(given) => inspect(&text(&given.token)?),
        Task::Sign { payload } => sign(config, &text(payload)?),
    }
}

/// The token that was given, or the one on standard input.
fn text(given: &str) -> io::Result<String> {
    if given != "-" {
        return Ok(given.to_owned());
    }
    input::announce("the text");
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    Ok(text.trim().to_owned())
}

fn inspect(token: &str) -> Outcome {
    eprintln!("NOT VERIFIED: anybody can have written this.");
    let mut parts = token.split('.');
    for part in [parts.next(), parts.next()] {
        let decoded = part.and_then(|part| base64_simd::URL_SAFE_NO_PAD.decode_to_vec(part).ok());
        let object = decoded.and_then(|bytes| json::from_slice(&bytes).ok());
        let Some(Object(object)) = object else {
            return Err("this is not a JWT: its first two parts are not JSON objects in base64url".into());
        };
        println!("{:#}", Value::Object(object.clone()));
        for name in ["iat", "nbf", "exp", "auth_time"] {
            if let Some(seconds) = object.get(name).and_then(Value::as_i64) {
                eprintln!("{name} is {}", Timestamp::from_seconds(seconds));
            }
        }
    }
    Ok(())
}

fn explain(config: &Config, token: &str) -> Outcome {
    let explained = with_service(config, async |service| Ok(service.explain(token).await?))?;
    show(&explained);
    Ok(())
}

fn verify(config: &Config, token: &str) -> Outcome {
    let claims = with_service(config, async |service| {
        let explained = service.explain(token).await?;
        match service.claims_of(token) {
            Some(claims) if explained.good => Ok(claims),
            _ => Err(explained.verdict.into()),
        }
    })?;
    println!("{:#}", Value::Object(claims));
    Ok(())
}

fn sign(config: &Config, payload: &str) -> Outcome {
    let Object(payload) =
        json::from_str(payload).map_err(|error| format!("this is not a JSON object: {error}"))?;
    let token = with_service(config, async |service| Ok(service.sign_payload(payload)?))?;
    println!("{token}");
    Ok(())
}

/// The service as it is on this machine, with the keys it has: looking at tokens makes none.
fn with_service<T>(config: &Config, work: impl AsyncFnOnce(&Service) -> Outcome<T>) -> Outcome<T> {
    reading(config, async |store| {
        if store.keys().await?.is_empty() {
            return Err("there are no keys yet: start the service once, and it makes them".into());
        }
        let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        let app = assemble(config, Arc::clone(store), clock, random).await?;
        work(&app.service).await
    })
}

fn show(explained: &Explained) {
    println!(
        "{}\n\nA token of the kind: {}",
        explained.verdict,
        explained.kind.as_str()
    );
    for check in &explained.checks {
        match &check.error {
            Some(error) => println!("  {:<8} {}: {error}", check.outcome, check.name),
            None => println!("  {:<8} {}", check.outcome, check.name),
        }
        if let Some(hint) = check.hint {
            println!("           {hint}");
        }
    }
    if let Some(token) = &explained.token {
        println!(
            "\ntoken {}",
            token
                .id
                .as_deref()
                .unwrap_or("(its id is its proof, and not shown)")
        );
        if let Some(issued) = token.issued_at {
            println!("  issued   {issued}");
        }
        println!("  expires  {}", token.expires_at);
        if token.revoked {
            println!("  revoked alone");
        }
    }
    if let Some(user) = &explained.user {
        show_user(user);
    }
    if let Some(session) = &explained.session {
        show_session(session);
    }
}

fn show_user(user: &UserFacts) {
    let whose = if user.is_client { "client" } else { "user" };
    println!("\n{whose} {}", user.id);
    if !user.exists {
        println!("  is not there");
    }
    if user.disabled {
        println!("  is disabled");
    }
    if let (Some(version), Some(token)) = (user.version, user.token_version) {
        println!(
            "  version  {}, and {} when the token was issued",
            version.0, token.0
        );
    }
    show_cause(user.cause.as_ref());
}

fn show_session(session: &SessionFacts) {
    println!("\nsession {}", session.id);
    let Some(row) = &session.row else {
        println!("  is not there");
        return;
    };
    println!("  opened   {}", row.created_at);
    println!("  rotated  {}, generation {}", row.rotated_at, row.generation.0);
    if let Some(generation) = session.token_generation {
        println!("  the token is of generation {generation}");
    }
    println!(
        "  expires  {}, and at {} in any case",
        row.expires_at, row.ends_at
    );
    if let Some(reason) = row.ended {
        println!("  ended    {}", reason.as_str());
    }
    show_cause(session.cause.as_ref());
}

fn show_cause(event: Option<&Recorded>) {
    if let Some(Recorded {
        number,
        at,
        action,
        actor,
        ..
    }) = event
    {
        let by = actor
            .as_ref()
            .map_or_else(String::new, |actor| format!(" by {actor}"));
        println!("  cause    event {number}, {action} at {at}{by}");
    }
}
