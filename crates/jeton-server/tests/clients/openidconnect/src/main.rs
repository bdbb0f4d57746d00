//! The `openidconnect` crate as a client: it does what each line of its input says, and says in one line what came of
//! it. A person's browser stands on the other side.

use std::{env, error::Error, io, iter};

use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, RefreshToken, Scope, TokenResponse,
    core::{CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreUserInfoClaims},
};

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;
type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let variable = |name| env::var(name).map_err(|error| format!("{name}: {error}"));
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .new_agent();
    let ask = |request: HttpRequest| send(&agent, request);
    let metadata = ProviderMetadataWithLogout::discover(&IssuerUrl::new(variable("ISSUER")?)?, &ask)?;
    let end_session = metadata.additional_metadata().end_session_endpoint.clone();
    let secret = ClientSecret::new(variable("CLIENT_SECRET")?);
    let client =
        CoreClient::from_provider_metadata(metadata, ClientId::new(variable("CLIENT_ID")?), Some(secret))
            .set_redirect_uri(RedirectUrl::new(variable("CALLBACK")?)?);

    let mut kept = None;
    let mut lines = io::stdin().lines();
    while let Some(line) = lines.next().transpose()? {
        let said = match (line.as_str(), &kept) {
            ("sign-in", _) => {
                let answer = iter::from_fn(|| lines.next()?.ok());
                match sign_in(&client, &ask, answer) {
                    Ok((name, signed_in)) => {
                        kept = Some(signed_in);
                        format!("signed in as {name}")
                    }
                    Err(error) => format!("refused: {}", causes(&*error)),
                }
            }
            ("refresh", Some(signed_in)) => {
                let answer = client
                    .exchange_refresh_token(&signed_in.refresh_token)?
                    .request(&ask)?;
                let (before, after) = (&signed_in.refresh_token, answer.refresh_token());
                let about: CoreUserInfoClaims = client
                    .user_info(answer.access_token().clone(), None)?
                    .request(&ask)?;
                let is_new = after.is_some_and(|after| after.secret() != before.secret());
                format!("refreshed {is_new} {}", name(&about))
            }
            ("sign-out", Some(signed_in)) => {
                let end_session = end_session.clone().ok_or("no end_session_endpoint")?;
                let request = LogoutRequest::from(end_session)
                    .set_id_token_hint(&signed_in.id_token)
                    .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(variable("BYE")?)?);
                request.http_get_url().to_string()
            }
            _ => return Err(format!("{line}?").into()),
        };
        println!("{said}");
    }
    Ok(())
}

struct SignedIn {
    id_token: CoreIdToken,
    refresh_token: RefreshToken,
}

/// Says where the person has to go, and reads where they came back to.
fn sign_in(
    client: &Client,
    ask: &impl Fn(HttpRequest) -> Result<HttpResponse, ureq::Error>,
    mut answers: impl Iterator<Item = String>,
) -> Outcome<(String, SignedIn)> {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let (url, state, nonce) = client
        .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(["profile", "email", "offline_access"].map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(challenge)
        .url();
    println!("{url}");
    let answer = openidconnect::url::Url::parse(&answers.next().ok_or("no answer")?)?;
    let member = |name: &str| {
        let found = answer.query_pairs().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.into_owned())
            .ok_or(format!("no {name} in {answer}"))
    };
    if member("state")? != *state.secret() {
        return Err("another state".into());
    }
    let tokens = client
        .exchange_code(AuthorizationCode::new(member("code")?))?
        .set_pkce_verifier(verifier)
        .request(ask)?;
    let id_token = tokens.id_token().ok_or("no ID token")?;
    let claims = id_token.claims(&client.id_token_verifier(), &nonce)?;
    let subject = Some(claims.subject().clone());
    let about: CoreUserInfoClaims = client
        .user_info(tokens.access_token().clone(), subject)?
        .request(ask)?;
    let signed_in = SignedIn {
        id_token: id_token.clone(),
        refresh_token: tokens.refresh_token().ok_or("no refresh token")?.clone(),
    };
    Ok((name(&about), signed_in))
}

fn name(about: &CoreUserInfoClaims) -> String {
    about
        .preferred_username()
        .map(|name| name.to_string())
        .unwrap_or_default()
}

fn send(agent: &ureq::Agent, request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
    let (parts, mut body) = agent.run(request)?.into_parts();
    Ok(HttpResponse::from_parts(parts, body.read_to_vec()?))
}

/// An error with those that caused it.
fn causes(error: &dyn Error) -> String {
    let all = iter::successors(Some(error), |error| (*error).source());
    all.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
