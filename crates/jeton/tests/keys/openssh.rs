//! OpenSSH's public keys, as `ssh-keygen` writes them, beside the same keys in PEM.

use jeton::{Algorithm, KeyError, SigningKey, VerifyingKey};

const WRITTEN: [(Algorithm, &str, &str); 5] = [
    (
        Algorithm::EdDsa,
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPqguGh1vgFY+5g1qMRUmyOJ4iRlvbvafXzxgnM2oQX9",
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA+qC4aHW+AVj7mDWoxFSbI4niJGW9u9p9fPGCczahBf0=\n-----END PUBLIC KEY-----\n",
    ),
    (
        Algorithm::Ps256,
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQCphU7x9cxT2gt8im9gJRrI5ABKPO+B8zBR+gNWCSjE3gB1cAmngcB4Qwh2XJ2sdNt1SLekEg8TdEHbgACo1e+N1deramQl7dxcYeglrNQ9EkIBIAg4o6pV6AL8k7Nu5ZWzpIXKIFvRwIJjVEvU4Zaaysjiry9MmWjnGFy0ZpJ7J2cJmMpl/MU4FMTXFmmSYSMlAoBhCZ5AXkSy9Vez0O869CidCV6lRbnz9c8fjv6XeUo2JIsF6xmbzunZdbCtgfrQ1aA4ua4ilTDM0HLkgKLSUlS7KuBTwm9an5Dy3diI5YyyhizpBV0JY3vRA1KfkJcgzy4DP802PtrBsMr+buLqGA0eUZ/vk8pj/ClcOYevES45BcJuJdP+JwSDw8a4Ht0Zz3bCKcaUkpgSxtZVIQ0IyzVv2ySYLhpBuhoA3nPXhbyYe58gIADaoxFtdfEhUth+NbwtyzHwjWH89J0LmYF1fkr2lpnjRa1PfOEx9gCBv3G49Ohs8hBv8MagWtesw/s=",
        "-----BEGIN PUBLIC KEY-----\nMIIBojANBgkqhkiG9w0BAQEFAAOCAY8AMIIBigKCAYEAqYVO8fXMU9oLfIpvYCUa\nyOQASjzvgfMwUfoDVgkoxN4AdXAJp4HAeEMIdlydrHTbdUi3pBIPE3RB24AAqNXv\njdXXq2pkJe3cXGHoJazUPRJCASAIOKOqVegC/JOzbuWVs6SFyiBb0cCCY1RL1OGW\nmsrI4q8vTJlo5xhctGaSeydnCZjKZfzFOBTE1xZpkmEjJQKAYQmeQF5EsvVXs9Dv\nOvQonQlepUW58/XPH47+l3lKNiSLBesZm87p2XWwrYH60NWgOLmuIpUwzNBy5ICi\n0lJUuyrgU8JvWp+Q8t3YiOWMsoYs6QVdCWN70QNSn5CXIM8uAz/NNj7awbDK/m7i\n6hgNHlGf75PKY/wpXDmHrxEuOQXCbiXT/icEg8PGuB7dGc92winGlJKYEsbWVSEN\nCMs1b9skmC4aQboaAN5z14W8mHufICAA2qMRbXXxIVLYfjW8Lcsx8I1h/PSdC5mB\ndX5K9paZ40WtT3zhMfYAgb9xuPTobPIQb/DGoFrXrMP7AgMBAAE=\n-----END PUBLIC KEY-----\n",
    ),
    (
        Algorithm::Es256,
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBCMfPD9PpB+3T6E+VO+LJ51tBNCwzQ9r38jxlJH7KXINp/yfTprwy6YPPUh+B7w2aMLE9k7phPHRrdySL3VujIo=",
        "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIx88P0+kH7dPoT5U74snnW0E0LDN\nD2vfyPGUkfspcg2n/J9OmvDLpg89SH4HvDZowsT2TumE8dGt3JIvdW6Mig==\n-----END PUBLIC KEY-----\n",
    ),
    (
        Algorithm::Es384,
        "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBIGpar8FyUU/bKFbNMtdqKP7aEp2M07PNZQOCZ36mzXYLS/9E1h4/zl1E6O9Bn9lICmvToeghfTFIHW5+65IRPekgdv6pzGy99K0/+vVnINyW+e5hFJ5Jh2/fHjm8191rA==",
        "-----BEGIN PUBLIC KEY-----\nMHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEgalqvwXJRT9soVs0y12oo/toSnYzTs81\nlA4JnfqbNdgtL/0TWHj/OXUTo70Gf2UgKa9Oh6CF9MUgdbn7rkhE96SB2/qnMbL3\n0rT/69Wcg3Jb57mEUnkmHb98eObzX3Ws\n-----END PUBLIC KEY-----\n",
    ),
    (
        Algorithm::Es512,
        "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAHHmiqDRwH6hkvTmPsR/nh8hMXR40obesmNgwJkRgbcZWqNH4Q24Ad569eQn104taxRBZpwFSky7GIvojKORBA6VAHCxoxjAk19nvfHFolT0xIWFwrf/zrsHP/8sKY8t1BJ+RbbpzSrkHkFeeLJFO/bQr6lIWSpaKiFDvxuCjzNWVQzsQ==",
        "-----BEGIN PUBLIC KEY-----\nMIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQBx5oqg0cB+oZL05j7Ef54fITF0eNK\nG3rJjYMCZEYG3GVqjR+ENuAHeevXkJ9dOLWsUQWacBUpMuxiL6IyjkQQOlQBwsaM\nYwJNfZ73xxaJU9MSFhcK3/867Bz//LCmPLdQSfkW26c0q5B5BXniyRTv20K+pSFk\nqWiohQ78bgo8zVlUM7E=\n-----END PUBLIC KEY-----\n",
    ),
];

