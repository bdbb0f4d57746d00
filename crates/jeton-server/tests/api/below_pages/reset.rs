use std::time::{Duration, Instant};

use jeton_server::{
    model::{
        ceremony::CeremonySecret,
        password::{NewPassword, Password},
        reset_code::ResetCode,
        username::PresentedName,
    },
    service::{
        accounts::reset::{FinishResetError, ResetPasswordError},
        ceremonies::Begun,
    },
};
use serde_json::json;

use super::agent;
use crate::actors::{Actor, Server, SignedIn};

const NEW: &str = "a brand new passphrase";

async fn code_for(server: &Server, user: &SignedIn) -> String {
    let admin = server.admin("boss").await;
    let path = format!("/admin/users/{}/password-reset", user.id);
    let issued = admin.post(&path, &json!({})).await;
    issued.assert_status(200);
    issued.text("code").to_owned()
}

async fn begin(server: &Server, username: &str, code: &str) -> Result<Begun, ResetPasswordError> {
    let name = PresentedName::new(username.to_owned());
    let code = ResetCode::presented(code.to_owned());
    server.service().begin_reset(&name, &code, &agent()).await
}

async fn finish(server: &Server, secret: &CeremonySecret, password: &str) -> Result<(), FinishResetError> {
    let new = NewPassword::choose(Password::presented(password.to_owned()), 8).unwrap();
    let finished = server.service().finish_reset(secret, new, &agent()).await;
    finished.map(drop)
}

#[tokio::test]
async fn a_code_is_given_at_one_station_and_used_up_at_the_next() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let code = code_for(&server, &romel).await;
    let begun = begin(&server, "romel", &code).await.unwrap();
    assert!(begun.secret.expose().starts_with("jp_"));
    romel.assert_is_in().await;
    let another = server.another_node().await;
    let user = another.service().reset_user(&begun.secret).await.unwrap();
    assert_eq!(user.username.as_str(), "Romel");
    finish(&another, &begun.secret, NEW).await.unwrap();
    server.catches_up().await;
    romel.assert_is_out().await;
    server.visitor().sign_in("Romel", NEW).await.assert_is_in().await;
    let again = finish(&server, &begun.secret, "another passphrase").await;
    assert!(matches!(again, Err(FinishResetError::Used)), "{again:?}");
    let again = begin(&server, "romel", &code).await;
    assert!(matches!(again, Err(ResetPasswordError::InvalidCode)), "{again:?}");
}

#[tokio::test]
async fn wrong_codes_and_unknown_names_are_refused_alike() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let code = code_for(&server, &romel).await;
    for (name, code) in [("romel", "jr_wrong"), ("nobody", &*code), ("\0", &*code)] {
        let began = Instant::now();
        let refused = begin(&server, name, code).await;
        assert!(
            matches!(refused, Err(ResetPasswordError::InvalidCode)),
            "{refused:?}"
        );
        assert!(began.elapsed() >= Duration::from_millis(30));
    }
}

#[tokio::test]
async fn a_reset_says_why_it_cannot_go_on() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let code = code_for(&server, &romel).await;
    let unknown = CeremonySecret::presented("jp_AAAAAAAAAAAAAAAAAAAAAA".to_owned());
    let refused = finish(&server, &unknown, NEW).await;
    assert!(matches!(refused, Err(FinishResetError::Unknown)), "{refused:?}");
    let late = begin(&server, "romel", &code).await.unwrap();
    server.clock().advance(Duration::from_mins(15));
    let refused = finish(&server, &late.secret, NEW).await;
    assert!(matches!(refused, Err(FinishResetError::Expired)), "{refused:?}");
    let weak = begin(&server, "romel", &code).await.unwrap();
    let refused = finish(&server, &weak.secret, "romelromel").await;
    assert!(matches!(refused, Err(FinishResetError::Weak(_))), "{refused:?}");
    let overtaken = begin(&server, "romel", &code).await.unwrap();
    finish(&server, &weak.secret, NEW).await.unwrap();
    let refused = finish(&server, &overtaken.secret, NEW).await;
    assert!(matches!(refused, Err(FinishResetError::CodeOver)), "{refused:?}");
    server.visitor().sign_in("Romel", NEW).await.assert_is_in().await;
}

/// The secret of a set-up sets no password.
#[tokio::test]
async fn a_ceremony_of_another_kind_is_unknown() {
    let server = Server::start().await;
    let secret = server.service().setup_link().await.unwrap().unwrap();
    let refused = finish(&server, &secret, NEW).await;
    assert!(matches!(refused, Err(FinishResetError::Unknown)), "{refused:?}");
}
