//! `/oauth/authorize`: where an application sends people to sign in and to allow it something. It has no page of its own
//! but for requests that cannot be answered: it leads to the sign-in, to the question, or back.

use std::{borrow::Cow, time::Duration};

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use http::StatusCode;

use super::{
    answer,
    frame::Frame,
    own_path::{MAX_BYTES, OwnPath},
    request::{Reader, SignedIn, Visitor},
};
use crate::{
    http::{
        ApiError, App,
        extract::{ClientInfo, Counted, FormBody},
    },
    model::{
        authorization::{AuthorizationRequest, Certain, Doubt, Parameters, Refusal, ResponseMode},
        ceremony::CeremonySecret,
        client::Client,
        time::Timestamp,
        user_agent::UserAgent,
    },
    service::{
        Failure,
        ceremonies::{CeremonyError, Open},
        grants::{
            authorize::{Asked, Asking, Next},
            pushed::Waiting,
        },
    },
};

/// The path that applications send people to.
pub(super) const PATH: &str = "/oauth/authorize";

/// Where people are asked what an application may do.
pub(super) const ASKS_AT: &str = "/consent";

/// How long a sign-in counts as the one that was asked for.
const JUST_SIGNED_IN: Duration = Duration::from_mins(5);

/// A request that is answered to the person alone.
#[derive(Template)]
#[template(path = "doubt.html")]
struct DoubtPage {
    frame: Frame,
    reason: String,
    is_late: bool,
}

/// An answer that the browser posts to the application.
#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPostPage {
    frame: Frame,
    target: String,
    fields: Vec<(&'static str, String)>,
}

/// A request under way: what it asks, and the secret of its ceremony once it waits for its user.
pub(super) struct UnderWay {
    pub(super) client: Client,
    pub(super) request: AuthorizationRequest,
    pub(super) waits: Option<(CeremonySecret, Open<Waiting>)>,
}

/// Sent by POST it is the same as by GET: the way there brings the cookies, which browsers keep back from another site's
/// form.
pub(super) async fn read_form(FormBody(pairs): FormBody) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    answer::go_to(&format!("{PATH}?{}", query.finish()))
}

pub(super) async fn show(
    State(app): State<App>,
    ClientInfo(agent): ClientInfo,
    reader: Reader,
    Visitor(visitor): Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    app.provides()?;
    let query = query.unwrap_or_default();
    let parameters = Parameters::parse(&query);
    let under_way = match parameters.one("ceremony") {
        Ok(Some(secret)) => waiting(&app, secret).await?,
        _ => match app.service.read_request(&parameters).await? {
            Asked::Request(both) => Ok(UnderWay {
                client: both.0,
                request: both.1,
                waits: None,
            }),
            Asked::Doubtful(doubt) => Err(doubt),
            Asked::Refused(refusal) => return Ok(refuse(&app, &reader, &refusal)),
        },
    };
    let mut under_way = match under_way {
        Ok(under_way) => under_way,
        Err(doubt) => return Ok(doubtful(&reader, doubt)),
    };
    // Somebody else goes on than whom the ceremony waits for: it is theirs from the beginning.
    let waits_for = under_way.waits.as_ref().and_then(|(_, open)| open.user);
    if let (Some(user), Some(visitor)) = (waits_for, &visitor)
        && user != visitor.user.id
    {
        under_way.waits = None;
    }
    let is_pushed = parameters
        .one("request_uri")
        .is_ok_and(|reference| reference.is_some());
    go_on(
        &app,
        &reader,
        agent,
        visitor.as_ref(),
        under_way,
        (!is_pushed).then_some(&parameters),
    )
    .await
}

/// The request that waits under a secret.
pub(super) async fn waiting(app: &App, secret: &str) -> Result<Result<UnderWay, Doubt>, ApiError> {
    let secret = CeremonySecret::presented(secret.to_owned());
    let open: Open<Waiting> = match app.service.open_ceremony(&secret).await {
        Ok(open) => open,
        Err(CeremonyError::Failed(failure)) => return Err(failure.into()),
        Err(_) => return Ok(Err(Doubt::NothingPushed)),
    };
    let client = app
        .service
        .store()
        .client(open.state.request.client)
        .await
        .map_err(Failure::from)?;
    let Some(client) = client else {
        return Ok(Err(Doubt::UnknownClient));
    };
    if let Err(doubt) = open.state.request.still_fits(&client) {
        return Ok(Err(doubt));
    }
    Ok(Ok(UnderWay {
        client,
        request: open.state.request.clone(),
        waits: Some((secret, open)),
    }))
}

