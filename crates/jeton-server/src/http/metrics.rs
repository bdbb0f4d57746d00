//! The service in numbers. No label holds anything of a person.

use std::fmt::{Display, Write};

use axum::{extract::State, response::IntoResponse};
use http::header;

use super::state::App;

pub(super) mod registry;

pub use registry::Metrics;

/// Gives counts and times.
///
/// In the text format of Prometheus (0.0.4).
#[utoipa::path(
    get, path = "/metrics", tag = "operations",
    responses((status = 200, description = "The metrics.", content_type = "text/plain", body = String)),
)]
pub(super) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let mut text = gauges(&app).await + &counters(&app);
    app.metrics.write(&mut text);
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    )
}

async fn gauges(app: &App) -> String {
    let service = &app.service;
    let mut text = String::new();
    if let Some(lag) = service.revocations().set().lag(service.clock().instant()) {
        let help = "Seconds since the last complete reading of the revocations began.";
        gauge(&mut text, "revocation_lag_seconds", help, lag.as_secs_f64());
    }
    let help = "Revocations in memory.";
    gauge(
        &mut text,
        "revocation_entries",
        help,
        service.revocations().set().len(),
    );
    if let Some(redis) = &app.redis {
        let help = "Whether Redis is there, as far as is known.";
        gauge(&mut text, "redis_up", help, u8::from(redis.is_up()));
    }
    let help = "Passwords that wait for their turn to be hashed.";
    gauge(&mut text, "hash_queue_length", help, service.hashes_waiting());
    // Without the database there is one number less, and everything else is still worth knowing.
    if let Ok(unsealed) = service.store().unsealed_events().await {
        let help = "Audit events that no seal covers yet.";
        gauge(&mut text, "audit_events_unsealed", help, unsealed);
    }
    if let Ok(waiting) = service.store().messages_waiting().await {
        let help = "Messages to other programs that wait to be sent.";
        gauge(&mut text, "outbox_messages_waiting", help, waiting);
    }
    text
}

fn counters(app: &App) -> String {
    let mut text = String::new();
    let help = "How often the revocations were read to their end.";
    let readings = app.service.revocations().readings();
    counter(&mut text, "revocation_readings_total", help, readings);
    let help = "How often a refresh token was presented again and got the same successor.";
    counter(&mut text, "refreshes_replayed_total", help, app.service.replays());
    let help = "How often the audit trail was found other than it had been.";
    counter(&mut text, "audit_alarms_total", help, app.keeper.alarms());
    let help = "Audit events sealed that carry no proof of who wrote them.";
    counter(
        &mut text,
        "audit_events_unproven_total",
        help,
        app.keeper.unproven(),
    );
    if let Some(redis) = &app.redis {
        let help = "Announcements of revocations that came by way of Redis.";
        counter(
            &mut text,
            "revocation_announcements_total",
            help,
            redis.announcements(),
        );
    }
    text
}

fn gauge(text: &mut String, name: &str, help: &str, value: impl Display) {
    metric(text, name, "gauge", help, value);
}

fn counter(text: &mut String, name: &str, help: &str, value: u64) {
    metric(text, name, "counter", help, value);
}

fn metric(text: &mut String, name: &str, kind: &str, help: &str, value: impl Display) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
}
