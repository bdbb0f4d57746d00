use super::{
    super::client::{
        Client,
        registration::{ClientAuthentication, GrantType, Pkce, Registration},
    },
    *,
};
use crate::model::{time::Timestamp, user::UserVersion};

fn client() -> Client {
    Client {
        id: ClientId::from_bytes([1; 16]),
        name: "app".parse().unwrap(),
        scopes: ["openid", "profile", "offline_access", "api:read"]
            .map(|name| name.parse().unwrap())
            .into(),
        version: UserVersion::default(),
        disabled: false,
        created_at: Timestamp::from_seconds(0),
        accepted_until: Timestamp::from_seconds(0),
        registration: Registration {
            grant_types: vec![GrantType::AuthorizationCode],
            redirect_uris: vec!["https://app.example/cb".parse().unwrap()],
            ..Registration::default()
        },
    }
}

const CHALLENGE: &str =
    "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

fn read(client: &Client, query: &str) -> Result<AuthorizationRequest, AuthorizationError> {
    let parameters = Parameters::parse(&format!(
        "response_type=code&redirect_uri=https://app.example/cb&{query}"
    ));
    let certain = Certain::of(&parameters, client).unwrap();
    certain.read(&parameters).map_err(|refusal| refusal.error)
}

fn names(scopes: &[Scope]) -> Vec<&str> {
    scopes.iter().map(Scope::as_str).collect()
}

#[test]
fn scopes_that_a_client_may_not_have_are_left_out() {
    let asked =
        |scope: &str| read(&client(), &format!("{CHALLENGE}&scope={scope}")).map(|request| request.scopes);
    assert_eq!(names(&asked("openid+email+openid").unwrap()), ["openid"]);
    assert_eq!(
        names(&asked("openid+address+phone").unwrap()),
        ["openid", "address", "phone"]
    );
    assert_eq!(
        asked("email+roles").unwrap_err(),
        AuthorizationError::InvalidScope
    );
    let own = read(&client(), CHALLENGE).unwrap();
    assert_eq!(
        names(&own.scopes),
        ["api:read"],
        "what nobody asked for by name is the client's own alone"
    );
}

#[test]
fn an_address_is_left_out_only_where_there_is_one_and_nobody_signs_in() {
    let parameters =
        |scope: &str| Parameters::parse(&format!("response_type=code&{CHALLENGE}&scope={scope}"));
    assert!(Certain::of(&parameters("api:read"), &client()).is_ok());
    assert_eq!(
        Certain::of(&parameters("openid"), &client()).unwrap_err(),
        Doubt::NoRedirect
    );
    let mut two = client();
    two.registration
        .redirect_uris
        .push("https://app.example/two".parse().unwrap());
    assert_eq!(
        Certain::of(&parameters("api:read"), &two).unwrap_err(),
        Doubt::NoRedirect
    );
}

#[test]
fn only_a_confidential_client_registered_so_leaves_out_pkce() {
    let mut old = client();
    assert_eq!(
        read(&old, "scope=openid").unwrap_err(),
        AuthorizationError::InvalidRequest
    );
    old.registration.pkce = Pkce::Optional;
    assert!(read(&old, "scope=openid").unwrap().challenge.is_none());
    assert!(
        read(&old, &format!("scope=openid&{CHALLENGE}"))
            .unwrap()
            .challenge
            .is_some()
    );
    old.registration.authentication = ClientAuthentication::None;
    assert_eq!(
        read(&old, "scope=openid").unwrap_err(),
        AuthorizationError::InvalidRequest
    );
}

#[test]
fn a_parameter_without_a_value_is_none_and_one_that_comes_twice_is_wrong() {
    let parameters = Parameters::parse("a=&b=1&b=2&resource=x&resource=y");
    assert_eq!(parameters.one("a"), Ok(None));
    assert_eq!(parameters.one("b"), Err(Twice));
    assert_eq!(parameters.all("resource").collect::<Vec<_>>(), ["x", "y"]);
    assert!(parameters.twice().is_some());
    assert!(Parameters::parse("resource=x&resource=y").twice().is_none());
}

#[test]
fn resources_are_absolute_addresses() {
    for good in [
        "https://api.example/",
        "https://api.example/v1?tenant=a",
        "http://localhost:8080/mcp",
    ] {
        assert!(is_resource(good), "{good}");
    }
    for bad in [
        "",
        "api",
        "/api",
        "urn:api",
        "https://api.example/#x",
        "https://a@b.example/",
        "ftp://a.example/",
    ] {
        assert!(!is_resource(bad), "{bad}");
    }
}

#[test]
fn what_is_asked_of_the_person_is_read_word_by_word() {
    let prompt = |text| {
        read(&client(), &format!("{CHALLENGE}&scope=openid&prompt={text}")).map(|request| request.prompt)
    };
    let both = prompt("login+consent").unwrap();
    assert!(both.login && both.consent && !both.none && !both.select_account);
    for bad in ["none+login", "create", "LOGIN"] {
        assert_eq!(
            prompt(bad).unwrap_err(),
            AuthorizationError::InvalidRequest,
            "{bad}"
        );
    }
}
