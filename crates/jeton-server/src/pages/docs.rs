//! The API to read and to try: the OpenAPI document as a page. It reads without a script; with one, its forms send
//! requests to this service and to no other.

use std::sync::LazyLock;

use askama::{Template, filters::Safe};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};

use self::document::Document;
use super::{
    answer,
    frame::{Frame, Reference},
    request::{Reader, SignedForm, SignedIn, Visitor},
    texts::Texts,
};
use crate::{
    http::{ApiError, App, cookies, middleware::same_site::reached_at},
    model::locale::Locale,
};

mod document;
mod prose;
mod schema;

#[derive(Template)]
#[template(path = "docs.html")]
struct DocsPage {
    frame: Frame,
    /// Where the service is reached.
    origin: String,
    /// An access token that was made to try with.
    token: Option<[String; 3]>,
    sections: &'static [document::Section],
    reference: Safe<&'static str>,
}

impl DocsPage {
    fn new(app: &App, headers: &HeaderMap, reader: &Reader, visitor: Option<&SignedIn>) -> Self {
        Self {
            frame: Frame::of_reference(reader, visitor, Reference::Docs),
            origin: reached_at(headers, &app.browser),
            token: None,
            sections: &DOCUMENT.sections,
            reference: Safe(reference(reader.language)),
        }
    }
}

/// Everything between the head and the foot that is the same for every reader of a language.
#[derive(Template)]
#[template(path = "docs/reference.html")]
struct ReferencePart {
    t: &'static Texts,
    document: &'static Document,
}

static DOCUMENT: LazyLock<Document> = LazyLock::new(|| Document::read(crate::http::openapi()));

/// The reference in a language, written when it is first asked for.
fn reference(language: Locale) -> &'static str {
    static ENGLISH: LazyLock<String> = LazyLock::new(|| write(Locale::English));
    static GERMAN: LazyLock<String> = LazyLock::new(|| write(Locale::German));
    match language {
        Locale::English => &ENGLISH,
        Locale::German => &GERMAN,
    }
}

fn write(language: Locale) -> String {
    let part = ReferencePart {
        t: language.texts(),
        document: &DOCUMENT,
    };
    part.render().unwrap_or_default()
}

pub(super) async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    reader: Reader,
    Visitor(visitor): Visitor,
) -> Response {
    let page = DocsPage::new(&app, &headers, &reader, visitor.as_ref());
    answer::page(StatusCode::OK, &page)
}

/// The page without a token, which is shown once alone.
pub(super) async fn leave_token() -> Response {
    answer::go_to("/docs")
}

/// Shows an access token of the reader's session. It comes as every token of a browser's session does: for the refresh
/// token in its cookie, which is exchanged.
pub(super) async fn make_token(
    State(app): State<App>,
    headers: HeaderMap,
    form: SignedForm,
) -> Result<Response, Response> {
    let made = exchange(&app, &headers, &form.signed_in).await;
    made.map_err(IntoResponse::into_response)
}

async fn exchange(app: &App, headers: &HeaderMap, signed_in: &SignedIn) -> Result<Response, ApiError> {
    let token = cookies::refresh_token(app, headers)?.ok_or_else(ApiError::token_missing)?;
    let presented = app.service.read_refresh(token).await?;
    let refreshed = app.service.refresh(&presented).await?;
    let mut page = DocsPage::new(app, headers, &signed_in.reader, Some(signed_in));
    let mut parts = refreshed.pair.access.splitn(3, '.').map(str::to_owned);
    page.token = Some(std::array::from_fn(|_| parts.next().unwrap_or_default()));
    let (cookies, _) = cookies::set(app, &refreshed.pair)?;
    Ok(answer::with_cookies(answer::page(StatusCode::OK, &page), cookies))
}
