use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::{Place, frame};
use crate::{
    model::user::User,
    pages::{answer, frame::Frame, request::SignedIn},
};

#[derive(Template)]
#[template(path = "account/profile.html")]
struct ProfilePage {
    frame: Frame,
    user: User,
}

pub(super) async fn show(signed_in: SignedIn) -> Response {
    let page = ProfilePage {
        frame: frame(&signed_in, Place::Profile),
        user: signed_in.user,
    };
    answer::page(StatusCode::OK, &page)
}
