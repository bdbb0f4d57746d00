//! Arguments of handlers: what a request holds, read and proved before a handler begins.

mod administrator;
pub(crate) mod body;
pub(crate) mod client_info;
mod current_user;
mod query;
mod refresh_token;
mod scope;

pub(super) use scope::{HasScope, RequiredScope};
pub(crate) use {
    crate::service::accounts::admin::{Administrator, RecentAdministrator},
    body::{FormBody, HeadAndBody, JsonBody, OptionalJsonBody},
    client_info::{ClientInfo, Counted},
    current_user::CurrentUser,
    query::Query,
    refresh_token::{RefreshBody, RefreshToken},
};
