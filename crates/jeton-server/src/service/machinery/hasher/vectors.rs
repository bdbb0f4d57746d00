//! Hashes that the libraries themselves made: Werkzeug 3.1, Django 5.2, passlib 1.7, bcrypt 4.0 and argon2-cffi 25.1.

use super::{bounds, compute::Workbench, error::HashError, imported::ImportedHash, stored::StoredHash};
use crate::model::user::PasswordHash;

const PASSWORD: &str = "correct horse battery";

/// The maker, the scheme here, and the hash of [`PASSWORD`].
const MADE: [(&str, &str, &str); 31] = [
    (
        "Werkzeug",
        "scrypt:10:8:1",
        "scrypt:1024:8:1$mhNDw1yA4r9GHxOE$38b328ed41276ee07e3d0d4306939f8a5393629c5d75e0d8796e74c75cee1f8de1deb248101ee6e9a76bd1c5ced2c5ca5abfccc6d48858e9473fe46e0f7f25e4",
    ),
    (
        "Werkzeug",
        "pbkdf2:sha1:1000",
        "pbkdf2:sha1:1000$TDsjbPrWolhHxvoY$11325cb7f54abe59d63162cb3b1d2de31bd35f3b",
    ),
    (
        "Werkzeug",
        "pbkdf2:sha256:1000",
        "pbkdf2:sha256:1000$lCNg2wuoiIhCKKqx$336bb1953613280c41f79d97792ceb1514fdaaf5d4a4efb35eaa481928e0d697",
    ),
    (
        "Werkzeug",
        "pbkdf2:sha384:1000",
        "pbkdf2:sha384:1000$Glqg1qsigKM4So3R$289d31f16f5e2eb9d2b6a3ff18f6a0f4f691e9aa9656c8b8ab5e56c92828f083c0be99325431f4ddd22441e6e0d2a4b3",
    ),
    (
        "Werkzeug",
        "pbkdf2:sha512:1000",
        "pbkdf2:sha512:1000$VCbRhwGcUOX7IQGJ$582cd61c757631f62ba2849322990a1e90f608e5181830c0b75c3006334fb66d0a4903e4e6fb513ababdf7ef866696ac55f23c4533a4d63357304dcd180ef09a",
    ),
    (
        "Django",
        "pbkdf2:sha256:1000",
        "pbkdf2_sha256$1000$FNO91FUNZ0D3Dfi1mEdjIn$iQ+12a/8FlnIV3D8DF7pbe62UywR8IKkrAzNbm79DOg=",
    ),
    (
        "Django",
        "pbkdf2:sha1:1000",
        "pbkdf2_sha1$1000$XQY4ONZWsrlk7ogyCjQLNS$5R/AQ/WwwM12BAVoinQh9gH+Y5I=",
    ),
    (
        "Django",
        "argon2$argon2id$v=19$m=512,t=2,p=8",
        "argon2$argon2id$v=19$m=512,t=2,p=8$YlhKelVsQWdFazZUdDhLMmtNOERaag$Iwca/w1xDQNgBADaulSVyxXjpJrDKF9PKC2gWjP2aCo",
    ),
    (
        "Django",
        "bcrypt-sha256-hex:4",
        "bcrypt_sha256$$2b$04$aJbtuFYXZVYYZco1WZk.nenfVwOorNpi2NWJoRPDBkjcA/4w3k//W",
    ),
    (
        "Django",
        "bcrypt:4",
        "bcrypt$$2b$04$2XYa8InsLFOKH8nmdz9aAencCgIgWRT5VW0ncBO1K80yoPJKFt09e",
    ),
    (
        "Django",
        "scrypt:10:8:5",
        "scrypt$1024$J0IF0DTYPmeCEeYjj8qRIw$8$5$21qXrKn3AvwK88Vx+gIwM2c0VEuwqOBx7W96LQkElO4NJoCvM0L8h8GLehfqmYZwHDPqh6r3Tp5b9pIxd7RSBA==",
    ),
    (
        "passlib",
        "pbkdf2:sha1:1000",
        "$pbkdf2$1000$AGBMybnX.l.LcQ4hxLgX4g$CTug2kOxmgR8I49vnhQlqVUSURM",
    ),
    (
        "passlib",
        "pbkdf2:sha256:1000",
        "$pbkdf2-sha256$1000$oVTqvbeWEsKYc.6dMwaA8A$e9EjrPOpmMAqMxFw3K5MrVtU0VZEaKf37xgHp/p.f08",
    ),
    (
        "passlib",
        "pbkdf2:sha512:1000",
        "$pbkdf2-sha512$1000$O2cM4bzXOmcshXBuLWXMmQ$Hn37oXgO5mogoFrwqUrb8JrsEIcxKwBv7Z4Fr.VYVPWIBUg0EePiXxp.7grGEM9uGfYbOwu1eS46HTNuQWwF2Q",
    ),
    (
        "passlib",
        "scrypt:10:8:1",
        "$scrypt$ln=10,r=8,p=1$9D4nBICQcg7hPGdMyVkLoQ$NB4rZZOr8HYXB3NHXO0+e0gT7bLyUY+JSq5d+IprVjQ",
    ),
    (
        "passlib",
        "bcrypt-hmac-sha256-base64:4",
        "$bcrypt-sha256$v=2,t=2b,r=4$9SB3DIQpqggm3SxiLpxpNe$I7oieNjGAud5If3E1GzMtUnCCWG4bJi",
    ),
    (
        "passlib before 1.7.3",
        "bcrypt-sha256-base64:4",
        "$bcrypt-sha256$2b,4$P7ZsDQb2AnP/LW/J6U3.D.$GX8CMa2AZOddVrIawPaJjFUAnDcvsdq",
    ),
    (
        "passlib",
        "bcrypt:4",
        "$2b$04$5Zsz1sLWUfyNavNJbkfWdeiDvys8ag5azo9HQDPz/RvwU2zwLiQXe",
    ),
    (
        "passlib",
        "bcrypt:4",
        "$2a$04$E762c9AZ1Mi6WLepALccheviuqVTY2gHWALs4wW59kM./Ll5IegYW",
    ),
    (
        "passlib",
        "bcrypt:4",
        "$2y$04$8LqyDgfrB31z1y4E8QwsmOHsOAZhm7YxI1dhtIs.StmR6UVkVtwge",
    ),
    (
        "passlib",
        "argon2$argon2id$v=19$m=512,t=2,p=2",
        "$argon2id$v=19$m=512,t=2,p=2$Psf4/z9HSKkVIsR47z3HOA$/NpH/iarEch++SwozqrGku+S9UxGiSqUj/1XAq8Z3Kk",
    ),
    (
        "passlib",
        "argon2$argon2i$v=19$m=512,t=2,p=2",
        "$argon2i$v=19$m=512,t=2,p=2$lpLS2ptTqlXKea+1FiIkZA$qT/F0Vdnj0XgZ2sEtbVxguOzjSWNY8+X+4xwaXJjZ58",
    ),
    (
        "passlib",
        "argon2$argon2d$v=19$m=512,t=2,p=2",
        "$argon2d$v=19$m=512,t=2,p=2$pvSeM4Yw5jwnBKCUEuI8Jw$4QJrFf6e3cNM3tdsyQqsdntSyTd/WX7KVO15OfZ5BGg",
    ),
    (
        "passlib",
        "sha-crypt:sha256:1000",
        "$5$rounds=1000$iHVbthnmghsLNTQ8$w47BFD5UH0uJyPw5q5Y6DvicjWKktO6SyHtrEg/6r3.",
    ),
    (
        "passlib",
        "sha-crypt:sha512:1000",
        "$6$rounds=1000$Sj78HQBjJN.ON26b$kDcWiwKIIvBL8gfph8pfgB93ElPq0xw4NRULm6bneKn/RpY.oVQGw8YsAJoqr1vJuNyGknyjQTmbiF/ddHLeO.",
    ),
    (
        "passlib",
        "sha-crypt:sha256:5000",
        "$5$stwu3R12Okx0qCod$dWC/fhpOzgrbSfFYgEqXQRm36CsL2R3jK3OrZ6WoV3A",
    ),
    (
        "passlib",
        "sha-crypt:sha512:5000",
        "$6$LecbDfAB$A3vQk3IbKNhByQeDizvXFUM9cQHefZOLdwQ65EuHhf39ua3Hq8CRiJXmOREjpIOHsRZJ2PAK0kNOBB//Hk5zN0",
    ),
    (
        "argon2-cffi",
        "argon2$argon2id$v=19$m=256,t=1,p=1",
        "$argon2id$v=19$m=256,t=1,p=1$2kaQ4HRq2vv3Nr3acK6Amw$kUhEv47jlsqEfJqFr2wDl2LfPJae+jbabu6WORjCiEE",
    ),
    (
        "argon2-cffi, first version",
        "argon2$argon2i$v=16$m=512,t=2,p=2",
        "$argon2i$v=16$m=512,t=2,p=2$c2FsdHNhbHRzYWx0c2FsdA$mjUTMGQyF/ps2Wl2wQrDIc6vTvnoHUWGnADfF1aigag",
    ),
    (
        "bcrypt",
        "bcrypt:4",
        "$2b$04$P3zvUbkVJ/jd1x8XLQkhAOrHXtTULdJ06PRIlXOuqzgFrPPm6PMqW",
    ),
    (
        "the PHC",
        "pbkdf2:sha256:1000",
        "$pbkdf2-sha256$i=1000,l=32$oVTqvbeWEsKYc+6dMwaA8A$e9EjrPOpmMAqMxFw3K5MrVtU0VZEaKf37xgHp/p+f08",
    ),
];

