//! The face: what stands beside the API for people with a browser.

use std::fmt::Debug;

use axum::{Router, extract::Request, response::Response};

use super::{error::ApiError, state::App};

/// Pages beside the API. The API knows of them only that they have routes, and that they tell failures in their own way.
pub trait Face: Debug + Send + Sync {
    /// The pages' own routes.
    fn routes(&self) -> Router<App>;

    /// Whether a path is a page's. No other origin's page may read it, or send its forms.
    fn has(&self, path: &str) -> bool;

    /// The teller of this request's failure, where a person may be to read it.
    fn teller(&self, request: &Request) -> Option<Teller>;
}

/// Marks an answer that says itself what failed: a form with the error at its field.
#[derive(Clone, Copy, Debug)]
pub struct Told;

/// Tells a failure whose request has this id; or leaves it to the API.
pub type Teller = Box<dyn FnOnce(&ApiError, &str) -> Option<Response> + Send>;
