//! The Debian packages that are needed beside Rust, installed where they are missing. No test skips itself because
//! its database or its browser is not there: it would be green and hold nothing.

use std::process::Command;

use crate::{
    run::{self, Stop, command, is_root},
    services,
};

#[derive(Debug)]
pub(crate) struct Package {
    /// What apt calls it.
    name: &'static str,
    /// What it is needed for, as in "the tests need postgresql to …".
    purpose: &'static str,
    /// Whether it is installed.
    is_there: fn() -> bool,
    /// A file that has to say something before the package is installed, and what.
    first: Option<[&'static str; 2]>,
}

impl Package {
    const fn new(name: &'static str, purpose: &'static str, is_there: fn() -> bool) -> Self {
        Self {
            name,
            purpose,
            is_there,
            first: None,
        }
    }
}

/// What the tests start.
pub(crate) const TESTS: &[Package] = &[
    Package::new("curl", "to walk the README as its reader does", || {
        answers("curl --version")
    }),
    Package::new("faketime", "to give a process a wrong clock", || {
        answers("faketime --version")
    }),
    Package::new("jq", "to pick tokens out of the answers on that walk", || {
        answers("jq --version")
    }),
    Package::new(
        "python3-venv",
        "to run other people's clients, and to make the user tables of Flask and Django applications",
        || answers("python3 -m ensurepip --version"),
    ),
    Package::new(
        "sqlite3",
        "to dump and back up a database as the pages say",
        || answers("sqlite3 --version"),
    ),
];

/// The servers the service's tests talk to, and what starts them.
pub(crate) const SERVERS: &[Package] = &[
    Package {
        // Left alone, the package starts a server for the whole machine.
        first: Some([
            "/etc/postgresql-common/createcluster.conf",
            "create_main_cluster = false",
        ]),
        ..Package::new("postgresql", "to keep accounts in", || {
            services::postgres_programs().is_some()
        })
    },
    Package::new("redis-server", "to count and to wake each other through", || {
        answers("redis-server --version") && answers("redis-cli --version")
    }),
    Package::new("openssl", "to make the database's certificate", || {
        answers("openssl version")
    }),
];

/// What the applications of docs/verify-in-your-app.md are run with, which its test starts.
pub(crate) const APPLICATIONS: &[Package] = &[
    // An older one does not run what the packages of today are written in.
    Package::new(
        "nodejs",
        "to run other people's clients, and applications that verify tokens, on Node.js 20 or newer",
        || answers("node --eval process.exit(parseInt(process.versions.node)<20?1:0)"),
    ),
    Package::new("npm", "to install what they are made of", || {
        answers("npm --version")
    }),
    Package::new("golang-go", "to build such an application", || {
        answers("go version")
    }),
    Package::new("golang-github-coreos-go-oidc-dev", "to build it with", || {
        answers("ls /usr/share/gocode/src/github.com/coreos/go-oidc")
    }),
    Package {
        // Left alone, the package serves a page to the whole network.
        first: Some([
            "/etc/nginx/sites-available/default",
            "# No site: it is here for those who start their own.",
        ]),
        ..Package::new("nginx-light", "to put it before an application", || {
            answers("/usr/sbin/nginx -v")
        })
    },
    // Without the package that would start it for the whole machine.
    Package::new("apache2-bin", "to sign people in before an application", || {
        answers("/usr/sbin/apache2 -v")
    }),
    Package::new("libapache2-mod-auth-openidc", "to do that with", || {
        answers("ls /usr/lib/apache2/modules/mod_auth_openidc.so")
    }),
];

/// The browser that walks the pages, and what it is driven by.
pub(crate) const BROWSER: &[Package] = &[
    Package::new("chromium", "to walk the pages as their reader does", || {
        answers("chromium --version")
    }),
    Package::new("chromium-driver", "to tell it where to go", || {
        answers("chromedriver --version")
    }),
];

/// What pages are drawn with where somebody looks at them.
pub(crate) const SCREENSHOTS: &[Package] = &[Package::new(
    "fonts-noto-core",
    "to set headings in an old-style face, as on a reader's machine",
    || answers("ls /usr/share/fonts/truetype/noto/NotoSerif-Regular.ttf"),
)];

/// What moves a clock while a process runs.
pub(crate) const CLOCK: &[Package] = &[Package::new("libfaketime", "to let a clock go astray", || {
    answers("dpkg-query --show libfaketime")
})];

/// What the measurements are built with.
pub(crate) const BENCH: &[Package] = &[
    Package::new("pkg-config", "to find OpenSSL", || {
        answers("pkg-config --version")
    }),
    Package::new("libssl-dev", "to build josekit, one of the peers", || {
        answers("pkg-config --exists openssl")
    }),
];

fn answers(line: &str) -> bool {
    run::succeeds(&mut command(line))
}

/// Returns once every package that `who` needs is there, and refuses to go on without one.
pub(crate) fn ensure(who: &str, needed: &[Package]) -> Result<(), Stop> {
    let missing = missing(needed);
    if missing.is_empty() {
        return Ok(());
    }
    let Some(as_root) = as_root() else {
        return Err(Stop::refused(refusal(who, &missing)));
    };
    eprintln!("Installing what {who} need: {}.", purposes(&missing));
    for mut step in installation(&missing, as_root) {
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
    needed.iter().filter(|package| !(package.is_there)()).collect()
}

/// The start of a command that may install packages, if there is one: we never wait for somebody to type a
/// password.
fn as_root() -> Option<&'static str> {
    let has_apt = answers("apt-get --version");
    if has_apt && is_root() {
        Some("env DEBIAN_FRONTEND=noninteractive")
    } else if has_apt && answers("sudo -n true") {
        Some("sudo -n env DEBIAN_FRONTEND=noninteractive")
    } else {
        None
    }
}

/// Fetches the lists first: a fresh machine or container has none, or old ones.
fn installation(missing: &[&Package], as_root: &str) -> Vec<Command> {
    let mut steps = vec![command(&format!("{as_root} apt-get update"))];
    for [file, text] in missing.iter().filter_map(|package| package.first) {
        let mut write = command(&format!("{as_root} sh -c"));
        write
            .arg(r#"mkdir -p "$(dirname "$1")" && echo "$2" >"$1""#)
            .args(["sh", file, text]);
        steps.push(write);
    }
    // A file that is already there stays as it is.
    let mut install = command(&format!(
        "{as_root} apt-get install --yes --no-install-recommends -o Dpkg::Options::=--force-confold"
    ));
    install.args(missing.iter().map(|package| package.name));
    steps.push(install);
    steps
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
    use super::{Package, answers, installation, missing, refusal};
    use crate::run::shown;

    const THERE: Package = Package::new("coreutils", "to sort", || true);
    const DATABASE: Package = Package {
        first: Some(["/etc/database.conf", "start = false"]),
        ..Package::new("postgresql", "to keep accounts in", || false)
    };
    const ABSENT: Package = Package::new("redis-server", "to count in", || {
        answers("no-such-program-anywhere")
    });

    #[test]
    fn missing_is_what_cannot_be_started_or_fails() {
        let names: Vec<_> = missing(&[THERE, DATABASE, ABSENT])
            .iter()
            .map(|package| package.name)
            .collect();

        assert_eq!(names, ["postgresql", "redis-server"]);
    }

    #[test]
    fn the_lists_and_what_a_package_reads_come_before_the_packages() {
        let steps = installation(&[&DATABASE, &ABSENT], "sudo -n env");
        let steps: Vec<_> = steps.iter().map(shown).collect();

        assert_eq!(steps[0], "sudo -n env apt-get update");
        assert!(
            steps[1].starts_with("sudo -n env sh -c ")
                && steps[1].ends_with("sh /etc/database.conf \"start = false\""),
            "{}",
            steps[1]
        );
        assert_eq!(
            steps[2],
            "sudo -n env apt-get install --yes --no-install-recommends -o Dpkg::Options::=--force-confold postgresql \
             redis-server",
        );
    }

    #[test]
    fn a_refusal_names_the_packages_their_purpose_and_the_remedy() {
        let refusal = refusal("the tests", &[&DATABASE, &ABSENT]);

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
