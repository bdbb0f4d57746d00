use crate::strict::{Failure, Fault};

/// Why a text was not read as JSON.
///
/// ```
/// use jeton::{JsonError, json};
///
/// let refused = json::from_str::<Vec<u8>>("[1,]").unwrap_err();
/// assert_eq!(refused, JsonError::Syntax { line: 1, column: 4 });
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// The bytes are not UTF-8.
    #[error("it is not UTF-8")]
    Utf8,
    /// The text is not JSON.
    #[error("it is not JSON at line {line}, column {column}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column in it, in bytes, from 1.
        column: usize,
    },
    /// There is text after the value.
    #[error("something follows the value at line {line}, column {column}")]
    Trailing {
        /// The line, from 1.
        line: usize,
        /// The column in it, in bytes, from 1.
        column: usize,
    },
    /// A member stands twice in one object, at any depth.
    #[error("a member stands twice in one object")]
    Duplicate,
    /// The text nests more deeply than [`MAX_DEPTH`](crate::MAX_DEPTH).
    #[error("it nests more deeply than {} levels", crate::MAX_DEPTH)]
    TooDeep,
    /// A member's name, at any depth, begins with `$serde_json::private::`: a JSON parser keeps it for itself.
    #[error("a member's name begins with `$serde_json::private::`, which a JSON parser keeps for itself")]
    ReservedName,
    /// A number beyond what a 64-bit float holds, such as `1e400`.
    #[error("a number in it is out of range: more than a 64-bit float holds")]
    Number,
    /// The JSON is sound, and not of the shape that was to be read.
    #[error("it is JSON of another shape than it has to be, at line {line}, column {column}")]
    Shape {
        /// The line, from 1.
        line: usize,
        /// The column in it, in bytes, from 1.
        column: usize,
    },
}

impl From<Failure> for JsonError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Fault(Fault::Duplicate) => Self::Duplicate,
            Failure::Fault(Fault::TooDeep) => Self::TooDeep,
            Failure::Fault(Fault::ReservedName) => Self::ReservedName,
            Failure::Fault(Fault::Number) => Self::Number,
            Failure::Trailing(error) => Self::Trailing {
                line: error.line(),
                column: error.column(),
            },
            Failure::Value(error) if error.is_data() => Self::Shape {
                line: error.line(),
                column: error.column(),
            },
            Failure::Value(error) => Self::Syntax {
                line: error.line(),
                column: error.column(),
            },
        }
    }
}
