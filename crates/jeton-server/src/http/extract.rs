//! Arguments of handlers: what a request holds, read and proved before a handler begins.

mod administrator;
pub(super) mod body;
pub(super) mod client_info;
mod current_user;
mod query;
mod refresh_token;
mod scope;

pub(super) use {
    crate::service::accounts::admin::{Administrator, RecentAdministrator},
    body::{FormBody, HeadAndBody, JsonBody, OptionalJsonBody},
    client_info::{ClientInfo, Counted},
    current_user::CurrentUser,
    query::Query,
    refresh_token::{RefreshBody, RefreshToken},
    scope::{HasScope, RequiredScope},
};
