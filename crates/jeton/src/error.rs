//! One error per verb. None of them ever holds key material or a token's text.

mod issue;
mod json;
mod key;
mod verify;

pub use self::issue::IssueError;
pub use self::json::JsonError;
pub use self::key::KeyError;
pub use self::verify::{Malformed, VerifyError};
