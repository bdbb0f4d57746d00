//! The layout is the architecture: arrows only point down, and no circle is larger than a hand.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use house::{House, Module};

mod house;
mod standards;
mod tokens;

/// A room of the service, by the folders or files it begins with, and what it may take names from beside itself. A file
/// is in the first room that fits.
const ROOMS: [(&str, &[&str]); 18] = [
    ("main", &["cli"]),
    (
        "cli",
        &["assemble", "redis", "config", "http", "model", "service", "store"],
    ),
    (
        "assemble",
        &["redis", "config", "http", "model", "pages", "service", "store"],
    ),
    ("pages", &["http", "model", "service"]),
    ("http/error", &["model", "service", "store"]),
    (
        "http/state",
        &[
            "redis",
            "http/error",
            "http/face",
            "http/metrics/registry",
            "http/requester",
            "model",
            "service",
        ],
    ),
    (
        "http/extract",
        &[
            "http/address",
            "http/cookies",
            "http/error",
            "http/requester",
            "http/state",
            "model",
            "service",
        ],
    ),
    ("http/server", &["http/address", "service/machinery"]),
    ("http/middleware", &["http", "model", "service"]),
    ("http", &["http", "model", "service", "store"]),
    ("config", &["redis", "model", "service"]),
    ("service/machinery", &["redis", "model", "store"]),
    (
        "service",
        &["redis", "model", "outbound", "service/machinery", "store"],
    ),
    ("store", &["model"]),
    ("redis", &["model"]),
    ("outbound", &["model"]),
    ("model", &[]),
    ("lib", &[]),
];

/// The largest number of files that may take names from each other in a circle.
const CIRCLE: usize = 5;

#[test]
fn arrows_only_go_down() {
    let house = House::read("jeton-server");
    let mut upward = Vec::new();
    for (from, arrows) in house.arrows() {
        let (room, may_use) = room(from);
        for to in arrows {
            let allowed = || may_use.iter().any(|below| is_in(to, below));
            if self::room(to).0 != room && !allowed() {
                upward.push(format!("{} uses {}", from.join("/"), to.join("/")));
            }
        }
    }
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn no_circle_is_larger_than_a_hand() {
    for package in ["jeton-server", "jeton-axum", "jeton"] {
        let house = House::read(package);
        let circles = house.circles();
        let large: Vec<_> = circles
            .into_iter()
            .filter(|circle| circle.len() > CIRCLE)
            .collect();
        assert!(large.is_empty(), "{package}: {large:#?}");
    }
}

#[test]
fn only_the_engines_speak_sql_and_only_the_faces_speak_axum() {
    let house = House::read("jeton-server");
    let homes: [(&str, &[&str]); 7] = [
        ("sqlx", &["store"]),
        ("redis", &["redis"]),
        ("axum", &["http", "pages"]),
        ("jeton_axum", &["http", "outbound", "pages"]),
        ("askama", &["pages"]),
        ("hyper", &["http"]),
        ("clap", &["cli"]),
    ];
    for (library, homes) in homes {
        let is_home = |module: &Module| homes.iter().any(|home| is_in(module, home));
        for module in house.arrows().keys().filter(|module| !is_home(module)) {
            assert!(
                house.paths(module).all(|path| path[0] != library),
                "{} uses {library}, which belongs in {homes:?}",
                module.join("/")
            );
        }
    }
}

/// Time is an argument. Besides the clocks, these ask the machine for it: those that measure how long work of their own
/// takes, or wait for others.
#[test]
fn the_monotonic_time_is_asked_for_in_few_places() {
    let places: [(&str, &[&str]); 3] = [
        ("jeton", &[]),
        ("jeton-axum", &["feed/follower", "remote/keeper"]),
        (
            "jeton-server",
            &[
                "cli",
                "http/middleware/requests",
                "http/server",
                "service/machinery/clock",
                "service/machinery/hasher",
                "store/sqlite/readers",
                "store/writer/trial",
            ],
        ),
    ];
    for (package, places) in places {
        let house = House::read(package);
        let asks = |module: &Module| {
            let mut paths = house.paths(module);
            paths.any(|path| path.ends_with(&["Instant".to_owned(), "now".to_owned()]))
        };
        let asking = house.arrows().keys().filter(|module| asks(module));
        for module in asking {
            assert!(
                places.iter().any(|place| is_in(module, place)),
                "{package}: {} asks for the time; take it from the clock",
                module.join("/")
            );
        }
        for place in places {
            assert!(
                house
                    .arrows()
                    .keys()
                    .any(|module| is_in(module, place) && asks(module)),
                "{package}: {place} does not ask for the time any more"
            );
        }
    }
}

/// The `Value` of `serde_json` takes reserved names for JSON text, nested without a limit, and the last of two members:
/// what comes from outside is read by `jeton::json` alone.
#[test]
fn json_from_outside_is_read_by_the_strict_reader_alone() {
    // The reader itself; and what reads a text whose form it has checked before, or keeps nothing of one.
    let strict = [("jeton", "strict"), ("jeton", "scan"), ("jeton", "jwk")];
    let readers = [
        "from_str",
        "from_slice",
        "from_reader",
        "Deserializer",
        "StreamDeserializer",
    ];
    for package in ["jeton", "jeton-axum", "jeton-server"] {
        let house = House::read(package);
        for module in house.arrows().keys() {
            let name = module.join("/");
            let mut paths = house.paths(module).filter(|path| path[0] == "serde_json");
            let reads = paths.find(|path| path[1..].iter().any(|name| readers.contains(&name.as_str())));
            let is_strict = strict.contains(&(package, name.as_str()));
            assert!(
                is_strict || reads.is_none(),
                "{package}: {name} reads JSON by itself: {reads:?}"
            );
        }
    }
}

#[test]
fn circles_and_arrows_are_seen() {
    let house = House::read("jeton-server");
    let module = |path: &str| path.split('/').map(str::to_owned).collect::<Module>();
    let takes = |from: &str, to: &str| house.arrows()[&module(from)].contains(&module(to));
    assert!(takes("http", "http/login"), "a child");
    assert!(takes("http/login", "http/error"), "in braces");
    assert!(
        takes("assemble", "http/state"),
        "where it is made, not where it is handed on"
    );
    assert!(!takes("http/error", "http/login"));
}

fn room(module: &Module) -> (&'static str, &'static [&'static str]) {
    let room = ROOMS.into_iter().find(|(room, _)| is_in(module, room));
    // The crate's own file hands its modules on.
    room.unwrap_or(("lib", &[]))
}

/// Whether a file is this one, or in this folder.
fn is_in(module: &Module, place: &str) -> bool {
    let path = module.join("/");
    path.strip_prefix(place)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
