//! The list of behaviours and the tests agree.

use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn every_behaviour_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = root.join("../../../shared/vectors/flask-jwt-extended-behaviours.tsv");
    let Ok(list) = fs::read_to_string(&list) else {
        eprintln!("skipped: {} is not there", list.display());
        return;
    };
    let wanted = list.lines().skip(1).map(|line| {
        let mut columns = line.split('\t');
        let (file, test) = (columns.next().unwrap(), columns.next().unwrap());
        format!("{file}::{test}")
    });
    let there: BTreeSet<_> = fs::read_dir(root.join("tests/behaviours"))
        .unwrap()
        .flat_map(|file| {
            let path = file.unwrap().path();
            let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let tests = text
                .lines()
                .filter_map(|line| line.split_once("fn test_"))
                .map(|(_, rest)| {
                    let name = rest.split('(').next().unwrap();
                    format!("{module}::test_{name}")
                });
            tests.collect::<Vec<_>>()
        })
        .collect();
    let missing: Vec<_> = wanted.filter(|name| !there.contains(name)).collect();
    assert!(missing.is_empty(), "no test for {missing:?}");
}

#[test]
fn the_page_has_a_row_for_every_option_and_loader() {
    let page = include_str!("../../../../docs/flask-jwt-extended.md");
    let rows = |fits: fn(&str) -> bool| {
        let names = page
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        names.filter(|name| fits(name)).collect::<BTreeSet<_>>()
    };
    assert_eq!(rows(|name| name.starts_with("JWT_")).len(), 43);
    assert_eq!(rows(|name| name.ends_with("_loader")).len(), 15);
}
