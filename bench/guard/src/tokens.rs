//! The same claims, signed for every contender.

use std::time::{Duration, SystemTime};

use jeton::{Algorithm, Claims, Issuer, SigningKey};
use serde::{Deserialize, Serialize};

pub const ISSUER: &str = "https://id.example";
pub const AUDIENCE: &str = "api";

/// About 250 bytes with the registered claims.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Access {
    pub sid: String,
    pub username: String,
    pub roles: Vec<String>,
    pub scope: String,
}

impl Claims for Access {
    const TYP: &'static str = "at+jwt";
}

pub struct Tokens {
    pub hs256: (SigningKey, String),
    pub es256: (SigningKey, String),
    /// The secret of the HS256 key, for the contender that wants it raw.
    pub secret: [u8; 32],
}

impl Tokens {
    pub fn issue() -> Self {
        let secret: [u8; 32] = std::array::from_fn(|at| (at * 37 + 11) as u8);
        let hs256 = SigningKey::hs256(secret).expect("a secret").with_kid("hs");
        let es256 = SigningKey::generate(Algorithm::Es256)
            .expect("a key")
            .with_kid("es");
        Self {
            hs256: (hs256.clone(), token(hs256)),
            es256: (es256.clone(), token(es256)),
            secret,
        }
    }

    /// The token a route is asked with. The unguarded one gets a header too, and looks at it as little as it can.
    pub fn for_route(&self, name: &str) -> &str {
        if name.contains("ES256") {
            &self.es256.1
        } else {
            &self.hs256.1
        }
    }
}

fn token(key: SigningKey) -> String {
    let access = Access {
        sid: "01a1ffe1-bc75-785f-96ea-fbb39f54623a".into(),
        username: "romel".into(),
        roles: vec!["editor".into(), "reader".into()],
        scope: "orders:read orders:write".into(),
    };
    let issuer = Issuer::new(key, ISSUER, Duration::from_secs(3600));
    issuer
        .issue_at(
            "01a1ffe1-bbfd-7cd2-b551-54f9e3992262",
            AUDIENCE,
            access,
            SystemTime::now(),
        )
        .expect("a token")
}
