use std::{
    error::Error,
    fs,
    io::{self, Read},
};

use jeton::{Algorithm, KeyError, SigningKey};
use zeroize::Zeroizing;

use super::super::input;

/// Those whose keys have no other algorithm.
const OF_THEIR_KIND: [Algorithm; 8] = [
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::Es256K,
    Algorithm::EdDsa,
    Algorithm::MlDsa44,
    Algorithm::MlDsa65,
    Algorithm::MlDsa87,
];

/// Larger than any key.
const LIMIT: u64 = 64 * 1024;

/// A private key from a file, in PEM or as a JWK. None of it is ever quoted.
pub(super) fn read(path: &str, algorithm: Option<Algorithm>) -> Result<SigningKey, Box<dyn Error>> {
    let text = text(path).map_err(|error| format!("{path}: {error}"))?;
    let key = if text.trim_start().starts_with('{') {
        of_jwk(&text, algorithm)
    } else {
        of_pem(&text, algorithm)
    };
    key.map_err(|error| format!("{path}: {error}").into())
}

fn text(path: &str) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    if path == "-" {
        input::announce("the key");
        io::stdin().lock().take(LIMIT).read_to_string(&mut text)?;
    } else {
        fs::File::open(path)?.take(LIMIT).read_to_string(&mut text)?;
    }
    Ok(text)
}

fn of_jwk(text: &str, algorithm: Option<Algorithm>) -> Result<SigningKey, String> {
    let key = match algorithm {
        Some(algorithm) => SigningKey::from_jwk_as(algorithm, text),
        None => SigningKey::from_jwk(text),
    };
    key.map_err(|error| match error {
        KeyError::NoAlgorithm => "the JWK names no `alg`: say which it is for with --algorithm".to_owned(),
        error => error.to_string(),
    })
}

fn of_pem(text: &str, algorithm: Option<Algorithm>) -> Result<SigningKey, String> {
    if let Some(algorithm) = algorithm {
        return SigningKey::from_pem(algorithm, text).map_err(|error| error.to_string());
    }
    for algorithm in OF_THEIR_KIND {
        match SigningKey::from_pem(algorithm, text) {
            Ok(key) => return Ok(key),
            Err(KeyError::WrongKind { .. } | KeyError::Rejected { .. }) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    Err(
        "this key could be for several algorithms: say which with --algorithm, as in --algorithm RS256"
            .to_owned(),
    )
}
