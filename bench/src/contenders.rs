use std::hint::black_box;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jeton::{Algorithm, Claims, Issuer, Scratch, SigningKey, Verifier};
use serde::{Deserialize, Serialize};

use crate::keys::signing_key;

mod josekit;
mod jsonwebtoken_11;
mod jsonwebtoken_9;
mod jwt_simple;
mod limit;

pub const ISSUER: &str = "https://id.example";
pub const AUDIENCE: &str = "https://api.example";
pub const SUBJECT: &str = "0193a5c2-7d31-7c44-9d52-3f1b6a0e8c11";
pub const ID: &str = "7Jr0bX2kTn6QeVwZ";
const LIFETIME: Duration = Duration::from_secs(3600);

/// One operation of one algorithm.
pub struct Line {
    algorithm: Algorithm,
    operation: &'static str,
    pub contenders: Vec<Contender>,
}

pub struct Contender {
    pub name: &'static str,
    pub operation: Box<dyn FnMut()>,
}

impl Line {
    pub fn name(&self) -> String {
        format!("{} {}", self.algorithm, self.operation)
    }
}

/// The claims beside the registered ones; with these the object has 250 bytes.
#[derive(Clone, Serialize, Deserialize)]
pub struct Access {
    pub username: String,
    pub roles: Vec<String>,
    pub scope: String,
}

impl Claims for Access {
    const TYP: &'static str = "JWT";
}

#[derive(Deserialize)]
struct View<'a> {
    username: &'a str,
    #[serde(borrow)]
    roles: [&'a str; 1],
    scope: &'a str,
}

impl Claims for View<'_> {
    const TYP: &'static str = "JWT";
}

/// All claims in one struct, for libraries that know no registered ones apart.
#[derive(Clone, Serialize, Deserialize)]
pub struct Whole {
    pub iss: String,
    pub sub: String,
    pub aud: String,
    pub exp: u64,
    pub iat: u64,
    pub jti: String,
    pub username: String,
    pub roles: Vec<String>,
    pub scope: String,
}

pub fn access() -> Access {
    Access {
        username: "ada.lovelace".to_owned(),
        roles: vec!["editor".to_owned()],
        scope: "invoices:read invoices:write".to_owned(),
    }
}

pub fn whole() -> Whole {
    let iat = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let Access {
        username,
        roles,
        scope,
    } = access();
    let [iss, sub, aud, jti] = [ISSUER, SUBJECT, AUDIENCE, ID].map(str::to_owned);
    Whole {
        iss,
        sub,
        aud,
        exp: iat + LIFETIME.as_secs(),
        iat,
        jti,
        username,
        roles,
        scope,
    }
}

pub fn contender(name: &'static str, operation: impl FnMut() + 'static) -> Contender {
    Contender {
        name,
        operation: Box::new(operation),
    }
}

pub fn lines() -> Vec<Line> {
    let algorithms = [
        Algorithm::Hs256,
        Algorithm::Es256,
        Algorithm::EdDsa,
        Algorithm::Rs256,
        Algorithm::Ps256,
        Algorithm::Es384,
    ];
    algorithms.into_iter().flat_map(lines_of).collect()
}

fn lines_of(algorithm: Algorithm) -> [Line; 2] {
    let key = signing_key(algorithm);
    let issuer = Issuer::<Access>::new(key.clone(), ISSUER, LIFETIME);
    let claims = access();
    let now = SystemTime::now();
    let token = issuer
        .draft(&claims)
        .subject(SUBJECT)
        .audience(AUDIENCE)
        .id(ID)
        .issue_at(now)
        .unwrap();

    let sign = vec![
        limit::yardstick(),
        limit::sign(&key, &token),
        contender("jeton", move || {
            let draft = issuer
                .draft(black_box(&claims))
                .subject(SUBJECT)
                .audience(AUDIENCE)
                .id(ID);
            black_box(draft.issue_at(now).unwrap());
        }),
        jsonwebtoken_9::sign(&key),
        jsonwebtoken_11::sign(&key),
        jwt_simple::sign(&key),
        josekit::sign(&key),
    ];
    let verify = vec![
        limit::yardstick(),
        limit::verify(&key, &token),
        typed(&key, token.clone()),
        borrowed(&key, token.clone()),
        jsonwebtoken_9::verify(&key, &token),
        jsonwebtoken_11::verify(&key, &token),
        jwt_simple::verify(&key, &token),
        josekit::verify(&key, &token),
    ];
    [
        Line {
            algorithm,
            operation: "sign",
            contenders: sign,
        },
        Line {
            algorithm,
            operation: "verify",
            contenders: verify,
        },
    ]
}

fn verifier(key: &SigningKey) -> Verifier {
    Verifier::builder(key.verifying_key())
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .build()
}

fn typed(key: &SigningKey, token: String) -> Contender {
    let verifier = verifier(key);
    contender("jeton", move || {
        let verified = verifier
            .verify_at::<Access>(black_box(&token), SystemTime::now())
            .unwrap();
        black_box(verified.claims());
    })
}

fn borrowed(key: &SigningKey, token: String) -> Contender {
    let verifier = verifier(key);
    let mut scratch = Scratch::default();
    contender("jeton in", move || {
        let verified = verifier
            .verify_in::<View<'_>>(black_box(&token), SystemTime::now(), &mut scratch)
            .unwrap();
        let View {
            username,
            roles,
            scope,
        } = verified.claims();
        black_box((username, roles, scope));
    })
}

/// The part of a token that is signed, and the signature.
fn split(token: &str) -> (Vec<u8>, Vec<u8>) {
    let (message, signature) = token.rsplit_once('.').unwrap();
    (message.as_bytes().to_vec(), decode(signature))
}

/// base64url, slowly: only used to prepare.
fn decode(text: &str) -> Vec<u8> {
    let digit = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'-' => 62,
        _ => 63,
    };
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for letter in text.bytes() {
        bits = bits << 6 | u32::from(digit(letter));
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}