/// Does what comes next. `asked` are the parameters as they came, where they can come once more.
async fn go_on(
    app: &App,
    reader: &Reader,
    agent: UserAgent,
    visitor: Option<&SignedIn>,
    under_way: UnderWay,
    asked: Option<&Parameters>,
) -> Result<Response, ApiError> {
    let asking = Asking {
        proven_after: under_way
            .waits
            .as_ref()
            .and_then(|(_, open)| open.state.proven_after()),
        allowed: false,
    };
    let signed_in = visitor.map(|visitor| (&visitor.session, &visitor.user));
    let next = app
        .service
        .next_step(&under_way.client, &under_way.request, signed_in, &asking)
        .await?;
    match (next, visitor) {
        (Next::Refuse(refusal), _) => Ok(refuse(app, reader, &refusal)),
        (Next::Allowed, Some(visitor)) => finish(app, reader, visitor, under_way).await,
        (Next::ProveAgain(after), Some(visitor)) => {
            ask(
                app,
                visitor,
                under_way,
                Some(asking.proven_after.unwrap_or(after)),
            )
            .await
        }
        (Next::Ask, Some(visitor)) => ask(app, visitor, under_way, asking.proven_after).await,
        (Next::SignIn, _) | (_, None) => sign_in(app, reader, agent, under_way, asked).await,
    }
}

/// Leads to the sign-in, and from there back to the request.
async fn sign_in(
    app: &App,
    reader: &Reader,
    agent: UserAgent,
    under_way: UnderWay,
    asked: Option<&Parameters>,
) -> Result<Response, ApiError> {
    let again = match (&under_way.waits, asked.and_then(after_sign_in)) {
        (Some((secret, _)), _) => Some(by_ceremony(PATH, secret)),
        (None, again) => again,
    };
    let hint = under_way.request.login_hint.clone();
    let again = if let Some(again) = again {
        again
    } else {
        // A row for somebody whom nobody knows yet.
        Counted::count(app, agent).await?;
        let proven_after = wants_proof(&under_way.request).then_some(reader.now);
        let waiting = Waiting::new(under_way.request, proven_after);
        by_ceremony(PATH, &app.service.let_wait(None, &waiting).await?)
    };
    Ok(answer::go_to_sign_in_as(&again, hint.as_deref()))
}

fn wants_proof(request: &AuthorizationRequest) -> bool {
    request.prompt.login || request.max_age.is_some()
}

/// The request once more, as it is after a sign-in: that has done what `prompt` asked for. None where it is longer than
/// a path may be.
fn after_sign_in(asked: &Parameters) -> Option<OwnPath> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in asked.iter() {
        let value: Cow<'_, str> = match name {
            "prompt" => value
                .split(' ')
                .filter(|word| !matches!(*word, "login" | "select_account"))
                .collect::<Vec<_>>()
                .join(" ")
                .into(),
            "max_age" => value
                .parse::<u64>()
                .map_or_else(
                    |_| value.to_owned(),
                    |age| age.max(JUST_SIGNED_IN.as_secs()).to_string(),
                )
                .into(),
            _ => value.into(),
        };
        if !value.is_empty() {
            query.append_pair(name, &value);
        }
    }
    let path = format!("{PATH}?{}", query.finish());
    OwnPath::parse(&path).filter(|_| path.len() < MAX_BYTES)
}

fn by_ceremony(path: &str, secret: &CeremonySecret) -> OwnPath {
    OwnPath::parse(&format!("{path}?ceremony={}", secret.expose())).unwrap_or_default()
}

/// Leads to the page that asks: for a password once more, or for what the application may do.
async fn ask(
    app: &App,
    visitor: &SignedIn,
    under_way: UnderWay,
    proven_after: Option<Timestamp>,
) -> Result<Response, ApiError> {
    let path = match under_way.waits {
        Some((secret, _)) if proven_after.is_none() => by_ceremony(ASKS_AT, &secret),
        Some((secret, open)) if open.state.proven_after().is_some() => by_ceremony(ASKS_AT, &secret),
        _ => {
            let waiting = Waiting::new(under_way.request, proven_after);
            let secret = app.service.let_wait(Some(visitor.user.id), &waiting).await?;
            by_ceremony(ASKS_AT, &secret)
        }
    };
    Ok(answer::go_to(path.as_str()))
}

