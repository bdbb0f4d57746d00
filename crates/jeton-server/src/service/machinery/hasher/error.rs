/// Why a text cannot be kept as somebody's password hash. Nothing of the text is repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    #[error("there is no password hash")]
    Empty,
    #[error("the password is marked as unusable: there is nothing to check one against")]
    Unusable,
    #[error("{0} can be guessed by the million: its owner needs a new password")]
    Weak(&'static str),
    #[error(
        "the password hash is of no known scheme: those of Werkzeug, Django, passlib, bcrypt and the PHC are taken, and no \
         password in plain text"
    )]
    Unknown,
    #[error("the {scheme} hash is damaged: {problem}")]
    Damaged {
        scheme: &'static str,
        problem: &'static str,
    },
    #[error("the {scheme} hash would take too much to check: {bound}")]
    TooCostly { scheme: &'static str, bound: String },
}
