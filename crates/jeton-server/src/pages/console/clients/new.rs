use askama::Template;
use axum::{extract::State, response::Response};
use http::{HeaderMap, StatusCode};

use super::{form::Registering, outcome::ShownSecret};
use crate::{
    http::{ApiError, App, middleware::same_site::reached_at},
    model::{
        client::{change::NewClient, registration::GrantType},
        id::ClientId,
    },
    pages::{
        answer,
        console::frame::{Place, frame},
        fields::Field,
        frame::Frame,
        request::{AdminForm, AdminPage},
    },
    service::clients::administration::ClientActError,
};

#[derive(Template)]
#[template(path = "console/client_new.html")]
struct NewClientPage {
    frame: Frame,
    name: Field,
    registering: Registering,
}

#[derive(Template)]
#[template(path = "console/client_made.html")]
struct MadePage {
    frame: Frame,
    name: String,
    id: ClientId,
    secret: Option<ShownSecret>,
    /// The URL at which the client gets tokens for itself, if it may.
    endpoint: Option<String>,
    issuer: String,
}

pub(super) async fn show(admin: AdminPage) -> Response {
    let page = NewClientPage {
        frame: frame(&admin.signed_in, Place::Clients),
        name: Field::default(),
        registering: Registering::default(),
    };
    answer::page(StatusCode::OK, &page)
}

pub(super) async fn create(
    State(app): State<App>,
    headers: HeaderMap,
    form: AdminForm,
) -> Result<Response, ApiError> {
    let mut page = NewClientPage {
        frame: frame(&form.signed_in, Place::Clients),
        name: Field::new(form.fields.get("name").trim()),
        registering: Registering::typed(&form.fields),
    };
    let Some(new) = page.read() else {
        return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    match app.service.clients(&form.administrator).create(new).await {
        Ok(made) => {
            let client = made.client;
            app.service.prepare_for(&client).await;
            let page = MadePage {
                frame: page.frame,
                name: client.name.as_str().to_owned(),
                id: client.id,
                secret: made.secret.map(|secret| ShownSecret::new(&client, &secret)),
                endpoint: client
                    .registration
                    .allows(GrantType::ClientCredentials)
                    .then(|| format!("{}/oauth/token", reached_at(&headers, &app.browser))),
                issuer: app.service.rules().issuer.clone(),
            };
            Ok(answer::page(StatusCode::CREATED, &page))
        }
        Err(ClientActError::Refused(error)) => {
            page.registering.refuse(&error, page.frame.t);
            Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(ClientActError::NameTaken) => {
            page.name.wrong(&page.frame.t.console.clients.name_taken);
            Ok(answer::page(StatusCode::CONFLICT, &page))
        }
        Err(error) => Err(error.into()),
    }
}

impl NewClientPage {
    /// Reads the form; what is wrong with it stands at its fields then.
    fn read(&mut self) -> Option<NewClient> {
        let texts = self.frame.t;
        let name = self.name.value.parse();
        let name = name.map_err(|_| self.name.wrong(&texts.console.clients.wrong_name));
        let registering = self.registering.read(&[], texts);
        let (name, (scopes, registration)) = (name.ok()?, registering?);
        Some(NewClient {
            name,
            scopes,
            registration,
        })
    }
}
