use std::time::Duration;

use super::{Check, Setup, Severity, examination::Findings};
use crate::service::machinery::revoked::WhenStale;

/// The shortest password that NIST SP 800-63B-4 §3.1.1.1 allows where there is no second factor.
const PASSWORD_CHARS: usize = 15;

/// How long a key signs before a new one is due.
const KEY_AGE: Duration = Duration::from_hours(365 * 24);

/// The longest that an access token should live: a resource server that checks nothing but the token takes it so long.
const ACCESS_LIFETIME: Duration = Duration::from_hours(1);

/// The least that Argon2id should cost (OWASP Password Storage).
const ARGON2_MEMORY_KIB: u32 = 19 * 1024;
const ARGON2_ITERATIONS: u32 = 2;

/// The least space a database should have.
const SPACE: u64 = 1024 * 1024 * 1024;

const DAY: u64 = 24 * 60 * 60;

pub(super) fn all(setup: &Setup, findings: &Findings) -> Vec<Check> {
    let mut checks = Vec::from(on_the_way(setup));
    checks.extend(at_the_door(setup, findings));
    checks.extend(at_rest(setup, findings));
    checks.extend(on_the_machine(setup, findings));
    // Left out where there is nothing to judge: the disk of a database on a server, and a second administrator before
    // there is a first.
    checks.retain(|check| match check.id {
        "disk" => findings.space_left.is_some(),
        "second_administrator" => findings.administrators > 0,
        _ => true,
    });
    checks
}

/// How requests and tokens travel.
fn on_the_way(setup: &Setup) -> [Check; 5] {
    let rules = &setup.rules;
    [
        Check {
            id: "https",
            ok: setup.is_https,
            severity: if setup.is_loopback {
                Severity::Info
            } else {
                Severity::Error
            },
            message: said(
                setup.is_https,
                "the issuer is https",
                format!(
                    "the issuer {} is not https: passwords and tokens travel in the clear",
                    rules.issuer
                ),
            ),
            fix: Some("--issuer https://… behind a proxy that speaks TLS"),
            value: rules.issuer.clone(),
        },
        check(
            "trusted_proxies",
            Severity::Info,
            setup.has_proxies || !setup.is_https,
            [
                "proxies are named, or none is needed",
                "no proxy is named: if one speaks TLS before this service, all its clients share one address limit",
            ],
            "--trusted-proxies ADDRESS",
        ),
        check(
            "when_stale",
            Severity::Warning,
            rules.when_stale == WhenStale::Refuse,
            [
                "a node that hears of no revocations refuses tokens",
                "a node that hears of no revocations lets revoked tokens pass",
            ],
            "--when-stale refuse",
        ),
        Check {
            value: minutes(rules.access_lifetime),
            ..check(
                "access_lifetime",
                Severity::Warning,
                rules.access_lifetime <= ACCESS_LIFETIME,
                [
                    "access tokens live an hour at most",
                    "access tokens live longer than an hour: whoever checks nothing but the token takes them so long",
                ],
                "--access-lifetime 15m",
            )
        },
        check(
            "shared_secret",
            Severity::Warning,
            !setup.has_secret,
            [
                "access tokens are signed with a key whose public half is published",
                "access tokens are signed with JWT_SECRET: whoever can check one can make one",
            ],
            "leave JWT_SECRET out: a key is made and published at /.well-known/jwks.json",
        ),
    ]
}

/// Who gets in, and how hard it is to guess.
fn at_the_door(setup: &Setup, findings: &Findings) -> [Check; 8] {
    let rules = &setup.rules;
    let cheap = setup.cost.memory_kib < ARGON2_MEMORY_KIB || setup.cost.iterations < ARGON2_ITERATIONS;
    [
        check(
            "administrator",
            Severity::Error,
            findings.administrators > 0,
            [
                "there is an administrator",
                "there is no administrator who can sign in",
            ],
            "jeton users create NAME --role admin",
        ),
        check(
            "second_administrator",
            Severity::Info,
            findings.administrators != 1,
            [
                "it takes more than one lost password to be without an administrator",
                "there is one administrator alone: nobody helps when that password is lost",
            ],
            "jeton users create NAME --role admin",
        ),
        check(
            "rate_limit",
            Severity::Error,
            rules.throttle.is_some(),
            [
                "guessing at passwords is slowed down",
                "passwords can be guessed as fast as they can be hashed",
            ],
            "--rate-limit on",
        ),
        check(
            "address_limit",
            Severity::Warning,
            setup.has_address_limit || rules.throttle.is_none(),
            [
                "an address has a limit of attempts",
                "an address may try as often as it likes, under as many names",
            ],
            "--address-limit 300",
        ),
        Check {
            value: rules.password_min_chars.to_string(),
            message: said(
                rules.password_min_chars >= PASSWORD_CHARS,
                "new passwords are long enough",
                format!(
                    "new passwords may have {} characters; {PASSWORD_CHARS} are recommended where there is no second factor",
                    rules.password_min_chars
                ),
            ),
            ..check(
                "password_length",
                Severity::Warning,
                rules.password_min_chars >= PASSWORD_CHARS,
                ["", ""],
                "--password-min-length 15",
            )
        },
        check(
            "password_hash",
            Severity::Warning,
            !cheap,
            [
                "a stolen password hash is dear to try",
                "a stolen password hash is cheaper to try than it should be",
            ],
            "jeton calibrate",
        ),
        check(
            "registration",
            Severity::Info,
            !rules.registration_open,
            [
                "accounts are made by administrators",
                "whoever comes may make an account",
            ],
            "--registration closed",
        ),
        Check {
            value: findings.clients_without_pkce.join(", "),
            message: said(
                findings.clients_without_pkce.is_empty(),
                "every client that signs people in sends PKCE",
                format!(
                    "these clients may sign people in without PKCE, by which a stolen code is of no use: {}",
                    findings.clients_without_pkce.join(", ")
                ),
            ),
            ..check(
                "pkce",
                Severity::Info,
                findings.clients_without_pkce.is_empty(),
                ["", ""],
                "jeton clients change ID --pkce required, once its software sends it",
            )
        },
    ]
}

