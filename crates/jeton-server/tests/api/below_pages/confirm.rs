use std::time::Duration;

use jeton_server::{
    model::password::Password,
    service::accounts::{confirm::ConfirmError, login::LoginError},
};

use super::{agent, caller};
use crate::actors::{Server, SignedIn, claims_of};

async fn confirm(server: &Server, user: &SignedIn, password: &str) -> Result<i64, ConfirmError> {
    let caller = caller(server, user).await;
    let password = Password::presented(password.to_owned());
    let session = server.service().confirm(&caller, password, agent()).await?;
    Ok(session.authenticated_at.seconds())
}

#[tokio::test]
async fn tokens_name_the_time_of_the_last_proof() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let signed_in = server.clock().seconds();
    assert_eq!(claims_of(&romel.access)["auth_time"], signed_in);
    server.clock().advance(Duration::from_mins(10));
    romel.renew().await;
    assert_eq!(claims_of(&romel.access)["auth_time"], signed_in);
    let password = romel.password.clone();
    let confirmed = confirm(&server, &romel, &password).await.unwrap();
    assert_eq!(confirmed, server.clock().seconds());
    server.clock().advance(Duration::from_mins(1));
    romel.renew().await;
    assert_eq!(claims_of(&romel.access)["auth_time"], confirmed);
    romel.assert_is_in().await;
}

#[tokio::test]
async fn an_administrator_who_confirms_may_change_something_again() {
    let server = Server::start().await;
    let admin = server.admin("boss").await;
    server.clock().advance(Duration::from_mins(16));
    let session = caller(&server, &admin).await;
    let service = server.service();
    assert!(service.recent_administrator(&session, &agent()).await.is_err());
    let password = admin.password.clone();
    confirm(&server, &admin, &password).await.unwrap();
    let session = caller(&server, &admin).await;
    assert!(service.recent_administrator(&session, &agent()).await.is_ok());
}

#[tokio::test]
async fn a_wrong_password_confirms_nothing_and_counts_against_its_session() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let other = romel.another_session().await;
    for _ in 0..10 {
        let refused = confirm(&server, &romel, "not the password").await;
        assert!(
            matches!(
                refused,
                Err(ConfirmError::Refused(LoginError::InvalidCredentials))
            ),
            "{refused:?}"
        );
    }
    let refused = confirm(&server, &romel, &romel.password).await;
    assert!(
        matches!(refused, Err(ConfirmError::Refused(LoginError::Throttled(_)))),
        "{refused:?}"
    );
    confirm(&server, &other, &other.password).await.unwrap();
    server.clock().advance(Duration::from_mins(20));
    confirm(&server, &romel, &romel.password).await.unwrap();
}

#[tokio::test]
async fn nobody_confirms_a_session_that_is_over() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let caller = caller(&server, &romel).await;
    let other = romel.another_session().await;
    server.visitor().sign_in("Romel", &romel.password).await;
    let path = format!("/sessions/{}", romel.session());
    crate::actors::Actor::delete(&other, &path)
        .await
        .assert_status(200);
    let password = Password::presented(romel.password.clone());
    let refused = server.service().confirm(&caller, password, agent()).await;
    assert!(matches!(refused, Err(ConfirmError::SessionOver)), "{refused:?}");
}
