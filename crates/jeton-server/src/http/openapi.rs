//! The OpenAPI document: made from the handlers, completed with what holds for all of them.

use std::{collections::BTreeMap, iter, sync::LazyLock};

use axum::response::IntoResponse;
use http::header;
use utoipa::{
    OpenApi, ToSchema,
    openapi::{
        Deprecated, Info, LicenseBuilder, PathItem, Ref, RefOr, Response, ResponseBuilder, Schema, Server,
        Tag,
        content::ContentBuilder,
        path::Operation,
        request_body::RequestBody,
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
    },
};

use super::{
    error::{ErrorCode, SessionOver},
    middleware::errors::{ErrorBody, OAuthErrorBody},
};

#[derive(OpenApi)]
#[openapi(
    paths(
        super::register::register,
        super::login::login,
        super::token::token,
        super::profile::profile,
        super::password::change,
        super::password::reset::reset,
        super::refresh::refresh,
        super::logout::logout,
        super::csrf::csrf,
        super::sessions::list,
        super::sessions::id::end,
        super::admin::users::list,
        super::admin::users::create,
        super::admin::users::id::show,
        super::admin::users::id::change,
        super::admin::users::id::delete,
        super::admin::users::id::password_reset::reset,
        super::admin::users::id::sessions::list,
        super::admin::users::id::sessions::end_all,
        super::admin::users::id::sessions::end_one,
        super::admin::users::id::unlock::unlock,
        super::set_jwt::set_jwt,
        super::get_jwt::get_jwt,
        super::protected::protected,
        super::sign_token::sample,
        super::sign_token::sign,
        super::verify_token::verify,
        super::admin::keys::list,
        super::admin::keys::rotate,
        super::admin::audit::list,
        super::admin::explain::explain,
        super::admin::tokens::revoke::revoke,
        super::admin::clients::list,
        super::admin::clients::create,
        super::admin::clients::id::show,
        super::admin::clients::id::change,
        super::admin::clients::id::delete,
        super::admin::clients::id::secret::rotate,
        super::admin::service_accounts::list,
        super::admin::service_accounts::create,
        super::admin::service_accounts::change,
        super::admin::service_accounts::delete,
        super::admin::service_accounts::rotate,
        super::well_known::jwks::jwks,
        super::well_known::oauth_authorization_server::metadata,
        super::well_known::openid_configuration::configuration,
        super::oauth::token::token,
        super::oauth::introspect::introspect,
        super::oauth::revoke::revoke,
        super::oauth::par::push,
        super::oauth::userinfo::show,
        super::oauth::userinfo::post,
        super::revocations::revocations,
        super::healthz::healthz,
        super::readyz::readyz,
        super::metrics::metrics,
        document,
    ),
    components(schemas(ErrorBody, ErrorCode, OAuthErrorBody, SessionOver))
)]
struct Handlers;

/// The OpenAPI document of [`router`](super::router), as JSON. Written when it is asked for, once: it never changes
/// while the service runs.
#[must_use]
pub fn openapi() -> &'static str {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
        completed(about(Handlers::openapi()))
            .to_json()
            .unwrap_or_default()
    });
    &DOCUMENT
}

/// The document's head, and how to prove who one is.
fn about(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    let mut license = LicenseBuilder::new().name("MIT OR Apache-2.0").build();
    license.identifier = Some("MIT OR Apache-2.0".to_owned());
    document.info = Info::new("Jeton", env!("CARGO_PKG_VERSION"));
    document.info.description =
        Some(
            "JWT authentication: accounts, sessions and tokens that can be revoked. What cannot be read as a request \
             gets 400, 408, 414 or 431 with the same error body, and the connection is closed."
                .to_owned(),
        );
    document.info.license = Some(license);
    document.servers = Some(vec![server()]);
    document.tags = Some(TAGS.into_iter().map(tag).collect());
    let components = document.components.get_or_insert_default();
    for (name, scheme) in schemes() {
        components.add_security_scheme(name, scheme);
    }
    document
}

/// Relative to the address the document was read from, which is one that reaches the service: with the path of an issuer
/// that has one, and under whatever name a tunnel or a container shows it.
fn server() -> Server {
    let mut server = Server::new(".");
    server.description = Some("Where this document was read.".to_owned());
    server
}

/// In the order in which somebody new reads them.
const TAGS: [(&str, &str); 7] = [
    ("accounts", "Register, sign in, and one's own record."),
    ("tokens", "What a token opens, and what it says."),
    ("sessions", "Stay signed in, see where, and sign out."),
    (
        "playground",
        "Sign and verify a payload, to see how it works. Its tokens open nothing.",
    ),
    (
        "administration",
        "Users, clients, keys and the audit trail; for administrators.",
    ),
    (
        "standards",
        "For other software: keys, metadata, tokens for programs, and what was revoked.",
    ),
    ("operations", "For whoever runs the service."),
];

fn tag((name, description): (&str, &str)) -> Tag {
    let mut tag = Tag::new(name);
    tag.description = Some(description.to_owned());
    tag
}

