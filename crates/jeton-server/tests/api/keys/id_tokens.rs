//! Keys that sign ID tokens: made when a client first needs one, published for as long as others keep the key set, and
//! only then used.

use std::time::Duration;

use jeton::Algorithm;
use jeton_server::{
    model::{
        audit::{Action, Actor as Author, Event},
        client::{
            Client, ClientSecret,
            registration::{GrantType, IdTokenAlg, Registration},
        },
        id::{ClientId, SessionId, UserId},
        key::{Purpose, Refusal},
        user::UserVersion,
    },
    service::{
        keys::{IdTokenError, KeyActError},
        machinery::{
            clock::Clock,
            id_tokens::{IdTokenClaims, NotSigning, Statement},
        },
    },
};
use serde_json::{Map, json};

use super::{AGE, HEARD, kid, pass, published};
use crate::actors::{Actor, Server, header_of};

const RSA: Purpose = Purpose::IdToken(IdTokenAlg::Rs256);

/// An ID token for a client of this algorithm, about nobody.
async fn id_token(server: &Server, alg: IdTokenAlg) -> Result<String, IdTokenError> {
    let claims = IdTokenClaims {
        subject: "019b0000-0000-7000-8000-00000000000a".parse::<UserId>().unwrap(),
        client_id: "http://localhost:5000",
        session: "019b0000-0000-7000-8000-00000000000b"
            .parse::<SessionId>()
            .unwrap(),
        auth_time: None,
        nonce: None,
        acr: None,
        amr: &[],
        access_token: None,
        about_user: Map::new(),
    };
    let now = server.clock().now();
    server.service().id_token(alg, &claims, now).await
}

/// The seconds until a key signs that is waited for.
async fn wait(server: &Server, alg: IdTokenAlg) -> i64 {
    match id_token(server, alg).await {
        Err(IdTokenError::NotSigning(NotSigning::NotYet { until, .. })) => {
            until.seconds() - server.clock().seconds()
        }
        outcome => panic!("{outcome:?}"),
    }
}

/// The names, purposes and states of all keys for ID tokens, the newest first.
async fn own_keys(server: &Server) -> Vec<(String, String, &'static str)> {
    let keys = server
        .service()
        .key_administration(Author::CommandLine)
        .list()
        .await
        .unwrap();
    let own = keys
        .into_iter()
        .filter(|(key, _)| matches!(key.purpose, Purpose::IdToken(_)));
    own.map(|(key, phase)| (key.kid, key.purpose.to_string(), phase.as_str()))
        .collect()
}

/// A client that people sign in to, with ID tokens of ES256.
async fn application(server: &Server) {
    let now = server.clock().now();
    let client = Client {
        id: ClientId::new(now, [7; 10]),
        name: "grafana".parse().unwrap(),
        scopes: Vec::new(),
        version: UserVersion::default(),
        disabled: false,
        created_at: now.into(),
        accepted_until: now.into(),
        registration: Registration {
            grant_types: vec![GrantType::AuthorizationCode],
            ..Registration::default()
        },
    };
    let event = Event::new(Action::ClientCreated, client.created_at).user(client.id.subject());
    let secret = ClientSecret::new([7; 32]).digest();
    let made = server
        .service()
        .store()
        .create_client(&client, &secret, &event)
        .await;
    assert!(made.unwrap());
}

#[tokio::test]
async fn the_key_is_published_at_once_and_signs_when_everybody_has_it() {
    let server = Server::start().await;
    assert!(own_keys(&server).await.is_empty());
    let access = published(&server).await;
    server.service().need_id_key(IdTokenAlg::Rs256).await.unwrap();
    let [(new, purpose, state)] = &own_keys(&server).await[..] else {
        panic!("one key")
    };
    assert_eq!((&**purpose, *state), ("id-rs256", "pending"));
    assert_eq!(published(&server).await.len(), 2);
    assert!(published(&server).await.contains(new));
    assert_eq!(wait(&server, IdTokenAlg::Rs256).await, 340);
    server.service().need_id_key(IdTokenAlg::Rs256).await.unwrap();
    assert_eq!(own_keys(&server).await.len(), 1, "there is one");

    pass(&server, Duration::from_secs(339)).await;
    assert_eq!(wait(&server, IdTokenAlg::Rs256).await, 1);
    pass(&server, Duration::from_secs(1)).await;
    let token = id_token(&server, IdTokenAlg::Rs256).await.unwrap();
    assert_eq!(
        header_of(&token),
        json!({ "alg": "RS256", "typ": "JWT", "kid": new })
    );
    let romel = server.signed_up("Romel").await;
    assert_eq!(
        std::slice::from_ref(&kid(&romel.access)),
        access,
        "access tokens keep theirs"
    );
}

