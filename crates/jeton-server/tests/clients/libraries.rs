//! Libraries that verify tokens, or get them.

use crate::{installed::Workplace, service::Service};

#[test]
fn authlib_protects_a_resource_as_rfc_9068_asks() {
    Workplace::python().run(
        "python",
        "authlib_resource_server.py",
        include_str!("authlib_resource_server.py"),
        Service::start().variables(),
    );
}

#[test]
fn pyjwt_verifies_with_the_key_set() {
    let service = Service::start();
    let script = include_str!("pyjwt_key_set.py");
    Workplace::python().run("python", "pyjwt_key_set.py", script, service.variables());
}

#[test]
fn jose_verifies_with_the_key_set() {
    let service = Service::start();
    let script = include_str!("jose.mjs");
    Workplace::node().run("node", "jose.mjs", script, service.variables());
}

#[test]
fn fastify_verifies_with_keys_by_get_jwks() {
    let service = Service::start();
    let script = include_str!("fastify_jwt.mjs");
    Workplace::node().run("node", "fastify_jwt.mjs", script, service.variables());
}

#[test]
fn openid_client_discovers_the_service_and_gets_tokens() {
    let service = Service::start();
    let script = include_str!("openid_client.mjs");
    Workplace::node().run("node", "openid_client.mjs", script, service.variables());
}

#[test]
fn openid_client_discovers_an_issuer_with_a_path() {
    for path in ["/auth", "/auth/", "/tenants/blue"] {
        let service = Service::with_path(path);
        let script = include_str!("openid_client_path.mjs");
        Workplace::node().run("node", "openid_client_path.mjs", script, service.variables());
    }
}