fn schemes() -> [(&'static str, SecurityScheme); 5] {
    let bearer = |format: &str, description: &str| {
        let mut http = Http::new(HttpAuthScheme::Bearer);
        http.bearer_format = Some(format.to_owned());
        http.description = Some(description.to_owned());
        SecurityScheme::Http(http)
    };
    let mut basic = Http::new(HttpAuthScheme::Basic);
    basic.description = Some("A client's id and secret.".to_owned());
    let cookie = "The access token in a cookie (`__Host-jeton_access` with an https issuer). Requests that change \
                  something also need the header `X-CSRF-Token`.";
    let in_a_cookie = |name: &str, description: &str| {
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(name, description)))
    };
    [
        ("bearer", bearer("JWT", "An access token.")),
        ("refresh", bearer("JWT", "A refresh token.")),
        ("client", SecurityScheme::Http(basic)),
        ("cookie", in_a_cookie("jeton_access", cookie)),
        (
            "refresh_cookie",
            in_a_cookie(
                "jeton_refresh",
                "The refresh token in a cookie (`__Host-jeton_refresh` with an https issuer).",
            ),
        ),
    ]
}

/// Adds the answers every route may give, and those of every route with a body.
fn completed(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            operation.operation_id = Some(operation_id(method, path));
            operation.request_body.iter_mut().for_each(without_null);
            if path.starts_with("/admin/service-accounts") {
                operation.deprecated = Some(Deprecated::True);
            }
            if path.starts_with("/oauth/") {
                complete_oauth(operation);
            } else {
                complete(operation, method != "get");
            }
        }
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("get", &mut item.get),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
    ];
    all.into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Unlike the names of handlers, method and path are never the same twice.
fn operation_id(method: &str, path: &str) -> String {
    let words = path.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

/// A body that may be left out may not be `null`, which is what an `Option` is taken for.
fn without_null(body: &mut RefOr<RequestBody>) {
    let RefOr::T(body) = body else { return };
    for content in body.content.values_mut() {
        let RefOr::T(content) = content else { continue };
        if let Some(RefOr::T(Schema::OneOf(choices))) = &mut content.schema {
            choices.items.retain(|choice| matches!(choice, RefOr::Ref(_)));
            if let [_] = *choices.items {
                content.schema = choices.items.pop();
            }
        }
    }
}

type Failures<'a> = &'a [(&'a str, &'a str)];

const WITH_A_BODY: Failures<'_> = &[
    (
        "400",
        "`malformed_json`: the body is not JSON, or nests deeper than 32 levels; `incomplete_body`: it broke off.",
    ),
    ("413", "`payload_too_large`: the body is longer than 256 KiB."),
    (
        "415",
        "`unsupported_media_type`: the body is not said to be JSON.",
    ),
    (
        "422",
        "`invalid_request`: a member is missing, stands there twice, or has a wrong type or value.",
    ),
];

const WITH_A_TOKEN: Failures<'_> = &[(
    "400",
    "`invalid_request`: the `Authorization` header or the cookies do not say clearly which token is meant.",
)];

const CHANGING: Failures<'_> = &[("403", "`cross_site`: another site's page sent the request.")];

const EVERYWHERE: Failures<'_> = &[
    ("408", "`request_timeout`: the request did not arrive in time."),
    (
        "500",
        "`internal_error`: something is broken, and the log says what.",
    ),
    (
        "503",
        "`overloaded`, `unavailable`, `read_only`, `revocation_stale` or (of `/readyz` alone) `clock_off` or \
         `key_missing`: try again after `Retry-After`.",
    ),
];

/// A form that cannot be is 400 there (RFC 6749 §5.2).
const WITH_A_FORM: Failures<'_> = &[
    ("413", "`payload_too_large`: the body is longer than 256 KiB."),
    (
        "415",
        "`unsupported_media_type`: the body is not said to be a form.",
    ),
];

/// No other site is refused there: no cookie counts.
fn complete_oauth(operation: &mut Operation) {
    let none: Failures<'_> = &[];
    let form = if operation.request_body.is_some() {
        WITH_A_FORM
    } else {
        none
    };
    for (status, description) in [form, EVERYWHERE].concat() {
        let response = failure(description, &OAuthErrorBody::name());
        operation.responses.responses.insert(status.to_owned(), response);
    }
}

fn complete(operation: &mut Operation, changes: bool) {
    let none: Failures<'_> = &[];
    let failures = [
        if operation.request_body.is_some() {
            WITH_A_BODY
        } else {
            none
        },
        if operation.security.is_some() {
            WITH_A_TOKEN
        } else {
            none
        },
        if changes { CHANGING } else { none },
        EVERYWHERE,
    ];
    for (status, description) in failures.concat() {
        add(&mut operation.responses.responses, status, description);
    }
}

/// Adds a failure, or says that a status the handler names already has one more reason.
fn add(responses: &mut BTreeMap<String, RefOr<Response>>, status: &str, description: &str) {
    match responses.get_mut(status) {
        Some(RefOr::T(response)) => {
            response.description.push(' ');
            response.description.push_str(description);
        }
        _ => {
            responses.insert(status.to_owned(), error_response(description));
        }
    }
}

fn error_response(description: &str) -> RefOr<Response> {
    failure(description, &ErrorBody::name())
}

fn failure(description: &str, schema: &str) -> RefOr<Response> {
    let schema = Ref::from_schema_name(schema);
    let content = ContentBuilder::new().schema(Some(schema)).build();
    RefOr::T(
        ResponseBuilder::new()
            .description(description)
            .content("application/json", content)
            .build(),
    )
}

/// Gives this document.
#[utoipa::path(
    get, path = "/openapi.json", tag = "operations",
    responses((status = 200, description = "The OpenAPI 3.1 document of the service.", content_type = "application/json", body = Object)),
)]
pub(super) async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], openapi())
}
