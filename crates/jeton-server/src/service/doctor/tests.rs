use std::time::Duration;

use super::{IDS, Setup, checks, examination::Findings};
use crate::{
    model::throttle::Limits,
    service::{
        Rules,
        machinery::{hasher::Cost, revoked::WhenStale},
    },
};

/// A service that lacks nothing.
fn setup() -> Setup {
    let minutes = Duration::from_mins;
    Setup {
        rules: Rules {
            issuer: "https://id.example.org".into(),
            audience: "api".into(),
            access_lifetime: minutes(15),
            refresh_lifetime: minutes(60),
            session_lifetime: minutes(600),
            refresh_grace: minutes(1),
            revocation_max_lag: minutes(1),
            jwks_max_age: minutes(5),
            signing_algorithm: None,
            when_stale: WhenStale::Refuse,
            registration_open: false,
            password_min_chars: 15,
            throttle: Some(Limits {
                free: 10,
                lockout_after: None,
            }),
        },
        cost: Cost {
            memory_kib: 19 * 1024,
            iterations: 2,
            threads: 1,
            queue: 1,
            deadline: minutes(1),
        },
        is_https: true,
        is_loopback: false,
        has_secret: false,
        folder: None,
        master_key_beside: false,
        has_redis: false,
        has_proxies: true,
        has_address_limit: true,
        audit_retention: minutes(60),
        exposed: Vec::new(),
        settings: Vec::new(),
    }
}

fn findings() -> Findings {
    Findings {
        administrators: 2,
        key_age: Some(Duration::from_hours(24)),
        clients_without_pkce: Vec::new(),
        old_schemes: Vec::new(),
        clock_apart: Duration::ZERO,
        space_left: Some(u64::MAX),
    }
}

fn failing(setup: &Setup, findings: &Findings) -> Vec<&'static str> {
    let checks = checks::all(setup, findings).into_iter();
    checks.filter(|check| !check.ok).map(|check| check.id).collect()
}

#[test]
fn every_check_has_a_name_of_its_own_and_says_something_either_way() {
    let checks = checks::all(&setup(), &findings());
    let ids: Vec<_> = checks.iter().map(|check| check.id).collect();
    assert_eq!(ids, IDS);
    assert!(
        checks.iter().all(|check| check.ok && !check.message.is_empty()),
        "{checks:?}"
    );
}

#[test]
fn what_cannot_be_judged_is_left_out() {
    let findings = Findings {
        administrators: 0,
        space_left: None,
        ..findings()
    };
    let checks = checks::all(&setup(), &findings);
    let ids: Vec<_> = checks.iter().map(|check| check.id).collect();
    assert!(!ids.contains(&"disk") && !ids.contains(&"second_administrator"));
    assert_eq!(ids.len(), IDS.len() - 2);
}

#[test]
fn what_is_lacking_is_found() {
    type Spoil = fn(&mut Setup, &mut Findings);
    let spoiled: [(&str, Spoil); 21] = [
        ("https", |setup, _| setup.is_https = false),
        ("trusted_proxies", |setup, _| setup.has_proxies = false),
        ("when_stale", |setup, _| setup.rules.when_stale = WhenStale::Allow),
        ("access_lifetime", |setup, _| {
            setup.rules.access_lifetime = Duration::from_hours(2);
        }),
        ("shared_secret", |setup, _| setup.has_secret = true),
        ("administrator", |_, findings| findings.administrators = 0),
        ("second_administrator", |_, findings| findings.administrators = 1),
        ("rate_limit", |setup, _| setup.rules.throttle = None),
        ("address_limit", |setup, _| setup.has_address_limit = false),
        ("password_length", |setup, _| setup.rules.password_min_chars = 8),
        ("password_hash", |setup, _| setup.cost.iterations = 1),
        ("registration", |setup, _| setup.rules.registration_open = true),
        ("pkce", |_, findings| {
            findings.clients_without_pkce.push("gitea".into());
        }),
        ("master_key", |setup, _| setup.master_key_beside = true),
        ("exposed_files", |setup, _| {
            setup.exposed.push("others can read .env".into());
        }),
        ("key_age", |_, findings| {
            findings.key_age = Some(Duration::from_hours(400 * 24));
        }),
        ("imported_hashes", |_, findings| {
            findings.old_schemes.push("bcrypt".into());
        }),
        ("audit_retention", |setup, _| {
            setup.audit_retention = Duration::ZERO;
        }),
        ("one_node", |setup, _| {
            setup.folder = Some("/var/lib/jeton".into());
            setup.has_redis = true;
        }),
        ("clock", |_, findings| {
            findings.clock_apart = Duration::from_hours(1);
        }),
        ("disk", |_, findings| findings.space_left = Some(1000)),
    ];
    for (id, spoil) in spoiled {
        let (mut setup, mut findings) = (setup(), findings());
        spoil(&mut setup, &mut findings);
        assert_eq!(failing(&setup, &findings), [id]);
    }
}