#[tokio::test]
async fn the_wait_is_as_long_as_others_may_keep_the_key_set() {
    let server = Server::with(&[("jwks-max-age", "1h")]).await;
    server.service().need_id_key(IdTokenAlg::EdDsa).await.unwrap();
    assert_eq!(wait(&server, IdTokenAlg::EdDsa).await, 3640);
}

#[tokio::test]
async fn id_tokens_of_es256_need_no_key_but_that_of_access_tokens() {
    let server = Server::start().await;
    server.service().need_id_key(IdTokenAlg::Es256).await.unwrap();
    assert!(own_keys(&server).await.is_empty());
    let romel = server.signed_up("Romel").await;
    let token = id_token(&server, IdTokenAlg::Es256).await.unwrap();
    assert_eq!(kid(&token), kid(&romel.access));
}

#[tokio::test]
async fn of_nodes_that_need_it_at_once_one_makes_it() {
    let here = Server::start().await;
    let there = here.another_node().await;
    let (one, other) = tokio::join!(
        here.service().need_id_key(IdTokenAlg::EdDsa),
        there.service().need_id_key(IdTokenAlg::EdDsa)
    );
    one.unwrap();
    other.unwrap();
    assert_eq!(own_keys(&here).await.len(), 1);
    for node in [&here, &there] {
        node.catches_up().await;
        assert_eq!(published(node).await, published(&here).await);
        assert_eq!(wait(node, IdTokenAlg::EdDsa).await, 340);
    }
}

#[tokio::test]
async fn it_is_rotated_and_given_up_as_every_other() {
    let server = Server::start().await;
    let refused = rotate(&server, None).await.unwrap_err();
    assert!(
        matches!(refused, KeyActError::Refused(Refusal::NotNeeded(RSA))),
        "{refused}"
    );
    server.service().need_id_key(IdTokenAlg::Rs256).await.unwrap();
    let refused = rotate(&server, Some(Algorithm::Ps256)).await.unwrap_err();
    assert!(matches!(refused, KeyActError::NotForIdTokens { .. }), "{refused}");
    let refused = rotate(&server, None).await.unwrap_err();
    assert!(
        matches!(refused, KeyActError::Refused(Refusal::Pending { .. })),
        "{refused}"
    );

    // Given up before it signed, it is as if there had been none; and the next that needs one makes it.
    let (given_up, ..) = own_keys(&server).await.remove(0);
    let keys = server.service().key_administration(Author::CommandLine);
    keys.retire(&given_up).await.unwrap();
    server.catches_up().await;
    assert!(!published(&server).await.contains(&given_up));
    assert_eq!(wait(&server, IdTokenAlg::Rs256).await, 340);
    pass(&server, AGE + HEARD).await;
    let before = id_token(&server, IdTokenAlg::Rs256).await.unwrap();

    let new = rotate(&server, None).await.unwrap();
    pass(&server, AGE + HEARD).await;
    let after = id_token(&server, IdTokenAlg::Rs256).await.unwrap();
    assert_eq!(kid(&after), new);
    assert!(published(&server).await.contains(&kid(&before)));
    server.service().read_id_token_hint(&before).unwrap();
    // An access token's lifetime, and a little.
    pass(&server, Duration::from_secs(970)).await;
    assert!(!published(&server).await.contains(&kid(&before)));
    server.service().read_id_token_hint(&before).unwrap_err();
    server.service().read_id_token_hint(&after).unwrap();
}

async fn rotate(server: &Server, algorithm: Option<Algorithm>) -> Result<String, KeyActError> {
    let keys = server.service().key_administration(Author::CommandLine);
    let plan = keys
        .rotate(server.service().sealer(), RSA, algorithm, false)
        .await?;
    server.catches_up().await;
    Ok(plan.kid.unwrap())
}