/// Uses the ceremony up, where there is one, and gives the application its code.
pub(super) async fn finish(
    app: &App,
    reader: &Reader,
    visitor: &SignedIn,
    under_way: UnderWay,
) -> Result<Response, ApiError> {
    if let Some((_, open)) = &under_way.waits {
        match app.service.finish_ceremony(open).await {
            Ok(()) => {}
            Err(CeremonyError::Failed(failure)) => return Err(failure.into()),
            Err(_) => return Ok(doubtful(reader, Doubt::NothingPushed)),
        }
    }
    let request = &under_way.request;
    let code = app.service.give_code(request, &visitor.session).await?;
    let fields = [("code", code.expose().to_owned())];
    Ok(lead_back(
        app,
        reader,
        request.response_mode,
        &request.redirect_uri,
        request.state.as_deref(),
        fields,
    ))
}

/// Tells the application that it gets nothing.
pub(super) fn refuse(app: &App, reader: &Reader, refusal: &Refusal) -> Response {
    let fields = [
        ("error", refusal.error.as_str().to_owned()),
        ("error_description", refusal.description.replace('`', "'")),
    ];
    lead_back(
        app,
        reader,
        refusal.response_mode,
        &refusal.redirect_uri,
        refusal.state.as_deref(),
        fields,
    )
}

/// Leads back to the application, with its `state` and with who answers (RFC 9207).
fn lead_back<const N: usize>(
    app: &App,
    reader: &Reader,
    mode: ResponseMode,
    redirect_uri: &str,
    state: Option<&str>,
    fields: [(&'static str, String); N],
) -> Response {
    let state = state.map(|state| ("state", state.to_owned()));
    let issuer = ("iss", app.service.rules().issuer.clone());
    let fields: Vec<_> = fields.into_iter().chain(state).chain([issuer]).collect();
    match mode {
        ResponseMode::Query => {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(&fields);
            let separator = if redirect_uri.contains('?') { '&' } else { '?' };
            answer::go_to(&format!("{redirect_uri}{separator}{}", query.finish()))
        }
        ResponseMode::FormPost => {
            let page = FormPostPage {
                frame: Frame::of(reader),
                target: redirect_uri.to_owned(),
                fields,
            };
            answer::leading_to(StatusCode::OK, &page, Some(&origin(redirect_uri)))
        }
    }
}

/// Tells the person what is wrong with an application's request. Nothing of the request is repeated.
pub(super) fn doubtful(reader: &Reader, doubt: Doubt) -> Response {
    let page = DoubtPage {
        frame: Frame {
            // What was asked for stands nowhere in the page.
            path: OwnPath::default(),
            ..Frame::of(reader)
        },
        reason: doubt.to_string(),
        is_late: matches!(doubt, Doubt::NothingPushed),
    };
    answer::page(StatusCode::BAD_REQUEST, &page)
}

/// Where a form leads in the end that is on the way to an application: browsers let a form's answer lead nowhere that its
/// page did not name.
pub(super) async fn leads_to(app: &App, return_to: &str) -> Option<String> {
    let (path, query) = return_to.split_once('?')?;
    if path != PATH && path != ASKS_AT {
        return None;
    }
    let parameters = Parameters::parse(query);
    if let Ok(Some(secret)) = parameters.one("ceremony") {
        let under_way = waiting(app, secret).await.ok()?.ok()?;
        return Some(origin(&under_way.request.redirect_uri));
    }
    let id = parameters.one("client_id").ok()??.parse().ok()?;
    let client = app.service.store().client(id).await.ok()??;
    let certain = Certain::of(&parameters, &client).ok()?;
    Some(origin(certain.redirect_uri))
}

/// The origin of an address, or the scheme of one that is a program's own.
pub(super) fn origin(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once("://") else {
        let scheme = uri.split(':').next().unwrap_or_default();
        return format!("{scheme}:");
    };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    if host.starts_with('[') {
        // A policy has no words for such a host.
        return format!("{scheme}:");
    }
    format!("{scheme}://{host}")
}
