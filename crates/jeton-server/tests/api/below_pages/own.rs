use std::time::Duration;

use jeton_server::{
    model::{
        email::EmailAddress, locale::Locale, password::Password, session::EndReason, username::Username,
    },
    service::{
        accounts::own::OwnError,
        caller::{Caller, NotRecent, RecentCaller},
        tokens::explain::WhyOver,
    },
};
use serde_json::{Value, json};

use super::{agent, caller};
use crate::actors::{Actor, Server, SignedIn};

async fn recent(server: &Server, user: &SignedIn) -> RecentCaller {
    let caller = caller(server, user).await;
    server.service().recent_caller(&caller).unwrap()
}

/// The caller of a token that an administrator made for this user.
async fn on_behalf(server: &Server, user: &SignedIn) -> Caller {
    let admin = server.admin("boss").await;
    let body = json!({ "username": user.username });
    let made = admin.post("/set-jwt", &body).await;
    made.assert_status(200);
    let sessions = server
        .service()
        .live_sessions(user.id.parse().unwrap())
        .await
        .unwrap();
    let acting = sessions.iter().find(|session| session.actor.is_some()).unwrap();
    Caller::of_session(acting)
}

#[tokio::test]
async fn changes_ask_for_a_sign_in_a_short_time_ago() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let service = server.service();
    recent(&server, &romel).await;
    server
        .clock()
        .advance(Duration::from_mins(15) + Duration::from_secs(1));
    let signed_in = caller(&server, &romel).await;
    assert_eq!(
        service.recent_caller(&signed_in).unwrap_err(),
        NotRecent::TooLongAgo
    );
    let password = Password::presented(romel.password.clone());
    service.confirm(&signed_in, password, agent()).await.unwrap();
    recent(&server, &romel).await;
    let acting = on_behalf(&server, &romel).await;
    assert_eq!(service.recent_caller(&acting).unwrap_err(), NotRecent::OnBehalf);
    let refused = service.set_locale(&acting, None, &agent()).await;
    assert!(matches!(refused, Err(OwnError::OnBehalf)), "{refused:?}");
    let refused = service.own_data(&acting).await;
    assert!(matches!(refused, Err(OwnError::OnBehalf)), "{refused:?}");
}

#[tokio::test]
async fn a_user_changes_address_name_and_language() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let service = server.service();
    let owner = recent(&server, &romel).await;
    let address: EmailAddress = "romel@example.org".parse().unwrap();
    let user = service
        .change_email(&owner, Some(address), &agent())
        .await
        .unwrap();
    assert_eq!(user.email.unwrap().as_str(), "romel@example.org");
    let user = service
        .set_locale(&owner, Some(Locale::German), &agent())
        .await
        .unwrap();
    assert_eq!(user.locale, Some(Locale::German));
    server.signed_up("john").await;
    let taken = Username::parse("John").unwrap();
    let refused = service.change_username(&owner, taken, &agent()).await;
    assert!(matches!(refused, Err(OwnError::UsernameTaken)), "{refused:?}");
    let name = Username::parse("Rómulo").unwrap();
    service.change_username(&owner, name, &agent()).await.unwrap();
    romel
        .get("/protected")
        .await
        .assert_error(401, "token_revoked", "Token has been revoked");
    romel.renew().await;
    let profile = romel.get("/profile").await;
    assert_eq!(profile.json["username"], "Rómulo");
    let login = server.visitor().login("rómulo", &romel.password).await;
    login.assert_status(200);
    let login = server.visitor().login("Romel", &romel.password).await;
    login.assert_error(401, "invalid_credentials", "Invalid username or password");
}

#[tokio::test]
async fn a_user_sees_how_far_an_act_reaches_and_why_sessions_ended() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let other = romel.another_session().await;
    let service = server.service();
    let owner = caller(&server, &romel).await;
    let reach = service.own_reach(&owner).await.unwrap();
    assert_eq!((reach.sessions, reach.on_behalf), (2, 0));
    server.clock().advance(Duration::from_mins(1));
    romel
        .delete(&format!("/sessions/{}", other.session()))
        .await
        .assert_status(200);
    let sessions = service.own_sessions(owner.user(), 10).await.unwrap();
    let [mine, ended] = &sessions[..] else {
        panic!("{sessions:?}")
    };
    assert_eq!(mine.session.id, owner.session());
    assert!(mine.over.is_none() && mine.cause.is_none());
    assert_eq!(mine.opened.as_ref().unwrap().action, "login.succeeded");
    assert_eq!(ended.session.id.to_string(), other.session());
    assert_eq!(ended.over, Some(WhyOver::Ended(EndReason::EndedByOwner)));
    let cause = ended.cause.as_ref().unwrap();
    assert_eq!(Some(cause.at), ended.session.ended_at);
}

#[tokio::test]
async fn events_come_in_pages_without_what_identifies_others() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    on_behalf(&server, &romel).await;
    let service = server.service();
    let owner = caller(&server, &romel).await;
    let all = service.own_events(&owner, None, 100).await.unwrap();
    let actions: Vec<_> = all.iter().map(|event| &*event.action).collect();
    assert_eq!(actions, ["login.on_behalf", "login.succeeded", "user.registered"]);
    assert!(all[0].personal.is_none(), "the administrator's device");
    assert!(all[1].personal.is_some());
    let first = service.own_events(&owner, None, 1).await.unwrap();
    let rest = service
        .own_events(&owner, Some(first[0].number), 100)
        .await
        .unwrap();
    assert_eq!(rest, all[1..]);
}

#[tokio::test]
async fn a_user_is_given_everything_that_is_kept_but_secrets() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let other = romel.another_session().await;
    other.post("/logout", &json!({})).await.assert_status(200);
    let service = server.service();
    let owner = caller(&server, &romel).await;
    let data = service.own_data(&owner).await.unwrap();
    let json = serde_json::to_value(&data).unwrap();
    assert_eq!(json["username"], "Romel");
    assert_eq!(json["sessions"].as_array().unwrap().len(), 2);
    assert_eq!(json["sessions"][1]["end_reason"], "logout");
    assert_eq!(json["created_at"], "2026-01-02T03:04:05Z");
    let events = json["events"].as_array().unwrap();
    let actions: Vec<&Value> = events.iter().map(|event| &event["action"]).collect();
    assert_eq!(
        actions,
        [
            "session.ended",
            "login.succeeded",
            "login.succeeded",
            "user.registered"
        ]
    );
    assert_eq!(events[3]["personal"]["username"], "Romel");
    let text = json.to_string();
    assert!(!text.contains("$argon2id$v=19$m=64,t=1,p=1$"), "{text}");
    for secret in [&romel.refresh, &romel.access, &romel.password] {
        assert!(!text.contains(secret.as_str()));
    }
}

#[tokio::test]
async fn a_user_deletes_themselves_and_the_last_administrator_does_not() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let admin = server.admin("boss").await;
    let service = server.service();
    let last = recent(&server, &admin).await;
    let refused = service.delete_own_account(&last).await;
    assert!(matches!(refused, Err(OwnError::LastAdmin)), "{refused:?}");
    let owner = recent(&server, &romel).await;
    service.delete_own_account(&owner).await.unwrap();
    romel
        .get("/protected")
        .await
        .assert_error(401, "token_revoked", "Token has been revoked");
    let login = server.visitor().login("Romel", &romel.password).await;
    login.assert_error(401, "invalid_credentials", "Invalid username or password");
    let again = service.delete_own_account(&owner).await;
    assert!(matches!(again, Err(OwnError::UserGone)), "{again:?}");
    server.signed_up("Romel").await;
}
