//! A node whose clock is off, beside others.

use ureq::http::StatusCode;

use crate::{
    nodes::{Pair, Service, database, until},
    process::{Server, credentials},
};

fn assert_off(reply: &crate::process::Reply) {
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{reply:?}");
    assert_eq!(reply.text("error"), "clock_off");
}

#[test]
fn a_node_whose_clock_is_off_harms_nothing_and_answers_nobody() {
    let database = database();
    let service = Service::on(database.url());
    let node = service.node();
    let [ended, kept] = [Pair::signed_up(&node, "Romel"), Pair::signed_in(&node, "Romel")];
    ended.log_out(&node, "session");
    for wrong in ["+400d", "-400d"] {
        let off: Server = service.node_under_clock(wrong);
        let before = off.metric("revocation_readings_total");
        until(|| off.metric("revocation_readings_total") >= before + 4.0);
        assert_off(&off.get("/readyz", ""));
        assert_off(&off.get("/protected", &kept.access));
        assert_off(&kept.refresh(&off));
        assert_off(&off.post("/login", None, &credentials("Romel")));
    }
    // A node that has nothing in its memory.
    let fresh = service.node();
    ended.assert_dead(&fresh);
    assert!(kept.opens(&fresh));
    let kept = kept.refreshed(&fresh);
    assert!(kept.opens(&node));
    let listed = service.run(["audit", "list"]);
    assert!(listed.out.contains("user.registered"), "{listed:?}");
    assert!(service.run(["audit", "verify"]).succeeded);
}
