//! There is no `none`, so nothing can be told to accept it.

fn unsigned() -> Result<jeton::SigningKey, jeton::KeyError> {
    jeton::SigningKey::generate(jeton::Algorithm::None)
}

fn main() {}