const BCRYPT_OF_80_X: &str = "$2b$04$LylG.5XvamTQ62.EKGFHY.EsX73JMlw.jYFMQoYI68Bu134R39xrO";
const BCRYPT_OF_A_NUL_B: &str = "$2b$04$qwRArGVC8zsp.9yBx3.OuuS5SvGYVVmrBtMjYo7T/cGCV6iVg3ik.";

fn matches(hash: &str, password: &str) -> bool {
    let imported = ImportedHash::parse(hash).unwrap();
    let stored = StoredHash::parse(imported.hash()).unwrap();
    Workbench::new(0).matches(&stored, password.as_bytes())
}

fn refusal(hash: &str) -> HashError {
    ImportedHash::parse(hash).unwrap_err()
}

#[test]
fn the_password_of_every_library_matches_and_no_other() {
    for (maker, scheme, hash) in MADE {
        assert!(matches(hash, PASSWORD), "{maker}: {hash}");
        assert!(!matches(hash, "correct horse batterz"), "{maker}: {hash}");
        assert!(!matches(hash, ""), "{maker}: {hash}");
        assert_eq!(
            ImportedHash::parse(hash).unwrap().scheme().to_string(),
            scheme,
            "{maker}"
        );
    }
}

#[test]
fn what_was_cut_off_is_damaged() {
    for (maker, _, hash) in MADE {
        // Argon2 and the PHC's scrypt have digests of many lengths: a much shorter one may be whole.
        let any_length = hash.contains("$argon2") || hash.starts_with("$scrypt");
        let from = if any_length { hash.len() - 3 } else { 0 };
        for length in from..hash.len() {
            assert!(
                ImportedHash::parse(&hash[..length]).is_err(),
                "{maker}: {}",
                &hash[..length]
            );
        }
        for longer in [
            format!("{hash}A"),
            format!("{hash}$"),
            format!("{hash}="),
            format!("{hash}$A"),
        ] {
            assert!(ImportedHash::parse(&longer).is_err(), "{maker}: {longer}");
        }
    }
}

