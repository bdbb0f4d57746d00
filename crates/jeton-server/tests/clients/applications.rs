//! Applications that sign people in by other people's libraries, and what is guarded by them. Each signs in, refreshes
//! and signs out, and refuses tokens that are forged, expired or for another.

use std::path::PathBuf;

use crate::{
    impostor::Impostor,
    installed::{Workplace, openidconnect},
};

/// Where the scripts without an application of their own are sent back to.
const CALLBACK: [&str; 4] = [
    "--redirect-uri",
    "http://127.0.0.1/callback",
    "--post-logout-redirect-uri",
    "http://127.0.0.1/bye",
];

macro_rules! script {
    ($name:literal) => {
        ($name, include_str!(concat!("applications/", $name)))
    };
}

fn on_node<const N: usize>((name, text): (&str, &str), client: [&str; N]) {
    let impostor = Impostor::start();
    let workplace = Workplace::node();
    for (helper, text) in [script!("person.mjs"), script!("webdriver.mjs")] {
        workplace.write(helper, text);
    }
    workplace.run("node", name, text, impostor.client(client));
}

fn on_python<const N: usize>(script: (&str, &str), client: [&str; N]) {
    on_python_beside(None, script, client);
}

/// With a program that the script starts.
fn on_python_beside<const N: usize>(program: Option<PathBuf>, (name, text): (&str, &str), client: [&str; N]) {
    let impostor = Impostor::start();
    let workplace = Workplace::python();
    let (person, person_text) = script!("person.py");
    workplace.write(person, person_text);
    let program = program.map(|program| ("CLIENT_PROGRAM", program.to_str().unwrap().to_owned()));
    let variables = impostor.client(client).into_iter().chain(program);
    workplace.run("python", name, text, variables);
}

#[test]
fn openid_client_signs_people_in() {
    on_node(script!("openid_client.mjs"), CALLBACK);
}

#[test]
fn oauth4webapi_signs_people_in() {
    on_node(script!("oauth4webapi.mjs"), CALLBACK);
}

#[test]
fn express_openid_connect_signs_people_in() {
    let client = [
        "--redirect-uri",
        "APPLICATION/callback",
        "--post-logout-redirect-uri",
        "APPLICATION",
    ];
    on_node(script!("express_openid_connect.mjs"), client);
}

#[test]
fn next_auth_signs_people_in_by_its_preset() {
    let preset = ["--preset", "next-auth", "--url", "APPLICATION"];
    on_node(script!("next_auth.mjs"), with_es256(preset));
}

#[test]
fn oidc_client_ts_signs_people_in_on_a_page_of_another_origin() {
    let client = [
        "--public",
        "--redirect-uri",
        "APPLICATION/callback",
        "--post-logout-redirect-uri",
        "APPLICATION/bye",
    ];
    on_node(script!("oidc_client_ts.mjs"), client);
}

#[test]
fn authlib_signs_people_in() {
    on_python(script!("authlib_client.py"), CALLBACK);
}

#[test]
fn authlib_protects_a_resource_from_other_tokens_than_those_granted_for_it() {
    on_python(script!("authlib_resource_server.py"), CALLBACK);
}

#[test]
fn flask_jwt_extended_protects_a_resource_from_other_tokens_than_those_granted_for_it() {
    on_python(script!("flask_jwt_extended_resource_server.py"), CALLBACK);
}

#[test]
fn mozilla_django_oidc_signs_people_in_by_its_preset() {
    let preset = ["--preset", "mozilla-django-oidc", "--url", "APPLICATION"];
    on_python(script!("django_application.py"), with_es256(preset));
}

#[test]
fn mod_auth_openidc_signs_people_in_by_its_preset() {
    let preset = ["--preset", "mod_auth_openidc", "--url", "APPLICATION"];
    on_python(script!("mod_auth_openidc.py"), preset);
}

#[test]
fn the_openidconnect_crate_signs_people_in() {
    on_python_beside(Some(openidconnect()), script!("openidconnect_crate.py"), CALLBACK);
}

/// With a key that is there from the first: one of another kind signs only once everybody can know it.
fn with_es256([a, b, c, d]: [&'static str; 4]) -> [&'static str; 6] {
    [a, b, c, d, "--id-token-alg", "ES256"]
}
