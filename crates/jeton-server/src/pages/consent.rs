//! The question an application's request leads to: what it may do. Whoever has to prove who they are once more is asked
//! for that first.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Deserialize;

use super::{
    answer,
    authorize::{self, UnderWay},
    fields::{self, Field},
    frame::Frame,
    request::{SignedForm, SignedIn},
    texts::Texts,
};
use crate::{
    http::{
        ApiError, App,
        extract::{ClientInfo, Counted, Query},
    },
    model::{
        authorization::{AuthorizationError, Doubt},
        password::Password,
        scope::{self, Scope},
        user_agent::UserAgent,
    },
    service::{
        accounts::{confirm::ConfirmError, login::LoginError},
        ceremonies::CeremonyError,
        grants::authorize::{Asking, Next},
    },
};

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage {
    frame: Frame,
    ceremony: String,
    application: String,
    /// The host that people are sent back to.
    host: String,
    scopes: Vec<String>,
    resources: Vec<String>,
    is_first_party: bool,
    another: String,
}

#[derive(Template)]
#[template(path = "prove.html")]
struct ProvePage {
    frame: Frame,
    ceremony: String,
    application: String,
    password: Field,
}

/// The request that somebody is asked about.
#[derive(Debug, Default, Deserialize)]
pub(super) struct About {
    #[serde(default)]
    ceremony: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Query(about): Query<About>,
    signed_in: SignedIn,
) -> Result<Response, ApiError> {
    app.provides()?;
    let under_way = match under_way(&app, &about.ceremony, &signed_in).await? {
        Ok(under_way) => under_way,
        Err(doubt) => return Ok(authorize::doubtful(&signed_in.reader, doubt)),
    };
    step(&app, &signed_in, under_way, None).await
}

/// The request of a ceremony, if it waits for this user.
async fn under_way(
    app: &App,
    secret: &str,
    signed_in: &SignedIn,
) -> Result<Result<UnderWay, Doubt>, ApiError> {
    let found = authorize::waiting(app, secret).await?;
    Ok(found.and_then(|under_way| {
        let user = under_way.waits.as_ref().and_then(|(_, open)| open.user);
        if user.is_none_or(|user| user == signed_in.user.id) {
            Ok(under_way)
        } else {
            Err(Doubt::NothingPushed)
        }
    }))
}

/// Does what comes next. `allowed` is where somebody allows it from, who has just done so.
async fn step(
    app: &App,
    signed_in: &SignedIn,
    under_way: UnderWay,
    allowed: Option<&UserAgent>,
) -> Result<Response, ApiError> {
    let asking = Asking {
        proven_after: under_way
            .waits
            .as_ref()
            .and_then(|(_, open)| open.state.proven_after()),
        allowed: allowed.is_some(),
    };
    let both = (&signed_in.session, &signed_in.user);
    let next = app
        .service
        .next_step(&under_way.client, &under_way.request, Some(both), &asking)
        .await?;
    match next {
        Next::Allowed => {
            // Noted now that nothing is left to prove.
            if let Some(agent) = allowed
                && !under_way.client.registration.first_party
            {
                let caller = signed_in.caller();
                app.service.consent(&caller, &under_way.request, agent).await?;
            }
            authorize::finish(app, &signed_in.reader, signed_in, under_way).await
        }
        Next::Refuse(refusal) => Ok(authorize::refuse(app, &signed_in.reader, &refusal)),
        Next::ProveAgain(_) => Ok(prove(signed_in, &under_way, Field::default(), StatusCode::OK)),
        Next::Ask => Ok(ask(signed_in, &under_way)),
        Next::SignIn => Ok(answer::go_to_sign_in(&signed_in.reader.path)),
    }
}

fn secret(under_way: &UnderWay) -> String {
    let waits = under_way.waits.as_ref();
    waits.map_or_else(String::new, |(secret, _)| secret.expose().to_owned())
}

fn ask(signed_in: &SignedIn, under_way: &UnderWay) -> Response {
    let (client, request) = (&under_way.client, &under_way.request);
    let texts = signed_in.reader.texts();
    let origin = authorize::origin(&request.redirect_uri);
    let ceremony = secret(under_way);
    let page = ConsentPage {
        frame: Frame::of_signed_in(signed_in),
        application: client.name.as_str().to_owned(),
        host: origin.split("://").last().unwrap_or_default().to_owned(),
        scopes: request
            .scopes
            .iter()
            .filter_map(|scope| said(scope, texts))
            .collect(),
        resources: request.resources.clone(),
        is_first_party: client.registration.first_party,
        another: form_urlencoded::byte_serialize(
            format!("{}?ceremony={ceremony}", authorize::PATH).as_bytes(),
        )
        .collect(),
        ceremony,
    };
    answer::leading_to(StatusCode::OK, &page, Some(&origin))
}

