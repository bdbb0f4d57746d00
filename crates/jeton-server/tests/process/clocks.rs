//! A machine whose clock is wrong for a while: nothing is lost by it.

use serde_json::json;
use ureq::http::StatusCode;

use crate::process::{Home, Server, under_clock};

fn home_under(home: &Home, offset: &str) -> Server {
    Server::start(under_clock(home.command([]), offset))
}

fn refused(server: &Server, token: &str) -> String {
    let reply = server.get("/protected", token);
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{reply:?}");
    reply.text("error")
}

/// What a process does by itself every minute it has done at its start.
fn has_kept_house(server: &Server) {
    while server.metric("revocation_readings_total") < 5.0 {
        std::thread::yield_now();
    }
}

#[test]
fn a_clock_that_was_wrong_for_a_while_loses_nothing() {
    let home = Home::new();
    let mut server = home.start();
    server.register("Romel");
    let [ended, kept] = [server.login("Romel"), server.login("Romel")];
    let (ended, refresh) = (ended.text("access_token"), kept.text("refresh_token"));
    assert_eq!(
        server.post("/logout", Some(&ended), &json!({})).status,
        StatusCode::OK
    );
    has_kept_house(&server);
    server.terminate();
    assert!(server.wait());

    for wrong in ["+1h", "+400d", "-400d"] {
        let mut server = home_under(&home, wrong);
        has_kept_house(&server);
        server.terminate();
        assert!(server.wait());
    }

    let server = home.start();
    assert_eq!(refused(&server, &ended), "token_revoked");
    let reply = server.post("/refresh", Some(&refresh), &json!({}));
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let listed = home.run(["audit", "list"]);
    assert!(listed.out.contains("user.registered"), "{listed:?}");
    assert!(home.run(["audit", "verify"]).succeeded);
}