#[tokio::test]
async fn nothing_a_lost_key_signed_is_taken_back() {
    let server = Server::start().await;
    server.service().need_id_key(IdTokenAlg::EdDsa).await.unwrap();
    pass(&server, AGE + HEARD).await;
    let lost = id_token(&server, IdTokenAlg::EdDsa).await.unwrap();
    let new = server
        .rotate(Purpose::IdToken(IdTokenAlg::EdDsa), None, true)
        .await;
    server.catches_up().await;
    server.service().read_id_token_hint(&lost).unwrap_err();
    let token = id_token(&server, IdTokenAlg::EdDsa).await.unwrap();
    assert_eq!(Some(kid(&token)), new.kid);
    assert!(!published(&server).await.contains(&kid(&lost)));
}

#[tokio::test]
async fn another_algorithm_for_access_tokens_leaves_id_tokens_of_es256_as_they_are() {
    for emergency in [false, true] {
        let server = Server::start().await;
        application(&server).await;
        let before = id_token(&server, IdTokenAlg::Es256).await.unwrap();
        server
            .rotate(Purpose::Access, Some(Algorithm::EdDsa), emergency)
            .await;
        server.catches_up().await;
        let [(own, purpose, _)] = &own_keys(&server).await[..] else {
            panic!("a key of their own")
        };
        assert_eq!(purpose, "id-es256");
        if !emergency {
            pass(&server, Duration::from_secs(339)).await;
            let last = id_token(&server, IdTokenAlg::Es256).await.unwrap();
            assert_eq!(kid(&last), kid(&before));
            pass(&server, Duration::from_secs(1)).await;
        }
        let after = id_token(&server, IdTokenAlg::Es256).await.unwrap();
        assert_eq!((&kid(&after), &header_of(&after)["alg"]), (own, &json!("ES256")));
        assert_eq!(server.service().read_id_token_hint(&before).is_ok(), !emergency);
    }
}

#[tokio::test]
async fn where_nobody_had_such_tokens_their_key_is_made_when_somebody_asks() {
    let server = Server::start().await;
    server
        .rotate(Purpose::Access, Some(Algorithm::Rs256), false)
        .await;
    pass(&server, AGE + HEARD).await;
    assert!(own_keys(&server).await.is_empty());
    assert_eq!(wait(&server, IdTokenAlg::Es256).await, 340);
    pass(&server, AGE + HEARD).await;
    id_token(&server, IdTokenAlg::Es256).await.unwrap();
}

#[tokio::test]
async fn beside_a_shared_secret_there_are_no_id_tokens() {
    let server = Server::with_secret("4inK]I+X+;n2+g\"*>AMQc{p99)9DB@a@").await;
    for alg in IdTokenAlg::ALL {
        let refused = server.service().need_id_key(alg).await.unwrap_err();
        assert!(matches!(refused, KeyActError::NoIdTokens), "{refused}");
        let refused = id_token(&server, alg).await.unwrap_err();
        assert!(matches!(refused, IdTokenError::ProviderOff), "{refused}");
    }
    let refused = rotate(&server, None).await.unwrap_err();
    assert!(matches!(refused, KeyActError::NoIdTokens), "{refused}");
    assert!(own_keys(&server).await.is_empty() && published(&server).await.is_empty());
}

/// With the key of access tokens, which verifies each of them.
#[tokio::test]
async fn nothing_signed_for_clients_opens_anything_here() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let claims = crate::actors::claims_of(&romel.access);
    let mut signed = vec![id_token(&server, IdTokenAlg::Es256).await.unwrap()];
    for statement in [
        Statement::Userinfo,
        Statement::LogoutToken,
        Statement::Introspection,
    ] {
        let claims = claims.as_object().unwrap().clone();
        let now = server.clock().now();
        let text = server.service().sign_statement(
            IdTokenAlg::Es256,
            statement,
            "http://localhost:5000",
            claims,
            now,
        );
        signed.push(text.await.unwrap());
    }
    let visitor = server.visitor();
    for token in &signed {
        assert_eq!(kid(token), kid(&romel.access));
        for path in ["/protected", "/profile", "/get-jwt", "/sessions"] {
            let refused = visitor.get_with(path, token).await;
            refused.assert_error(401, "invalid_token", "Invalid token");
        }
        let verified = visitor.post("/verify-token", &json!({ "token": token })).await;
        verified.assert_error(401, "invalid_token", "Invalid token");
        visitor
            .refresh(token)
            .await
            .assert_error(401, "invalid_token", "Invalid token");
    }
}
