use super::{Forge, RESERVED_NAMES, nested_in_texts};
use crate::encoding::encode;
use crate::{IssueError, SigningKey};

/// A token no verifier may accept.
///
/// ```
/// # use jeton::{Algorithm, SigningKey, jws, testkit};
/// # let key = SigningKey::generate(Algorithm::Hs256)?;
/// # #[derive(serde::Deserialize)] struct Nothing {}
/// # impl jeton::Claims for Nothing { const TYP: &'static str = "JWT"; }
/// # let now = std::time::SystemTime::now();
/// let verifier = jeton::Verifier::builder(key.verifying_key()).any_issuer().any_audience().build();
/// for testkit::Hostile { name, token } in testkit::hostile(&key, "JWT", r#"{"exp":4102444800,"sub":"u"}"#)? {
///     assert!(verifier.verify_at::<Nothing>(&token, now).is_err(), "{name}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Hostile {
    /// The fault of the token, in words.
    pub name: &'static str,
    /// The token.
    pub token: String,
}

/// Tokens no verifier of this key may accept, made from good claims: a JSON object as text, with whatever
/// the verifier asks for. Nearly all carry a signature that is valid under the key.
///
/// ```
/// # use jeton::{Algorithm, SigningKey, jws, testkit};
/// # let key = SigningKey::generate(Algorithm::Hs256)?;
/// let all = testkit::hostile(&key, "JWT", r#"{"exp":4102444800}"#)?;
/// assert!(all.len() > 50);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn hostile(key: &SigningKey, typ: &str, claims: &str) -> Result<Vec<Hostile>, IssueError> {
    let alg = key.algorithm().name();
    let kid = key
        .kid()
        .map(|kid| format!(r#","kid":"{kid}""#))
        .unwrap_or_default();
    let header = format!(r#"{{"alg":"{alg}","typ":"{typ}"{kid}}}"#);
    let good = Forge::new(&header, claims).signed_by(key)?;
    let mut all = Vec::new();
    headers(&mut all, key, &header, claims)?;
    payloads(&mut all, key, &header, claims)?;
    texts(&mut all, &good);
    Ok(all)
}

fn headers(all: &mut Vec<Hostile>, key: &SigningKey, header: &str, claims: &str) -> Result<(), IssueError> {
    let alg = key.algorithm().name();
    let open = header.trim_end_matches('}');
    let renamed = |to: &str| header.replacen(alg, to, 1);
    let headers = [
        ("no alg", header.replacen("\"alg\"", "\"gla\"", 1)),
        (
            "alg in other case",
            renamed(&alg.to_lowercase().replace(|c: char| c.is_ascii_digit(), "2")),
        ),
        ("unknown alg", renamed("HS1")),
        ("alg is no text", header.replacen(&format!("\"{alg}\""), "256", 1)),
        ("alg twice", format!(r#"{open},"alg":"{alg}"}}"#)),
        (
            "alg twice, once with an escape",
            format!(r#"{open},"\u0061lg":"{alg}"}}"#),
        ),
        ("kid is a number", format!(r#"{{"alg":"{alg}","kid":5}}"#)),
        ("kid is null", format!(r#"{{"alg":"{alg}","kid":null}}"#)),
        ("unknown crit", format!(r#"{open},"crit":["x"],"x":1}}"#)),
        ("empty crit", format!(r#"{open},"crit":[]}}"#)),
        ("crit is null", format!(r#"{open},"crit":null}}"#)),
        ("b64 is false", format!(r#"{open},"b64":false,"crit":["b64"]}}"#)),
        ("b64 without crit", format!(r#"{open},"b64":false}}"#)),
        (
            "typ of another kind",
            format!(r#"{{"alg":"{alg}","typ":"dpop+jwt"}}"#),
        ),
        ("typ is an array", format!(r#"{{"alg":"{alg}","typ":["JWT"]}}"#)),
        ("header is an array", format!("[{header}]")),
        ("header is empty", String::new()),
        ("header goes on", format!("{header} {{}}")),
        (
            "a member twice, deep inside",
            format!(r#"{open},"jwk":{{"k":1,"k":2}}}}"#),
        ),
        (
            "header nests 100,000 deep",
            format!(r#"{open},"x":{}}}"#, "[".repeat(4_000)),
        ),
        ("byte order mark", format!("\u{feff}{header}")),
        (
            "a name the parser keeps for itself",
            format!(r#"{open},"x":{{"{}":"1"}}}}"#, RESERVED_NAMES[1]),
        ),
        (
            "texts within texts in the header",
            format!(r#"{open},"x":{}}}"#, nested_in_texts(RESERVED_NAMES[0], 10)),
        ),
    ];
    for (name, header) in headers {
        all.push(Hostile {
            name,
            token: Forge::new(header, claims).signed_by(key)?,
        });
    }
    for (name, to) in [("alg none", "none"), ("alg nOnE", "nOnE"), ("alg empty", "")] {
        all.push(Hostile {
            name,
            token: Forge::new(renamed(to), claims).with_signature(&[]),
        });
    }
    Ok(())
}

fn payloads(all: &mut Vec<Hostile>, key: &SigningKey, header: &str, claims: &str) -> Result<(), IssueError> {
    let open = claims.trim_end().trim_end_matches('}');
    let without = |name: &str| claims.replacen(&format!("\"{name}\""), &format!("\"no {name}\""), 1);
    let with = |name: &str, value: &str| {
        let open = without(name);
        format!(r#"{},"{name}":{value}}}"#, open.trim_end().trim_end_matches('}'))
    };
    let payloads = [
        ("exp is missing", without("exp")),
        ("exp is text", with("exp", "\"4102444800\"")),
        ("exp is null", with("exp", "null")),
        ("exp is 1e300", with("exp", "1e300")),
        ("exp is 1e999", with("exp", "1e999")),
        ("exp has 5,000 digits", with("exp", &"9".repeat(5_000))),
        ("exp is in the past", with("exp", "1")),
        ("exp twice", format!(r#"{open},"exp":4102444800}}"#)),
        (
            "exp twice, once with an escape",
            format!(r#"{open},"\u0065xp":4102444800}}"#),
        ),
        ("nbf is ahead", with("nbf", "253370764800")),
        ("nbf is text", with("nbf", "\"1\"")),
        ("iat is ahead", with("iat", "253370764800")),
        ("iat is an object", with("iat", "{}")),
        ("iss is an object", with("iss", "{}")),
        ("iss is an array", with("iss", "[\"zz\",\"a\"]")),
        ("sub is a number", with("sub", "5")),
        ("aud is a number", with("aud", "123")),
        ("aud is an object", with("aud", "{}")),
        ("aud holds a number", with("aud", "[\"a\",5]")),
        ("jti is a number", with("jti", "7")),
        (
            "a member twice",
            format!(r#"{open},"unheard of":1,"unheard of":2}}"#),
        ),
        (
            "a member twice, deep inside",
            format!(r#"{open},"unheard of":[{{"a":1,"a":2}}]}}"#),
        ),
        (
            "an unread number out of range",
            format!(r#"{open},"unheard of":1e999}}"#),
        ),
        (
            "nests deeply",
            format!(
                r#"{open},"unheard of":{}{}}}"#,
                "[".repeat(3_000),
                "]".repeat(3_000)
            ),
        ),
        ("claims are an array", format!("[{claims}]")),
        ("claims go on", format!("{claims} {{}}")),
        ("claims are empty", String::new()),
        ("byte order mark in the claims", format!("\u{feff}{claims}")),
        ("a lone surrogate", format!(r#"{open},"unheard of":"\ud800"}}"#)),
        ("a comma too many", format!("{open},}}")),
        (
            "a claim with a name the parser keeps for itself",
            format!(r#"{open},"{}":"1"}}"#, RESERVED_NAMES[1]),
        ),
        (
            "texts within texts",
            format!(
                r#"{open},"unheard of":{}}}"#,
                nested_in_texts(RESERVED_NAMES[0], 20)
            ),
        ),
    ];
    for (name, payload) in payloads {
        all.push(Hostile {
            name,
            token: Forge::new(header, payload).signed_by(key)?,
        });
    }
    let mut broken = format!(r#"{open},"unheard of":""#).into_bytes();
    broken.extend_from_slice(b"\xff\xfe\"}");
    all.push(Hostile {
        name: "claims are no UTF-8",
        token: Forge::new(header, broken).signed_by(key)?,
    });
    Ok(())
}

/// Changes to the text of a token that is good.
fn texts(all: &mut Vec<Hostile>, good: &str) {
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        return;
    };
    let rest = &signature[..signature.len() - 1];
    let texts = [
        ("an empty text", String::new()),
        ("dots alone", "..".to_owned()),
        ("two parts", format!("{header}.{payload}")),
        ("four parts", format!("{good}.")),
        ("five parts", format!("{good}.{payload}.{signature}")),
        ("a million dots", ".".repeat(1_000_000)),
        (
            "a header of a megabyte",
            format!("{}.{payload}.{signature}", "A".repeat(1 << 20)),
        ),
        (
            "a payload of eight megabytes",
            format!("{header}.{}.{signature}", "A".repeat(8 << 20)),
        ),
        ("no signature", format!("{header}.{payload}.")),
        (
            "half a signature",
            format!("{header}.{payload}.{}", &signature[..signature.len() / 2]),
        ),
        (
            "a signature of zeros",
            format!("{header}.{payload}.{}", "A".repeat(signature.len())),
        ),
        ("a signature that goes on", format!("{good}AAAA")),
        ("a line feed behind", format!("{good}\n")),
        ("a blank before", format!(" {good}")),
        ("a blank inside", format!("{header}. {payload}.{signature}")),
        ("padding", format!("{good}=")),
        ("twice padding", format!("{good}==")),
        ("a zero byte behind", format!("{good}\0")),
        (
            "plus and slash",
            format!("{header}.{payload}.+/{}", signature.get(2..).unwrap_or_default()),
        ),
        (
            "another payload",
            format!("{header}.{}.{signature}", encode(b"{\"exp\":4102444800}")),
        ),
        ("Bearer and all", format!("Bearer {good}")),
    ];
    all.extend(texts.map(|(name, token)| Hostile { name, token }));
    // The last character carries spare bits, unless the signature's length is a multiple of three.
    let last = signature.as_bytes().last().copied().unwrap_or_default();
    let spare = signature.len() % 4 != 0;
    all.extend(spare.then(|| {
        let other = if last.is_ascii_digit() || last == b'_' {
            last - 1
        } else {
            last + 1
        };
        Hostile {
            name: "spare bits set",
            token: format!("{header}.{payload}.{rest}{}", char::from(other)),
        }
    }));
}
