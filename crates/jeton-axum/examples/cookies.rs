//! A site without a script: signing in sets cookies, a form carries the CSRF token, signing out ends the
//! token and clears the cookies. Cookies that have little time left are renewed on the way.
//!
//! ```text
//! cargo run -p jeton-axum --example cookies
//! open http://127.0.0.1:3000/
//! ```

use std::{borrow::Cow, error::Error, sync::Arc, time::Duration};

use axum::{
    Form, Router,
    extract::{FromRef, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use jeton::{Algorithm, Claims, SigningKey, Verified};
use jeton_axum::{
    Auth, Bearer, Clock, Identity, MemoryBlocklist, NotIssued, SetCookies, SystemClock, TokenLocation,
    Tokens,
    cookies::{Cookie, CookieMode},
    csrf::Csrf,
};
use serde::{Deserialize, Serialize};

/// For http on this machine. A site on the web takes `CookieMode::Host`.
const MODE: CookieMode = CookieMode::Loopback;
const LIFETIME: Duration = Duration::from_mins(15);

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Access {
    /// The session, which renewed tokens stay in and the CSRF token belongs to.
    sid: String,
}

impl Claims for Access {
    const TYP: &'static str = "at+jwt";
}

struct SignedIn {
    name: String,
    sid: String,
}

impl Identity<Access> for SignedIn {
    fn subject(&self) -> Cow<'_, str> {
        self.name.as_str().into()
    }

    fn claims(&self) -> Access {
        Access {
            sid: self.sid.clone(),
        }
    }
}

#[derive(Clone)]
struct Site {
    auth: Auth<Access>,
    tokens: Tokens<Access>,
    csrf: Csrf,
    ended: MemoryBlocklist,
    clock: Arc<dyn Clock>,
}

impl FromRef<Site> for Auth<Access> {
    fn from_ref(site: &Site) -> Self {
        site.auth.clone()
    }
}

impl Site {
    /// The cookies of a session: the token's, and the CSRF token's.
    fn cookies(&self, name: &str, sid: &str) -> Result<SetCookies, NotIssued> {
        let user = SignedIn {
            name: name.to_owned(),
            sid: sid.to_owned(),
        };
        let token = self.tokens.access_token(&user).create()?;
        let csrf = self.csrf.new_token(sid.as_bytes())?;
        Ok(MODE.signed_in(&token, None, Some(&csrf))?)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "an application's outermost layer is where randomness comes from"
)]
fn random() -> Result<[u8; 16], Box<dyn Error>> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes)?;
    Ok(bytes)
}

async fn front_page(State(site): State<Site>, token: Option<Bearer<Access>>) -> Html<String> {
    let Some(Bearer(token)) = token else {
        return Html(r#"<form method="post" action="/sign-in"><input name="name" placeholder="Your name"><button>Sign in</button></form>"#.to_owned());
    };
    let csrf = site.csrf.new_token(token.claims().sid.as_bytes());
    // Letters and digits alone get in as a name, so nothing has to be escaped.
    Html(format!(
        r#"<p>Hello, {}!</p><form method="post" action="/sign-out"><input type="hidden" name="csrf" value="{}"><button>Sign out</button></form>"#,
        token.subject().unwrap_or_default(),
        csrf.unwrap_or_default(),
    ))
}

#[derive(Deserialize)]
struct SignIn {
    name: String,
}

/// A real site asks for a password here.
async fn sign_in(State(site): State<Site>, Form(SignIn { name }): Form<SignIn>) -> Response {
    if name.is_empty() || !name.chars().all(char::is_alphanumeric) {
        return (StatusCode::UNPROCESSABLE_ENTITY, "Letters and digits, please.").into_response();
    }
    let Ok(sid) = random().map(|bytes| u128::from_be_bytes(bytes).to_string()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let cookies = site.cookies(&name, &sid);
    cookies
        .map(|cookies| (cookies, Redirect::to("/")))
        .into_response()
}

async fn sign_out(State(site): State<Site>, Bearer(token): Bearer<Access>) -> Response {
    // Every token of the session, renewed ones too.
    site.ended.revoke_id(
        &token.claims().sid,
        token.expires_at() + LIFETIME,
        site.clock.now(),
    );
    (MODE.signed_out(), Redirect::to("/")).into_response()
}

pub(crate) fn app(key: SigningKey, clock: impl Clock) -> Result<Router, Box<dyn Error>> {
    let clock: Arc<dyn Clock> = Arc::new(clock);
    let tokens = Tokens::<Access>::new(key, "http://127.0.0.1:3000", "site", Arc::clone(&clock));
    // The token in the form is proof enough: it cannot be made without the secret.
    let csrf = Csrf::new([random()?, random()?].concat(), MODE)?
        .form_field("csrf")
        .without_cookie();
    let ended = MemoryBlocklist::new();
    let list = ended.clone();
    let auth = Auth::new(tokens.verifier(), Arc::clone(&clock))
        .locations([TokenLocation::cookie(MODE.name(Cookie::Access))])
        .csrf(csrf.clone(), |token: &Verified<Access>| {
            Some(token.claims().sid.as_bytes())
        })
        .revocations(move |token: &Verified<Access>| list.status_of(&token.claims().sid));
    let site = Site {
        auth,
        tokens,
        csrf,
        ended,
        clock,
    };
    let renewing = site.clone();
    let auth = site.auth.clone().renewal(LIFETIME / 2, move |old| {
        let name = old.subject().unwrap_or_default();
        let cookies = renewing.cookies(name, &old.claims().sid).unwrap_or_default();
        async move { cookies.into_iter().collect() }
    });
    Ok(Router::new()
        .route("/", get(front_page))
        .route("/sign-out", post(sign_out))
        .route_layer(auth.guard())
        .route("/sign-in", post(sign_in))
        .with_state(site))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let app = app(SigningKey::generate(Algorithm::Hs256)?, SystemClock)?;
    println!("open http://127.0.0.1:3000/");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}