#[test]
fn only_imported_argon2_hashes_are_written_differently() {
    for (_, _, hash) in MADE {
        let kept = ImportedHash::parse(hash).unwrap();
        let kept = kept.hash().expose();
        assert!(
            !kept.starts_with('$') || !kept.contains("argon2"),
            "it would pass for one made here: {kept}"
        );
        assert!(kept == hash || kept == format!("argon2{hash}"), "{kept}");
    }
}

#[test]
fn bcrypt_looks_at_72_bytes_as_it_always_did() {
    for (length, same) in [(80, true), (72, true), (73, true), (71, false)] {
        assert_eq!(matches(BCRYPT_OF_80_X, &"x".repeat(length)), same, "{length}");
    }
    assert!(matches(BCRYPT_OF_A_NUL_B, "a\0b"));
    assert!(!matches(BCRYPT_OF_A_NUL_B, "a"));
}

#[test]
fn a_salt_with_bits_to_spare_is_read_as_bcrypt_reads_it() {
    let [plain, spare] =
        ["u", "v"].map(|last| format!("$2a$04$abcdefghijklmnopqrstu{last}qREtd3VJD2QVZbuFskFSLk6eRIrQoOS"));
    assert!(matches(&plain, PASSWORD) && matches(&spare, PASSWORD));
}

