//! The console, for those who run the service: a file or folder for each tab.

use axum::Router;

use crate::http::App;

mod frame;
mod keys;
mod overview;
mod users;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .merge(overview::routes())
        .nest("/users", users::routes())
        .nest("/keys", keys::routes())
}
