//! What axe-core, which judges pages by the rules of accessibility, says of one.

use std::{fmt::Write as _, fs, sync::OnceLock};

use serde_json::Value;

use crate::{browser::Browser, packages::from_npm};

const PACKAGE: &str = include_str!("package.json");
const PACKAGE_LOCK: &str = include_str!("package-lock.json");

/// Every rule, that for the size of what is pressed included, which is off by default.
const JUDGE: &str = "
    const [done] = arguments;
    const options = { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } };
    axe.run(document, options).then(
        (found) => done(found.violations.map((rule) => ({
            rule: `${rule.id} (${rule.impact}): ${rule.help}`,
            at: rule.nodes.map((node) => `${node.target.join(' ')}: ${node.any.concat(node.all, node.none)
                .map((check) => check.message).join('; ')}`),
        }))),
        (error) => done([{ rule: String(error), at: [] }]),
    );";

/// The folder with what is installed for these tests.
pub(crate) fn installed() -> std::path::PathBuf {
    from_npm("browser-node", PACKAGE, PACKAGE_LOCK)
}

fn engine() -> &'static str {
    static ENGINE: OnceLock<String> = OnceLock::new();
    ENGINE.get_or_init(|| fs::read_to_string(installed().join("node_modules/axe-core/axe.min.js")).unwrap())
}

impl Browser {
    /// What it has against the page, of whatever weight; empty if nothing.
    pub(crate) fn barriers(&self) -> String {
        if self.run("return typeof axe", &[]) == "undefined" {
            self.run(engine(), &[]);
        }
        let found = self.run_async(JUDGE, &[]);
        let mut told = String::new();
        for one in found.as_array().into_iter().flatten() {
            let _ = writeln!(told, "{}", one["rule"].as_str().unwrap_or_default());
            for place in one["at"].as_array().into_iter().flatten() {
                let _ = writeln!(
                    told,
                    "    {}",
                    place
                        .as_str()
                        .map_or_else(|| Value::to_string(place), str::to_owned)
                );
            }
        }
        told
    }
}
