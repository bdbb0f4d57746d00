use std::path::PathBuf;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    #[error("{name} (from {origin}) {problem}")]
    Value {
        name: String,
        origin: &'static str,
        problem: String,
    },

    #[error("{name} (from {origin}) is no setting{}", suggestion(nearest.as_deref()))]
    Unknown {
        name: String,
        origin: &'static str,
        nearest: Option<String>,
    },

    #[error("{name} (from the environment) is no UTF-8: set it anew")]
    NotText { name: String },

    #[error("{} cannot be read: {problem}", path.display())]
    File { path: PathBuf, problem: String },

    #[error(
        "{name} (from {origin}) is a secret: set it in the environment or in .env, where no repository keeps it"
    )]
    SecretInFile { name: String, origin: &'static str },

    #[error("{} holds {name} and can be read by others: run chmod 600 {}", path.display(), path.display())]
    MasterKeyExposed { path: PathBuf, name: String },

    #[error("JWT_SECRET and JWT_SECRET_KEY are both set and differ: keep one")]
    TwoSecrets,

    #[error(
        "{name} cannot be the key that signs tokens: {problem}. Make a good one with:\n\n    openssl rand -base64 48\n\nand put it into \
         .env as JWT_SECRET=…, or leave it out: the service then makes a key of its own"
    )]
    WeakSecret { name: &'static str, problem: String },

    #[error(
        "listening on {listen}, beyond this machine, needs --issuer (JETON_ISSUER): the URL clients reach this service by, as in \
         https://id.example.org"
    )]
    IssuerNeeded { listen: std::net::SocketAddr },

    #[error(
        "the issuer {issuer} is not https: tokens and passwords would travel in the clear. Put a TLS proxy in front and \
         name its https URL, or say --insecure (JETON_INSECURE=true) if you accept it"
    )]
    IssuerInTheClear { issuer: String },
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean {name}?"))
}