fn prove(signed_in: &SignedIn, under_way: &UnderWay, password: Field, status: StatusCode) -> Response {
    let page = ProvePage {
        frame: Frame::of_signed_in(signed_in),
        ceremony: secret(under_way),
        application: under_way.client.name.as_str().to_owned(),
        password,
    };
    answer::leading_to(
        status,
        &page,
        Some(&authorize::origin(&under_way.request.redirect_uri)),
    )
}

/// What a scope lets an application do, in a few words. Of those that let it do nothing nothing is said.
pub(super) fn said(scope: &Scope, texts: &Texts) -> Option<String> {
    let consent = &texts.consent;
    Some(match scope.as_str() {
        scope::OPENID => consent.openid.to_string(),
        scope::PROFILE => consent.profile.to_string(),
        scope::EMAIL => consent.email.to_string(),
        scope::ROLES => consent.roles.to_string(),
        scope::OFFLINE_ACCESS => consent.offline.to_string(),
        "address" | "phone" => return None,
        own => consent.own.with("scope", own).to_string(),
    })
}

pub(super) async fn decide(
    State(app): State<App>,
    ClientInfo(agent): ClientInfo,
    form: SignedForm,
) -> Result<Response, Response> {
    decided(&app, agent, form)
        .await
        .map_err(IntoResponse::into_response)
}

async fn decided(app: &App, agent: UserAgent, form: SignedForm) -> Result<Response, ApiError> {
    let SignedForm {
        mut signed_in,
        fields,
    } = form;
    let under_way = match under_way(app, fields.get("ceremony"), &signed_in).await? {
        Ok(under_way) => under_way,
        Err(doubt) => return Ok(authorize::doubtful(&signed_in.reader, doubt)),
    };
    if let Some(password) = fields.filled("confirm_password") {
        let password = Password::presented(password.to_owned());
        match confirm(app, &mut signed_in, password, agent).await? {
            Ok(()) => return step(app, &signed_in, under_way, None).await,
            Err((field, status)) => return Ok(prove(&signed_in, &under_way, field, status)),
        }
    }
    match fields.get("decision") {
        "allow" => step(app, &signed_in, under_way, Some(&agent)).await,
        "deny" => {
            let Some((_, open)) = &under_way.waits else {
                return Ok(authorize::doubtful(&signed_in.reader, Doubt::NothingPushed));
            };
            match app.service.finish_ceremony(open).await {
                Ok(()) => {}
                Err(CeremonyError::Failed(failure)) => return Err(failure.into()),
                Err(_) => return Ok(authorize::doubtful(&signed_in.reader, Doubt::NothingPushed)),
            }
            let denied = under_way
                .request
                .refuse(AuthorizationError::AccessDenied, "the user did not allow it");
            Ok(authorize::refuse(app, &signed_in.reader, &denied))
        }
        _ => step(app, &signed_in, under_way, None).await,
    }
}

/// Has whoever is signed in prove it once more.
async fn confirm(
    app: &App,
    signed_in: &mut SignedIn,
    password: Password,
    agent: UserAgent,
) -> Result<Result<(), (Field, StatusCode)>, ApiError> {
    let agent = Counted::count(app, agent).await?.into_agent();
    let texts = signed_in.reader.texts();
    let mut field = Field::default();
    let status = match app.service.confirm(&signed_in.caller(), password, agent).await {
        Ok(session) => {
            signed_in.session = session;
            return Ok(Ok(()));
        }
        Err(ConfirmError::Refused(LoginError::InvalidCredentials)) => {
            field.wrong(&texts.renewal.wrong);
            StatusCode::UNAUTHORIZED
        }
        Err(ConfirmError::Refused(LoginError::Throttled(throttled))) => {
            field.wrong(fields::throttled(throttled, texts));
            StatusCode::TOO_MANY_REQUESTS
        }
        Err(ConfirmError::SessionOver | ConfirmError::OnBehalf) => {
            return Err(ApiError::forbidden(
                crate::http::ErrorCode::InsufficientScope,
                "Only the account's owner confirms a sign-in",
            ));
        }
        Err(ConfirmError::Refused(LoginError::Failed(failure)) | ConfirmError::Failed(failure)) => {
            return Err(failure.into());
        }
    };
    Ok(Err((field, status)))
}
