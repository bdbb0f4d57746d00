//! A verifier that was not told for whom tokens are does not exist.

fn forgotten(keys: jeton::KeySet) -> jeton::Verifier {
    jeton::Verifier::builder(keys).issuer("https://id.example").build()
}

fn main() {}
