//! The suite, the page about Flask-JWT-Extended and the tests agree.

use std::{collections::BTreeSet, fs, path::Path};

const PAGE: &str = include_str!("../../../../docs/flask-jwt-extended.md");

/// How many tests each module of the original's suite has, as of Flask-JWT-Extended 4.7.4.
const SUITE: [(&str, usize); 18] = [
    ("add_context_processor", 2),
    ("additional_claims_loader", 8),
    ("asymmetric_crypto", 1),
    ("blocklist", 7),
    ("claims_verification", 3),
    ("config", 12),
    ("cookies", 15),
    ("decode_tokens", 26),
    ("get_jwt_in_non_protected_contexts", 5),
    ("get_methods_in_optional_endpoint", 1),
    ("headers", 7),
    ("json", 5),
    ("jwt_header_loader", 7),
    ("multiple_token_locations", 7),
    ("options_method", 3),
    ("query_string", 4),
    ("user_lookup", 4),
    ("view_decorators", 18),
];

/// Those of them that do not apply here; the page gives the reason of each.
const WITHOUT: [(&str, &str); 1] = [("config", "test_config_json_encoder_flask21")];

#[test]
fn every_behaviour_has_a_test_or_a_reason() {
    for (module, count) in SUITE {
        let mut names = tests_of(module);
        for (_, name) in WITHOUT.iter().filter(|(of, _)| *of == module) {
            assert!(PAGE.contains(&format!("`{name}`")), "no reason for {name}");
            assert!(names.insert((*name).to_owned()), "{name} has a test");
        }
        assert_eq!(names.len(), count, "{module}: {names:#?}");
    }
}

#[test]
fn the_page_says_how_many_behaviours_have_a_test() {
    let all: usize = SUITE.iter().map(|(_, count)| count).sum();
    let tested = all - WITHOUT.len();
    let sentence = format!("has {all} tests. {tested} of them have one here");
    assert!(PAGE.contains(&sentence), "{sentence}");
}

#[test]
fn the_page_has_a_row_for_every_option_and_loader() {
    let rows = |fits: fn(&str) -> bool| {
        let names = PAGE
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        names.filter(|name| fits(name)).collect::<BTreeSet<_>>()
    };
    assert_eq!(rows(|name| name.starts_with("JWT_")).len(), 43);
    assert_eq!(rows(|name| name.ends_with("_loader")).len(), 15);
}

/// The names of a module's tests, in its file and in those of its folder.
fn tests_of(module: &str) -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/behaviours");
    let folder = fs::read_dir(root.join(module)).into_iter().flatten();
    let parts = folder.map(|file| file.unwrap().path());
    let mut names = BTreeSet::new();
    for file in parts.chain([root.join(module).with_extension("rs")]) {
        for line in fs::read_to_string(file).unwrap().lines() {
            let Some((_, name)) = line.split_once("fn test_") else {
                continue;
            };
            let (name, _) = name.split_once('(').unwrap();
            assert!(
                names.insert(format!("test_{name}")),
                "{module}: {name} stands twice"
            );
        }
    }
    names
}