/// Checks of the files and the database.
fn at_rest(setup: &Setup, findings: &Findings) -> [Check; 4] {
    let days = findings.key_age.map_or(0, |age| age.as_secs() / DAY);
    let is_young = setup.has_secret || findings.key_age.is_none_or(|age| age <= KEY_AGE);
    let exposed = setup.exposed.join("; ");
    [
        check(
            "master_key",
            Severity::Warning,
            !setup.master_key_beside,
            [
                "the master key lies elsewhere than the database",
                "the master key lies beside its database: whoever copies the folder has both",
            ],
            "--master-key-file PATH, on another volume, or JETON_MASTER_KEY",
        ),
        Check {
            message: said(
                exposed.is_empty(),
                "no file with secrets is open to others",
                exposed.clone(),
            ),
            value: exposed.clone(),
            ..check(
                "exposed_files",
                Severity::Error,
                exposed.is_empty(),
                ["", ""],
                "chmod 600 FILE",
            )
        },
        Check {
            message: said(
                is_young,
                "the key that signs is not old",
                format!("the key that signs access tokens has signed for {days} days"),
            ),
            value: days.to_string(),
            ..check(
                "key_age",
                Severity::Warning,
                is_young,
                ["", ""],
                "jeton keys rotate",
            )
        },
        Check {
            value: findings.old_schemes.join(", "),
            message: said(
                findings.old_schemes.is_empty(),
                "every password is hashed with Argon2id",
                format!(
                    "passwords are hashed with {}, until their owners sign in",
                    findings.old_schemes.join(", ")
                ),
            ),
            ..check(
                "imported_hashes",
                Severity::Info,
                findings.old_schemes.is_empty(),
                ["", ""],
                "jeton users reset-password NAME --force, for those who never come",
            )
        },
    ]
}

/// How long things are kept, and what they are kept on.
fn on_the_machine(setup: &Setup, findings: &Findings) -> [Check; 4] {
    let megabytes = findings.space_left.map_or(0, |bytes| bytes / 1_000_000);
    [
        check(
            "audit_retention",
            Severity::Info,
            !setup.audit_retention.is_zero(),
            [
                "the audit trail forgets after a time",
                "the audit trail is kept for ever, with the addresses and devices in it",
            ],
            "--audit-retention 365d",
        ),
        check(
            "one_node",
            Severity::Warning,
            setup.folder.is_none() || !setup.has_redis,
            [
                "the database serves as many nodes as there are",
                "Redis is there for several nodes, and SQLite serves one",
            ],
            "jeton migrate --from URL --to postgres://…",
        ),
        Check {
            message: said(
                findings.clock_agrees(),
                "this machine's clock agrees with the database's",
                format!(
                    "this machine's clock is {} seconds from the database's: requests are refused",
                    findings.clock_apart.as_secs()
                ),
            ),
            value: findings.clock_apart.as_secs().to_string(),
            ..check(
                "clock",
                Severity::Error,
                findings.clock_agrees(),
                ["", ""],
                "set the clock, and keep it by NTP",
            )
        },
        Check {
            message: said(
                findings.space_left.is_none_or(|left| left >= SPACE),
                "the database's disk has room",
                format!("the database's disk has {megabytes} MB left"),
            ),
            value: megabytes.to_string(),
            ..check(
                "disk",
                Severity::Error,
                findings.space_left.is_none_or(|left| left >= SPACE),
                ["", ""],
                "make room, or move the database: jeton migrate --from URL --to URL",
            )
        },
    ]
}

/// A check whose sentences are always the same: for good, and for bad.
fn check(id: &'static str, severity: Severity, ok: bool, [good, bad]: [&str; 2], fix: &'static str) -> Check {
    Check {
        id,
        ok,
        severity,
        message: if ok { good } else { bad }.to_owned(),
        fix: Some(fix),
        value: String::new(),
    }
}

fn said(ok: bool, good: &str, bad: String) -> String {
    if ok { good.to_owned() } else { bad }
}

fn minutes(span: Duration) -> String {
    (span.as_secs() / 60).to_string()
}
