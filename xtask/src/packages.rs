//! The Debian packages that are needed beside Rust, installed where they are missing. No test skips itself because
//! its database or its browser is not there: it would be green and hold nothing.

use std::process::{Command, Stdio};

use crate::run::{self, Stop, command};

#[derive(Debug)]
pub(crate) struct Package {
    /// What apt calls it.
    name: &'static str,
    /// What it is needed for, as in "the tests need postgresql to …".
    purpose: &'static str,
    /// A command that succeeds where the package is installed.
    shown_by: &'static str,
}

/// What the tests start.
pub(crate) const TESTS: &[Package] = &[
    Package {
        name: "curl",
        purpose: "to walk the README as its reader does",
        shown_by: "curl --version",
    },
    Package {
        name: "jq",
        purpose: "to pick tokens out of the answers on that walk",
        shown_by: "jq --version",
    },
    Package {
        name: "python3-venv",
        purpose: "to make the user tables of Flask and Django applications",
        shown_by: "python3 -m ensurepip --version",
    },
];

/// What the measurements are built with.
pub(crate) const BENCH: &[Package] = &[
    Package {
        name: "pkg-config",
        purpose: "to find OpenSSL",
        shown_by: "pkg-config --version",
    },
    Package {
        name: "libssl-dev",
        purpose: "to build josekit, one of the peers",
        shown_by: "pkg-config --exists openssl",
    },
];

/// Returns once every package that `who` needs is there, and refuses to go on without one.
pub(crate) fn ensure(who: &str, needed: &[Package]) -> Result<(), Stop> {
    let missing = missing(needed);
    if missing.is_empty() {
        return Ok(());
    }
    let Some(apt_get) = apt_get() else {
        return Err(Stop::refused(refusal(who, &missing)));
    };
    eprintln!("Installing what {who} need: {}.", purposes(&missing));
    for mut step in installation(&missing, apt_get) {
        run::run(&mut step)?;
    }
    let missing = self::missing(needed);
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Stop::refused(refusal(who, &missing)))
    }
}

fn missing(needed: &[Package]) -> Vec<&Package> {
    needed
        .iter()
        .filter(|package| !run::succeeds(&mut command(package.shown_by)))
        .collect()
}

/// The start of a command that may install packages, if there is one: we never wait for somebody to type a
/// password.
fn apt_get() -> Option<&'static str> {
    let has_apt = run::succeeds(&mut command("apt-get --version"));
    if has_apt && is_root() {
        Some("env DEBIAN_FRONTEND=noninteractive apt-get")
    } else if has_apt && run::succeeds(&mut command("sudo -n true")) {
        Some("sudo -n env DEBIAN_FRONTEND=noninteractive apt-get")
    } else {
        None
    }
}

fn is_root() -> bool {
    let id = command("id -u").stderr(Stdio::null()).output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

/// Fetches the lists first: a fresh machine or container has none, or old ones.
fn installation(missing: &[&Package], apt_get: &str) -> [Command; 2] {
    let mut install = command(&format!("{apt_get} install --yes --no-install-recommends"));
    install.args(missing.iter().map(|package| package.name));
    [command(&format!("{apt_get} update")), install]
}

fn refusal(who: &str, missing: &[&Package]) -> String {
    let names: Vec<_> = missing.iter().map(|package| package.name).collect();
    format!(
        "{who} need {}, which cannot be installed from here. Run `sudo apt-get install {}` (elsewhere than \
         on Debian or Ubuntu, install the same programs your system's way), then try again.",
        purposes(missing),
        names.join(" ")
    )
}

fn purposes(packages: &[&Package]) -> String {
    let purposes: Vec<_> = packages
        .iter()
        .map(|package| format!("{} {}", package.name, package.purpose))
        .collect();
    purposes.join(", and ")
}

#[cfg(test)]
mod tests {
    use super::{Package, installation, missing, refusal};
    use crate::run::shown;

    const THERE: Package = Package {
        name: "coreutils",
        purpose: "to sort",
        shown_by: "true",
    };
    const BROKEN: Package = Package {
        name: "postgresql",
        purpose: "to keep accounts in",
        shown_by: "false",
    };
    const ABSENT: Package = Package {
        name: "redis-server",
        purpose: "to count in",
        shown_by: "no-such-program-anywhere",
    };

    #[test]
    fn missing_is_what_cannot_be_started_or_fails() {
        let names: Vec<_> = missing(&[THERE, BROKEN, ABSENT])
            .iter()
            .map(|package| package.name)
            .collect();

        assert_eq!(names, ["postgresql", "redis-server"]);
    }

    #[test]
    fn the_lists_are_fetched_before_the_packages() {
        let steps = installation(&[&BROKEN, &ABSENT], "sudo -n apt-get");

        assert_eq!(
            steps.each_ref().map(shown),
            [
                "sudo -n apt-get update",
                "sudo -n apt-get install --yes --no-install-recommends postgresql redis-server",
            ]
        );
    }

    #[test]
    fn a_refusal_names_the_packages_their_purpose_and_the_remedy() {
        let refusal = refusal("the tests", &[&BROKEN, &ABSENT]);

        assert!(
            refusal
                .starts_with("the tests need postgresql to keep accounts in, and redis-server to count in,"),
            "{refusal}"
        );
        assert!(
            refusal.contains("`sudo apt-get install postgresql redis-server`"),
            "{refusal}"
        );
    }
}