#[test]
fn a_line_gives_the_key_that_its_pem_gives() {
    for (algorithm, line, pem) in WRITTEN {
        let expected = VerifyingKey::from_pem(algorithm, pem).unwrap().to_jwk();
        for line in [
            line.to_owned(),
            format!("{line} ada@example\n"),
            format!("no-pty,command=\"ls -l\" {line} of Ada"),
            line.replacen(' ', "\t", 1),
        ] {
            let key = VerifyingKey::from_openssh(algorithm, &line).unwrap();
            assert_eq!(key.to_jwk(), expected, "{line}");
        }
    }
}

#[test]
fn a_line_of_another_kind_is_named_and_a_broken_one_refused() {
    let (_, ed25519, _) = WRITTEN[0];
    let (_, p256, _) = WRITTEN[2];
    let wrong = VerifyingKey::from_openssh(Algorithm::Es384, p256).unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "ES384 needs a key on P-384, and this is a key on P-256"
    );
    let symmetric = VerifyingKey::from_openssh(Algorithm::Hs256, ed25519).unwrap_err();
    assert_eq!(symmetric, KeyError::Symmetric(Algorithm::Hs256));
    let short = &ed25519[..ed25519.len() - 4];
    for broken in [
        "",
        "ssh-ed25519",
        "ssh-ed25519 !",
        "ssh-ed25519 AAAA",
        short,
        &ed25519.replace("AAAAC3", "AAAAC4"),
    ] {
        assert!(
            matches!(
                VerifyingKey::from_openssh(Algorithm::EdDsa, broken),
                Err(KeyError::Malformed(_))
            ),
            "{broken}"
        );
    }
    let long = format!("{ed25519} {}", "x".repeat(20_000));
    let refused = VerifyingKey::from_openssh(Algorithm::EdDsa, &long).unwrap_err();
    assert!(matches!(refused, KeyError::TooLarge { .. }));
}

#[test]
fn as_pem_it_says_who_reads_it() {
    let (_, line, _) = WRITTEN[0];
    let refused = VerifyingKey::from_pem(Algorithm::EdDsa, line).unwrap_err();
    assert!(refused.to_string().contains("from_openssh"), "{refused}");
    let private =
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n";
    let refused = SigningKey::from_pem(Algorithm::EdDsa, private).unwrap_err();
    assert!(
        refused.to_string().contains("ssh-keygen -p -m pkcs8"),
        "{refused}"
    );
}
