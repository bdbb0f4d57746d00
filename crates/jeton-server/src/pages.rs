//! Pages for people: signing in, one's own account, the inspector, the console.
//!
//! A page is a handler, a template of its name and its texts. What it decides is a use-case in
//! [`service`](crate::service), the same that the API calls; no rule lives here. Every form works without a script;
//! scripts add what a form cannot do.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::Request,
    routing::{get, post},
};

use crate::{
    http::{App, Face, Teller},
    model::brand::Brand,
};

mod account;
mod answer;
mod assets;
mod authorize;
mod brand;
mod consent;
mod console;
mod device;
mod docs;
mod done;
mod ended;
mod events;
mod failure;
mod fields;
mod frame;
mod front;
mod inspect;
mod language;
mod leave;
mod moment;
mod own_path;
mod registration;
mod request;
mod reset;
mod session;
mod setup;
mod signin;
mod signout;
mod signup;
mod texts;
mod welcome;

/// The pages of a service under its brand.
#[derive(Debug)]
pub struct Pages {
    brand: Arc<Brand>,
}

impl Pages {
    #[must_use]
    pub fn new(brand: Brand) -> Self {
        Self { brand: brand.into() }
    }
}

impl Face for Pages {
    fn routes(&self) -> Router<App> {
        routes().layer(Extension(Arc::clone(&self.brand)))
    }

    fn has(&self, path: &str) -> bool {
        failure::is_page(path)
    }

    fn teller(&self, request: &Request) -> Option<Teller> {
        failure::teller(&self.brand, request)
    }
}

/// Every page there is.
fn routes() -> Router<App> {
    Router::new()
        .route("/", get(front::show))
        .route("/signin", get(signin::show).post(signin::sign_in))
        .route("/signup", get(signup::show).post(signup::sign_up))
        .route("/signout", get(signout::show).post(signout::sign_out))
        .route("/reset", get(reset::show).post(reset::give_code))
        .route(
            "/reset/password",
            get(reset::begin_again).post(reset::choose_password),
        )
        .route("/setup", get(setup::show).post(setup::set_up))
        .route("/welcome", get(welcome::show))
        .route("/docs", get(docs::show))
        .route("/docs/token", get(docs::leave_token).post(docs::make_token))
        .route("/inspect", get(inspect::show).post(inspect::explain))
        .route(authorize::PATH, get(authorize::show).post(authorize::read_form))
        .route(leave::PATH, get(leave::show).post(leave::read_form))
        .route(authorize::ASKS_AT, get(consent::show).post(consent::decide))
        .route("/language", post(language::choose))
        .route("/assets/{version}/{name}", get(assets::serve))
        .route("/brand/{version}/{name}", get(brand::serve))
        .nest("/account", account::routes())
        .nest("/console", console::routes())
}
