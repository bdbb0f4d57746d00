//! What the service says of itself in numbers. No label holds anything of a person.

use std::{fmt::Write, time::Instant};

use axum::{extract::State, response::IntoResponse};
use http::header;

use crate::state::App;

mod registry;

pub use registry::Metrics;

/// Counts and times in the text format of Prometheus (0.0.4).
#[utoipa::path(
    get, path = "/metrics", tag = "operations",
    responses((status = 200, description = "The metrics.", content_type = "text/plain", body = String)),
)]
pub(super) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let mut text = gauges(&app).await;
    app.metrics.write(&mut text);
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    )
}

async fn gauges(app: &App) -> String {
    let service = &app.service;
    let mut text = String::new();
    if let Some(lag) = service.revoked().lag(Instant::now()) {
        let help = "Seconds since the last complete reading of the revocations began.";
        gauge(&mut text, "revocation_lag_seconds", help, lag.as_secs_f64());
    }
    let help = "Revocations in memory.";
    gauge(&mut text, "revocation_entries", help, service.revoked().len());
    let help = "Passwords that wait for their turn to be hashed.";
    gauge(&mut text, "hash_queue_length", help, service.hashes_waiting());
    // Without the database there is one number less, and everything else is still worth knowing.
    if let Ok(unsealed) = service.store().unsealed_events().await {
        let help = "Audit events that no seal covers yet.";
        gauge(&mut text, "audit_events_unsealed", help, unsealed);
    }
    text
}

fn gauge(text: &mut String, name: &str, help: &str, value: impl std::fmt::Display) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
}
