//! Why a check failed, and what it would take, in the reader's language.

use jeton::{Malformed, VerifyError};

use crate::pages::texts::{Fault, Faults};

/// The fault that a check found, and what it would take to pass.
pub(super) struct Told {
    pub(super) what: String,
    pub(super) take: String,
}

pub(super) fn told(error: &VerifyError, faults: &Faults) -> Told {
    let Some(fault) = fault(error, faults) else {
        return Told {
            what: format!("{error}."),
            take: String::new(),
        };
    };
    let what = match error {
        VerifyError::TooLarge { limit } => fault.what.with("limit", limit),
        VerifyError::MissingClaim(name) => fault.what.with("name", name),
        VerifyError::InvalidClaim(name) => fault.what.with("name", name),
        VerifyError::WrongType { expected } | VerifyError::MissingType { expected } => {
            fault.what.with("type", expected)
        }
        _ => return fault.into(),
    };
    Told {
        what: what.to_string(),
        ..fault.into()
    }
}

impl From<&Fault> for Told {
    fn from(fault: &Fault) -> Self {
        Self {
            what: fault.what.to_string(),
            take: fault.take.to_string(),
        }
    }
}

/// The texts about an error; none about those that no check here ends in.
fn fault<'t>(error: &VerifyError, faults: &'t Faults) -> Option<&'t Fault> {
    Some(match error {
        VerifyError::Malformed(defect) => malformed(*defect, faults)?,
        VerifyError::TooLarge { .. } => &faults.too_large,
        VerifyError::UnsupportedAlgorithm => &faults.algorithm,
        VerifyError::UnknownKey | VerifyError::AmbiguousKey { .. } => &faults.key,
        VerifyError::WrongAlgorithm => &faults.key_algorithm,
        VerifyError::Critical => &faults.critical,
        VerifyError::InvalidSignature => &faults.signature,
        VerifyError::MissingType { .. } => &faults.no_type,
        VerifyError::WrongType { .. } => &faults.other_type,
        VerifyError::Expired { .. } => &faults.expired,
        VerifyError::NotYetValid => &faults.not_yet,
        VerifyError::IssuedInFuture => &faults.ahead,
        VerifyError::WrongIssuer => &faults.issuer,
        VerifyError::WrongAudience => &faults.audience,
        VerifyError::MissingClaim(_) => &faults.missing,
        VerifyError::InvalidClaim(_) => &faults.wrong,
        VerifyError::UnfitClaims => &faults.unfit,
        VerifyError::DuplicateMember => &faults.duplicate,
        VerifyError::ReservedName => &faults.reserved,
        _ => return None,
    })
}

fn malformed(defect: Malformed, faults: &Faults) -> Option<&Fault> {
    Some(match defect {
        Malformed::Parts => &faults.parts,
        Malformed::Encrypted => &faults.encrypted,
        Malformed::Base64 => &faults.base64,
        Malformed::Utf8 => &faults.utf8,
        Malformed::Header => &faults.header,
        Malformed::Claims => &faults.claims,
        Malformed::TooDeep => &faults.deep,
        Malformed::Number => &faults.number,
        _ => return None,
    })
}
