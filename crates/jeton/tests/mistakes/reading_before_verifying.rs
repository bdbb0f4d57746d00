//! A token that was not verified has no subject and no claims to read.

fn subject(token: &str) -> Option<String> {
    let token = jeton::Unverified::parse(token).ok()?;
    token.subject().map(str::to_owned)
}

fn main() {}
