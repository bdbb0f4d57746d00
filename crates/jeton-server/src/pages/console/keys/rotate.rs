use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use jeton::Algorithm;

use super::{Line, refusal};
use crate::{
    http::{ApiError, App, ErrorCode},
    model::key::Purpose,
    pages::{
        answer,
        console::frame::{Place, frame},
        fields::Field,
        frame::Frame,
        request::{AdminForm, AdminPage, SignedIn},
        texts::Text,
    },
    service::{
        accounts::admin::Administrator,
        keys::{KeyActError, Plan},
        machinery::id_tokens::algorithm_of,
    },
};

/// The plan of a rotation, and what it takes to carry it out.
#[derive(Template)]
#[template(path = "console/key_rotate.html")]
struct RotatePage {
    frame: Frame,
    purpose: Purpose,
    /// The key that signs now, whose name an emergency asks for.
    signer: Option<String>,
    /// The plan; or why there is none now.
    plan: Result<Plan, String>,
    algorithms: Vec<&'static str>,
    kid: Field,
}

impl RotatePage {
    async fn load(
        app: &App,
        signed_in: &SignedIn,
        by: &Administrator,
        purpose: Purpose,
    ) -> Result<Self, ApiError> {
        let administration = app.service.key_administration(by.actor());
        let line = Line::of(purpose, &administration.list().await?, signed_in.reader.now);
        let plan = match administration.plan(purpose, false).await {
            Ok(plan) => Ok(plan),
            Err(error) => Err(refusal::told(error, signed_in.reader.texts())?.1),
        };
        Ok(Self {
            frame: frame(signed_in, Place::Keys),
            purpose,
            signer: line.signer().map(|lane| lane.kid.clone()),
            plan,
            algorithms: algorithms(purpose).map(Algorithm::name).collect(),
            kid: Field::default(),
        })
    }

    fn refused(mut self, error: KeyActError) -> Result<Response, ApiError> {
        let (status, text) = refusal::told(error, self.frame.t)?;
        self.plan = Err(text);
        Ok(answer::page(status, &self))
    }

    /// The reach of an emergency: the uses of the lost key that end.
    fn emergency_reach(&self) -> &'static Text {
        let texts = &self.frame.t.console.keys;
        match self.purpose {
            Purpose::Refresh => &texts.emergency_refresh,
            Purpose::Playground => &texts.emergency_playground,
            Purpose::IdToken(_) => &texts.emergency_id,
            Purpose::Access | Purpose::Root => &texts.emergency_access,
        }
    }
}

pub(super) async fn show(
    State(app): State<App>,
    Path(name): Path<String>,
    admin: AdminPage,
) -> Result<Response, ApiError> {
    let page = RotatePage::load(&app, &admin.signed_in, &admin.administrator, purpose(&name)?).await?;
    Ok(answer::page(StatusCode::OK, &page))
}

pub(super) async fn rotate(
    State(app): State<App>,
    Path(name): Path<String>,
    form: AdminForm,
) -> Result<Response, ApiError> {
    let purpose = purpose(&name)?;
    let mut page = RotatePage::load(&app, &form.signed_in, &form.administrator, purpose).await?;
    let emergency = form.fields.get("act") == "emergency";
    if emergency {
        page.kid = Field::new(form.fields.get("kid").trim());
        if page.signer.as_ref() != Some(&page.kid.value) {
            page.kid.wrong(&page.frame.t.console.keys.other_kid);
            return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
    }
    let named = form.fields.get("algorithm");
    let algorithm = algorithms(purpose).find(|algorithm| algorithm.name() == named);
    let rotated = app
        .service
        .rotate_key(&form.administrator, purpose, algorithm, emergency);
    match rotated.await {
        Ok(_) if emergency => Ok(answer::go_to("/console/keys?done=given_up")),
        Ok(_) => Ok(answer::go_to("/console/keys?done=rotated")),
        Err(error) => page.refused(error),
    }
}

/// The algorithms that a purpose's key may have: a refresh token is for this service alone, others verify the rest, and
/// clients have registered for one of ID tokens.
fn algorithms(purpose: Purpose) -> impl Iterator<Item = Algorithm> {
    let fits = move |algorithm: &Algorithm| match purpose {
        Purpose::Refresh => algorithm.is_symmetric(),
        Purpose::IdToken(alg) => *algorithm == algorithm_of(alg),
        Purpose::Access | Purpose::Playground | Purpose::Root => !algorithm.is_symmetric(),
    };
    Algorithm::ALL.iter().copied().filter(fits)
}

fn purpose(name: &str) -> Result<Purpose, ApiError> {
    Purpose::signing(name).ok_or_else(|| {
        let message = "There are no keys of this purpose";
        ApiError::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, message)
    })
}
