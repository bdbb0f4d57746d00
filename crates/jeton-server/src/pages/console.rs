//! The console, for those who run the service: a file or folder for each tab.

use axum::Router;

use crate::http::App;

mod audit;
mod clients;
mod frame;
mod keys;
mod onlooker;
mod outbox;
mod overview;
mod settings;
mod users;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .merge(overview::routes())
        .nest("/users", users::routes())
        .nest("/clients", clients::routes())
        .nest("/keys", keys::routes())
        .nest("/outbox", outbox::routes())
        .nest("/settings", settings::routes())
        .nest("/audit", audit::routes())
}
