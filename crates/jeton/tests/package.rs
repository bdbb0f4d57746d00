//! The crate can be packaged as it is, but for `publish`.

use std::path::Path;
use std::process::Command;

#[test]
fn the_package_has_what_its_readers_need() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline"])
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&listed.stderr).into_owned();
    assert!(listed.status.success(), "{said}");
    assert!(!said.contains("warning"), "{said}");
    let files = String::from_utf8(listed.stdout).unwrap();
    for name in [
        "README.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "docs/coming-from.md",
    ] {
        assert!(
            files.lines().any(|file| file == name),
            "{name} is not in the package"
        );
    }
}

#[test]
fn every_crate_says_what_a_registry_shows() {
    for name in ["jeton", "jeton-axum", "jeton-server"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
        if !folder.exists() {
            continue; // a package stands alone
        }
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        for key in [
            "description",
            "license",
            "readme",
            "documentation",
            "keywords",
            "categories",
        ] {
            let there = manifest.lines().any(|line| line.starts_with(key));
            assert!(there, "{name} has no {key}");
        }
        for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            assert!(folder.join(file).exists(), "{name} has no {file}");
        }
    }
}
