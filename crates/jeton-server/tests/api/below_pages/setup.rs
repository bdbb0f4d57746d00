use std::time::Duration;

use jeton_server::{
    model::{
        ceremony::CeremonySecret,
        password::{NewPassword, Password},
        username::Username,
    },
    service::{
        accounts::{login::SignedIn, register::Registration, setup::SetUpError},
        sessions::signed_in::SignedInSession,
    },
};

use super::agent;
use crate::actors::Server;

const PASSWORD: &str = "a passphrase of my own";

fn registration(username: &str, password: &str) -> Registration {
    Registration {
        username: Username::parse(username).unwrap(),
        email: None,
        password: NewPassword::choose(Password::presented(password.to_owned()), 8).unwrap(),
    }
}

async fn set_up(server: &Server, secret: &CeremonySecret, username: &str) -> Result<SignedIn, SetUpError> {
    let registration = registration(username, PASSWORD);
    server.service().set_up(secret, registration, &agent()).await
}

#[tokio::test]
async fn a_link_makes_the_first_administrator_and_signs_them_in() {
    let server = Server::with(&[("registration", "closed")]).await;
    let secret = server.service().setup_link().await.unwrap().unwrap();
    assert!(secret.expose().starts_with("js_"));
    let another_node = server.another_node().await;
    let another = another_node.service().setup_link().await.unwrap().unwrap();
    assert_ne!(secret.expose(), another.expose());
    // The start of another node shows the only link that is good from then on.
    let replaced = server.service().check_setup_link(&secret).await;
    assert!(matches!(replaced, Err(SetUpError::InvalidLink)), "{replaced:?}");
    server.clock().advance(Duration::from_hours(24 * 365));
    let presented = CeremonySecret::presented(another.expose().to_owned());
    another_node.service().check_setup_link(&presented).await.unwrap();
    let signed_in = set_up(&another_node, &presented, "boss").await.unwrap();
    let refresh = signed_in.pair.refresh.unwrap();
    let found = server.service().signed_in_session(&refresh).await.unwrap();
    let SignedInSession::Live { user, session } = found else {
        panic!("{found:?}")
    };
    assert!(user.is_active_admin());
    assert_eq!(session.device.name(), "Firefox on Linux");
    let access = &signed_in.pair.access;
    let users = server.visitor().get_with("/admin/users", access).await;
    users.assert_status(200);
    let boss = server.visitor().sign_in("boss", PASSWORD).await;
    boss.assert_is_in().await;
    for secret in [secret, another] {
        let refused = set_up(&server, &secret, "chief").await;
        assert!(
            matches!(refused, Err(SetUpError::AdministratorExists)),
            "{refused:?}"
        );
    }
    assert!(server.service().setup_link().await.unwrap().is_none());
}

#[tokio::test]
async fn nobody_is_hashed_for_without_a_link() {
    let server = Server::start().await;
    let secret = CeremonySecret::presented("js_AAAAAAAAAAAAAAAAAAAAAA".to_owned());
    let before = server.service().hashes_computed();
    let refused = set_up(&server, &secret, "boss").await;
    assert!(matches!(refused, Err(SetUpError::InvalidLink)), "{refused:?}");
    assert_eq!(server.service().hashes_computed(), before);
}

#[tokio::test]
async fn a_weak_password_and_a_taken_name_leave_the_link_good() {
    let server = Server::start().await;
    server.signed_up("Romel").await;
    let secret = server.service().setup_link().await.unwrap().unwrap();
    let weak = registration("the-boss-of-all", "the-boss-of-all");
    let refused = server.service().set_up(&secret, weak, &agent()).await;
    assert!(matches!(refused, Err(SetUpError::WeakPassword(_))), "{refused:?}");
    let refused = set_up(&server, &secret, "romel").await;
    assert!(matches!(refused, Err(SetUpError::UsernameTaken)), "{refused:?}");
    set_up(&server, &secret, "boss").await.unwrap();
}
