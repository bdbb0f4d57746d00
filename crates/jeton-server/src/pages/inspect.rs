//! The inspector: what a token says, which checks it passes, and why it is refused. What is pasted is neither stored
//! nor logged, and comes in the body of a form alone.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;

use self::{asked::Asked, checks::Check, decoded::Decoded, json::Line, story::Fact};
use super::{
    answer,
    fields::{Field, Fields},
    frame::{Frame, Reference},
    request::{Reader, SignedIn, Visitor},
    texts::{Text, Verdicts},
};
use crate::{
    http::{ApiError, App},
    model::{pasted::token_in, time::Timestamp},
    service::tokens::{explain::Finding, playground::PlaygroundError},
};

mod asked;
mod checks;
mod decoded;
mod faults;
mod json;
mod story;

#[derive(Template)]
#[template(path = "inspect.html")]
struct InspectPage {
    frame: Frame,
    pasted: Field,
    inspected: Option<Inspected>,
}

/// A token and all there is to say of it.
struct Inspected {
    /// Header, payload and signature, as far as it has them.
    parts: [String; 3],
    /// How the verdict looks: good, bad, or neither.
    class: &'static str,
    verdict: &'static Text,
    checks: Vec<Check>,
    content: Vec<Content>,
    story: Vec<Fact>,
}

/// The header or the claims, in its colour.
struct Content {
    class: &'static str,
    lines: Vec<Noted>,
}

/// A line of a token, and what it means.
struct Noted {
    line: Line,
    time: Option<Timestamp>,
    note: Option<String>,
}

impl InspectPage {
    fn new(reader: &Reader, visitor: Option<&SignedIn>) -> Self {
        Self {
            frame: Frame::of_reference(reader, visitor, Reference::Inspector),
            pasted: Field::default(),
            inspected: None,
        }
    }
}

pub(super) async fn show(reader: Reader, Visitor(visitor): Visitor) -> Response {
    answer::page(StatusCode::OK, &InspectPage::new(&reader, visitor.as_ref()))
}

/// Explains the token that was pasted, or a sample made for it. Nothing changes.
pub(super) async fn explain(
    State(app): State<App>,
    reader: Reader,
    Visitor(visitor): Visitor,
    fields: Fields,
) -> Result<Response, ApiError> {
    let visitor = visitor.as_ref();
    let mut page = InspectPage::new(&reader, visitor);
    let token = if fields.filled("sample").is_some() {
        Some(app.service.sign_sample().map_err(unsigned)?)
    } else {
        token_in(fields.get("token"))
    };
    let Some(token) = token else {
        page.pasted = Field::new(fields.get("token"));
        page.pasted.wrong(&reader.texts().inspect.no_token);
        return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let user = visitor.map(|signed_in| &signed_in.user);
    let explained = app.service.explain_to(user, &token).await?;
    let asked = Asked {
        reader: &reader,
        visitor,
        explained: &explained,
        decoded: Decoded::of(&token),
    };
    page.inspected = Some(Inspected::new(&token, &asked));
    Ok(answer::page(StatusCode::OK, &page))
}

fn unsigned(error: PlaygroundError) -> ApiError {
    match error {
        PlaygroundError::Failed(failure) => failure.into(),
        _ => ApiError::internal(),
    }
}

impl Inspected {
    fn new(token: &str, asked: &Asked<'_>) -> Self {
        let mut parts = token.splitn(3, '.').map(str::to_owned);
        let decoded = &asked.decoded;
        let content = [
            ("header", &decoded.header_text),
            ("payload", &decoded.claims_text),
        ];
        let content = content.into_iter().filter_map(|(class, text)| {
            let lines = json::lines(text.as_ref()?).into_iter();
            let lines = lines.map(|line| Noted::new(line, asked)).collect();
            Some(Content { class, lines })
        });
        let finding = &asked.explained.finding;
        Self {
            parts: std::array::from_fn(|_| parts.next().unwrap_or_default()),
            class: class(finding),
            verdict: verdict(finding, &asked.texts().inspect.verdict),
            checks: checks::of(asked),
            content: content.collect(),
            story: story::of(asked),
        }
    }
}

impl Noted {
    /// Puts beside a line what its value means to a person.
    fn new(line: Line, asked: &Asked<'_>) -> Self {
        let value = line.value.trim_matches('"');
        let time = match line.name.as_deref() {
            Some("exp" | "iat" | "nbf" | "auth_time") => decoded::time(value),
            _ => None,
        };
        let session = asked.explained.session.as_ref();
        let note = match (line.name.as_deref(), session, asked.visitor) {
            (Some("sid"), Some(session), _) if session.id.to_string() == value => {
                let row = session.row.as_ref().filter(|row| row.actor.is_none());
                row.map(|row| row.device.name())
            }
            (Some("sub"), _, Some(signed_in)) if signed_in.user.id.to_string() == value => {
                Some(asked.texts().inspect.you.to_string())
            }
            _ => None,
        };
        Self { line, time, note }
    }
}

/// The look of a verdict: one for which the service was not asked is neither good nor bad.
const fn class(finding: &Finding) -> &'static str {
    match finding {
        Finding::Accepted | Finding::Current => "good",
        Finding::InOrder | Finding::Replay | Finding::Sample | Finding::Stale => "",
        _ => "bad",
    }
}

fn verdict(finding: &Finding, verdicts: &'static Verdicts) -> &'static Text {
    match finding {
        Finding::Accepted => &verdicts.accepted,
        Finding::InOrder => &verdicts.in_order,
        Finding::Stale => &verdicts.stale,
        Finding::Current => &verdicts.current,
        Finding::Replay => &verdicts.replay,
        Finding::Sample => &verdicts.sample,
        Finding::SampleExpired | Finding::SampleInvalid => &verdicts.sample_refused,
        _ => &verdicts.refused,
    }
}
