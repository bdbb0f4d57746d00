//! Two processes on one database: whoever answers that something has ended refuses its tokens from that answer on,
//! though another process has ended it and this one has not heard of that.

use http::Method;
use serde_json::{Value, json};

use crate::actors::{Actor, Admin, Call, Program, Reply, Server, SignedIn};

/// A node where something is ended, and one that hears of nothing by itself.
struct Nodes {
    here: Server,
    there: Server,
    ada: Admin,
    romel: SignedIn,
}

impl Nodes {
    async fn start() -> Self {
        let here = Server::start().await;
        let (ada, romel) = (here.admin("ada").await, here.signed_up("Romel").await);
        let there = here.another_node().await;
        there.goes_deaf();
        Self {
            here,
            there,
            ada,
            romel,
        }
    }

    /// The same request at both: the first node carries it out, and the second finds it done.
    async fn twice(&self, call: impl Fn(&Server) -> Call) -> (Reply, Reply) {
        let first = call(&self.here).await;
        self.assert_is_accepted(&self.romel).await;
        (first, call(&self.there).await)
    }

    async fn twice_by_admin(&self, method: Method, path: &str, body: Option<Value>) -> (u16, u16) {
        let (first, second) = self
            .twice(|node| {
                let call = node.visitor().call(method.clone(), path).bearer(&self.ada.access);
                match &body {
                    Some(body) => call.json(body),
                    None => call,
                }
            })
            .await;
        (first.status.as_u16(), second.status.as_u16())
    }

    async fn assert_is_accepted(&self, user: &SignedIn) {
        let reply = self.there.visitor().get_with("/protected", &user.access).await;
        reply.assert_status(200);
    }

    async fn assert_is_refused(&self, user: &SignedIn) {
        let reply = self.there.visitor().get_with("/protected", &user.access).await;
        reply.assert_error(401, "token_revoked", "Token has been revoked");
    }
}

#[tokio::test]
async fn at_a_logout_of_any_scope() {
    for scope in ["session", "others", "all"] {
        let nodes = Nodes::start().await;
        let caller = match scope {
            "others" => nodes.romel.another_session().await,
            _ => nodes.romel.clone(),
        };
        let logout = |node: &Server| {
            let call = node.visitor().post("/logout", &json!({ "scope": scope }));
            call.bearer(&caller.access)
        };
        let (first, second) = nodes.twice(logout).await;
        assert_eq!(
            (first.status.as_u16(), second.status.as_u16()),
            (200, 200),
            "{scope}"
        );
        nodes.assert_is_refused(&nodes.romel).await;
    }
}

#[tokio::test]
async fn at_a_logout_that_ends_one_session_more_than_the_other_process_did() {
    let nodes = Nodes::start().await;
    let (caller, third) = (
        nodes.romel.another_session().await,
        nodes.romel.another_session().await,
    );
    let path = format!("/sessions/{}", nodes.romel.session());
    caller.delete(&path).await.assert_status(200);
    let others = nodes
        .there
        .visitor()
        .post("/logout", &json!({ "scope": "others" }));
    others.bearer(&caller.access).await.assert_status(200);
    nodes.assert_is_refused(&nodes.romel).await;
    nodes.assert_is_refused(&third).await;
    nodes.assert_is_accepted(&caller).await;
}

#[tokio::test]
async fn at_a_logout_with_a_refresh_token() {
    let nodes = Nodes::start().await;
    let logout = |node: &Server| {
        node.visitor()
            .call(Method::POST, "/logout")
            .bearer(&nodes.romel.refresh)
    };
    let (first, second) = nodes.twice(logout).await;
    first.assert_status(200);
    second.assert_code(401, "token_revoked");
    nodes.assert_is_refused(&nodes.romel).await;
}

#[tokio::test]
async fn at_a_refresh() {
    let nodes = Nodes::start().await;
    nodes.romel.post("/logout", &json!({})).await.assert_status(200);
    nodes.assert_is_accepted(&nodes.romel).await;
    let refused = nodes.there.visitor().refresh(&nodes.romel.refresh).await;
    refused.assert_code(401, "token_revoked");
    nodes.assert_is_refused(&nodes.romel).await;
}

#[tokio::test]
async fn at_the_end_of_one_of_ones_own_sessions() {
    let nodes = Nodes::start().await;
    let caller = nodes.romel.another_session().await;
    let path = format!("/sessions/{}", nodes.romel.session());
    let (first, second) = nodes
        .twice(|node| node.visitor().delete(&path).bearer(&caller.access))
        .await;
    first.assert_status(200);
    second.assert_code(404, "session_not_found");
    nodes.assert_is_refused(&nodes.romel).await;
}

#[tokio::test]
async fn at_whatever_an_administrator_does_to_a_user() {
    for (method, path, body, second) in [
        (Method::PATCH, "", Some(json!({ "disabled": true })), 200),
        (Method::PATCH, "", Some(json!({ "claims": {} })), 200),
        (Method::DELETE, "", None, 404),
        (Method::DELETE, "/sessions", None, 200),
        (Method::DELETE, "/sessions/{session}", None, 404),
        (
            Method::POST,
            "/password-reset",
            Some(json!({ "force": true })),
            200,
        ),
    ] {
        let mut nodes = Nodes::start().await;
        let claims = json!({ "claims": { "tenant": "blue" } });
        let user = format!("/admin/users/{}", nodes.romel.id);
        let given = nodes.ada.call(Method::PATCH, &user).json(&claims).await;
        given.assert_status(200);
        nodes.romel.renew().await;
        let path = user + &path.replace("{session}", &nodes.romel.session());
        let statuses = nodes.twice_by_admin(method.clone(), &path, body.clone()).await;
        assert!(statuses.0 < 300, "{method} {path}: {statuses:?}");
        assert_eq!(
            statuses.1,
            if second == 404 { 404 } else { statuses.0 },
            "{method} {path}"
        );
        nodes.assert_is_refused(&nodes.romel).await;
    }
}

#[tokio::test]
async fn at_the_revocation_of_a_token() {
    let nodes = Nodes::start().await;
    let body = json!({ "token": nodes.romel.access });
    let statuses = nodes
        .twice_by_admin(Method::POST, "/admin/tokens/revoke", Some(body))
        .await;
    assert_eq!(statuses, (200, 200));
    nodes.assert_is_refused(&nodes.romel).await;
}

#[tokio::test]
async fn at_what_is_done_to_a_client() {
    for (method, path, body, second) in [
        (Method::PATCH, "", Some(json!({ "disabled": true })), 200),
        (Method::PATCH, "", Some(json!({ "scopes": [] })), 200),
        (Method::DELETE, "", None, 404),
        (Method::POST, "/secret", None, 200),
    ] {
        let nodes = Nodes::start().await;
        let feed = "revocations:read";
        let program = Program::new(&nodes.here, &nodes.ada, "billing", &[feed]).await;
        let path = format!("/admin/clients/{}{path}", program.id);
        let asked = async || {
            nodes
                .there
                .visitor()
                .get_with("/revocations", &program.access)
                .await
        };
        asked().await.assert_status(200);
        let statuses = nodes.twice_by_admin(method.clone(), &path, body).await;
        assert_eq!(statuses, (200, second), "{method} {path}");
        asked().await.assert_code(401, "token_revoked");
    }
}
