//! A verifier that was not told from whom tokens are does not exist.

fn forgotten(keys: jeton::KeySet) -> jeton::Verifier {
    jeton::Verifier::builder(keys).audience("api").build()
}

fn main() {}
