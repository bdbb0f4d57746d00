//! One document, a classical and a post-quantum signature: `cargo run -p jeton --example two_signatures`.

use std::error::Error;

use jeton::jws::{Policy, Signer, Verifier, sign_general};
use jeton::{Algorithm, KeySet, SigningKey};

fn main() -> Result<(), Box<dyn Error>> {
    let classical = SigningKey::generate(Algorithm::Ed25519)?.with_kid("classical");
    let quantum = SigningKey::generate(Algorithm::MlDsa65)?.with_kid("quantum");
    let keys = KeySet::new([classical.verifying_key(), quantum.verifying_key()])?;

    let both = sign_general(
        &[Signer::new(classical.clone()), Signer::new(quantum)],
        b"the contract",
    )?;
    println!("{} bytes with both signatures", both.len());

    let careful = Verifier::new(keys.clone()).policy(Policy::All);
    let content = careful.verify_json(&both)?;
    for signature in content.signatures() {
        println!("signed by {:?} with {}", signature.kid(), signature.algorithm());
    }

    // Somebody strips the signature that could not be forged.
    let stripped = Signer::new(classical).sign_flattened(b"the contract")?;
    println!("Any:  {}", Verifier::new(keys).verify_json(&stripped).is_ok());
    println!("All:  {:?}", careful.verify_json(&stripped).err());
    Ok(())
}
