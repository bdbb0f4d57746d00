#[derive(serde::Serialize, serde::Deserialize)]
struct Access {
    roles: Vec<String>,
}

fn read(verifier: &jeton::Verifier, now: std::time::SystemTime) {
    let _ = verifier.verify_at::<Access>("", now);
}

fn main() {}
