use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::actors::{Actor, Program, Server, claims_of};

async fn cast() -> (Server, Program) {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let program = Program::new(&server, &ada, "feeder", &["revocations:read"]).await;
    (server, program)
}

async fn feed(program: &Program, since: i64) -> Value {
    let reply = program.get(&format!("/revocations?since={since}")).await;
    reply.assert_status(200);
    reply.json
}

#[tokio::test]
async fn everything_that_was_revoked_is_there_in_order() {
    let (server, program) = cast().await;
    let now = server.clock().seconds();
    assert_eq!(
        feed(&program, 0).await,
        json!({ "revocations": [], "next": 0, "more": false, "now": now })
    );
    let (one, other) = (server.signed_up("Romel").await, server.signed_up("john").await);
    let ada = server.admin("eve").await;
    one.post("/logout", &json!({})).await.assert_status(200);
    other
        .post("/logout", &json!({ "scope": "all" }))
        .await
        .assert_status(200);
    ada.post("/admin/tokens/revoke", &json!({ "token": other.access }))
        .await
        .assert_status(200);
    let all = feed(&program, 0).await;
    let entries = all["revocations"].as_array().unwrap();
    let numbers: Vec<_> = entries
        .iter()
        .map(|entry| entry["number"].as_i64().unwrap())
        .collect();
    assert!(numbers.is_sorted() && all["next"] == numbers[2], "{all}");
    let told: Vec<_> = entries
        .iter()
        .map(|entry| (entry["kind"].clone(), entry["id"].clone(), entry["below"].clone()))
        .collect();
    assert_eq!(
        told,
        [
            (json!("session"), json!(one.session()), Value::Null),
            (json!("user"), json!(other.id), json!(1)),
            (
                json!("token"),
                claims_of(&other.access)["jti"].clone(),
                Value::Null
            ),
        ]
    );
    for entry in entries {
        assert!(entry["until"].as_i64().unwrap() > now + 900, "{entry}");
    }
    let rest = feed(&program, numbers[0]).await;
    assert_eq!(rest["revocations"], json!(entries[1..]));
    assert_eq!(feed(&program, numbers[2]).await["revocations"], json!([]));
}

#[tokio::test]
async fn a_position_of_another_time_begins_anew() {
    let (server, program) = cast().await;
    let romel = server.signed_up("Romel").await;
    romel.post("/logout", &json!({})).await.assert_status(200);
    let all = feed(&program, 0).await;
    assert_eq!(
        feed(&program, 1_000_000).await,
        all,
        "as after a restored back-up"
    );
    assert_eq!(feed(&program, -5).await, all);
}

#[tokio::test]
async fn who_waits_is_answered_as_soon_as_there_is_news() {
    let (server, program) = cast().await;
    let romel = server.signed_up("Romel").await;
    let began = Instant::now();
    let waiting = async { program.get("/revocations?since=0&wait=25").await };
    let ending = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        romel.post("/logout", &json!({})).await.assert_status(200);
    };
    let (news, ()) = tokio::join!(waiting, ending);
    assert_eq!(news.json["revocations"][0]["id"], romel.session());
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[tokio::test]
async fn who_waits_for_nothing_is_answered_when_the_time_is_over() {
    let (_server, program) = cast().await;
    for query in ["wait=1", "%77ait=1"] {
        let began = Instant::now();
        let reply = program.get(&format!("/revocations?{query}")).await;
        assert_eq!(reply.json["revocations"], json!([]));
        assert!(began.elapsed() >= Duration::from_secs(1), "{query}");
    }
}

#[tokio::test]
async fn nobody_waits_for_a_service_that_is_about_to_end() {
    let (server, program) = cast().await;
    let began = Instant::now();
    let waiting = async { program.get("/revocations?wait=25").await };
    let ending = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        server.service().revocations().close();
    };
    let (reply, ()) = tokio::join!(waiting, ending);
    reply.assert_status(200);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_query_that_cannot_be_is_refused() {
    let (_server, program) = cast().await;
    for query in [
        "since=x",
        "wait=-1",
        "since=1&since=2",
        "until=1",
        "since=99999999999999999999",
    ] {
        let reply = program.get(&format!("/revocations?{query}")).await;
        reply.assert_code(422, "invalid_request");
    }
    program
        .get("/revocations?wait=0&since=0")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn it_takes_the_scope_and_no_user() {
    let (server, _) = cast().await;
    let ada = server.admin("eve").await;
    let other = Program::new(&server, &ada, "other", &["revocations:write"]).await;
    other
        .get("/revocations")
        .await
        .assert_code(403, "insufficient_scope");
    ada.get("/revocations").await.assert_code(401, "invalid_token");
    server
        .visitor()
        .get("/revocations")
        .await
        .assert_code(401, "token_missing");
}

#[tokio::test]
async fn after_a_restored_back_up_what_was_issued_before_is_refused_and_the_feed_says_so() {
    let (server, mut program) = cast().await;
    let romel = server.signed_up("Romel").await;
    let from = server.clock().seconds() + 1;
    server
        .sql(&format!("UPDATE standing SET accepted_from = {from}"))
        .await;
    let service = server.service();
    service.catch_up(Instant::now()).await.unwrap();
    for reply in [romel.get("/protected").await, program.get("/revocations").await] {
        reply.assert_error(401, "token_revoked", "Token has been revoked");
    }
    let explained = service.explain(&romel.access).await.unwrap().verdict;
    assert!(explained.contains("restored from a back-up"), "{explained}");

    server.clock().advance(Duration::from_secs(1));
    romel.another_session().await.assert_is_in().await;
    program.access = program.ask_for_token().await.text("access_token").to_owned();
    assert_eq!(feed(&program, 0).await["accepted_from"], json!(from));
}