#[test]
fn what_cannot_be_kept_is_refused_with_a_sentence() {
    for (hash, said) in [
        ("", "there is no password hash"),
        ("!Y9GP0f1nGvY8J0PmzGDUeoFw6vQLuBqDzhEpUfkn", "unusable"),
        ("!", "unusable"),
        ("*", "unusable"),
        ("pass1425", "no known scheme"),
        ("$y$j9T$salt$digest", "no known scheme"),
        ("{SSHA}c2FsdA==", "no known scheme"),
        ("caf\u{e9}$\u{e9}$\u{e9}", "no known scheme"),
        (
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "a digest without salt can be guessed",
        ),
        ("sha256$salt$5f4dcc3b5aa765d61d8327deb882cf99", "computed once"),
        ("md5$salt$5f4dcc3b5aa765d61d8327deb882cf99", "computed once"),
        ("plain$$pass1425", "plain text"),
        ("$1$salt$qJH7.N4xYta3aEG/dfqo/0", "MD5-crypt"),
        (
            "$2x$04$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e",
            "faulty variants",
        ),
        ("$argon2id$v=19$m=65536,t=3,p=4", "the Argon2 hash is damaged"),
        (
            "$argon2id$v=18$m=64,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA",
            "its version or its cost",
        ),
        (
            "$argon2id$v=19$m=064,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA",
            "its version or its cost",
        ),
        (
            "$argon2id$v=19$m=64,t=1,p=1$c2FsdA$c2FsdHNhbHRzYWx0c2FsdA",
            "its salt",
        ),
        (
            "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0",
            "its digest",
        ),
        ("scrypt:1000:8:1$salt$00", "the scrypt hash is damaged: its cost"),
        ("scrypt:1024:8$salt$00", "the scrypt hash is damaged"),
        ("pbkdf2:md5:1000$salt$00", "its digest is none of"),
        ("pbkdf2:sha256:0$salt$00", "its cost"),
        ("pbkdf2_sha256$1000$salt$AAAA", "its digest is not"),
        (
            "$2b$03$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS",
            "between 04 and 31",
        ),
        ("$5$rounds=999$salt$x", "its rounds"),
    ] {
        let said_instead = refusal(hash).to_string();
        assert!(said_instead.contains(said), "{hash}: {said_instead}");
        assert!(hash.len() < 8 || !said_instead.contains(hash), "{said_instead}");
    }
}

#[test]
fn a_hash_that_would_eat_the_machine_is_refused() {
    let scrypt = "0".repeat(128);
    let sha256 = "0".repeat(64);
    let argon2 = "c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA";
    let bcrypt = "abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS";
    let sha_crypt = "J8HLkVBIqtYH2p8V$dwVfX26NvrshkBXJA.epnwktAKJIYQf6ZTPxZZYqrQ.";
    let (memory, work) = (bounds::MAX_MEMORY_KIB, bounds::MAX_MEMORY_WORK_KIB);
    for (most, more) in [
        (
            format!("$argon2id$v=19$m={memory},t={},p=1${argon2}", work / memory),
            format!("$argon2id$v=19$m={memory},t={},p=1${argon2}", work / memory + 1),
        ),
        (
            format!("$argon2i$v=19$m={memory},t=1,p=64${argon2}"),
            format!("$argon2i$v=19$m={},t=1,p=1${argon2}", memory + 1),
        ),
        (
            format!("$argon2id$v=19$m=4096,t=1,p=64${argon2}"),
            format!("$argon2id$v=19$m=4096,t=1,p=65${argon2}"),
        ),
        (
            format!("scrypt:262144:8:4$salt${scrypt}"),
            format!("scrypt:262144:8:5$salt${scrypt}"),
        ),
        (
            format!("scrypt:32768:8:1$salt${scrypt}"),
            format!("scrypt:2147483648:4294967295:4294967295$salt${scrypt}"),
        ),
        (
            format!("pbkdf2:sha256:10000000$salt${sha256}"),
            format!("pbkdf2:sha256:10000001$salt${sha256}"),
        ),
        (format!("$2b$16${bcrypt}"), format!("$2b$17${bcrypt}")),
        (
            format!("$5$rounds=5000000${sha_crypt}"),
            format!("$5$rounds=5000001${sha_crypt}"),
        ),
    ] {
        assert!(ImportedHash::parse(&most).is_ok(), "{most}");
        assert!(matches!(refusal(&more), HashError::TooCostly { .. }), "{more}");
    }
}

#[test]
fn a_hash_kept_here_may_cost_what_the_settings_say() {
    let hash = PasswordHash::new(
        "$argon2id$v=19$m=4194304,t=1000,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA".to_owned(),
    );
    assert!(StoredHash::parse(&hash).is_ok());
}
