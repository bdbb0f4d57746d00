//! The verdict on a token: what was found, and the sentence about it.

use jeton::{Explanation, VerifyError};

use super::{SessionFacts, TokenFacts, UserFacts};
use crate::{
    model::{
        audit::{Actor, Recorded},
        session::{EndReason, Verdict},
    },
    service::{machinery::revoked::RevocationStatus, tokens::playground::PlaygroundError},
};

/// Why a token is accepted or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// An access token that is accepted.
    Accepted,
    /// Signed here, and in order as far as it tells itself: what the service knows of it was not asked.
    InOrder,
    /// A check failed.
    Failed(VerifyError),
    Revoked(Cause),
    /// Nobody can tell whether it was revoked.
    Stale,
    /// Its session's current refresh token.
    Current,
    /// A refresh token that was exchanged a moment ago.
    Replay,
    /// A refresh token that would end its session.
    Reuse,
    AheadOfRow,
    SessionExpired,
    /// A refresh token without its session's proof.
    Forged,
    /// A sample of the playground, acceptable or not.
    Sample,
    SampleExpired,
    SampleInvalid,
    /// Not one of this service's tokens.
    Foreign,
}

/// The cause of a revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The database was restored from a back-up after it was issued.
    Restored,
    NoUser,
    UserDeleted,
    UserDisabled,
    /// Everything its user had was revoked.
    UserVersion,
    /// The session's row is gone.
    SessionGone,
    SessionEnded(EndReason),
    /// This token alone.
    Token,
    Unknown,
}

impl Finding {
    /// Whether the token would be accepted now, as far as was asked.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        matches!(
            self,
            Self::Accepted | Self::InOrder | Self::Current | Self::Replay | Self::Sample
        )
    }
}

pub(super) fn of_access(
    explanation: &Explanation,
    status: RevocationStatus,
    token: &TokenFacts,
    user: Option<&UserFacts>,
    session: Option<&SessionFacts>,
) -> Finding {
    if let Some(error) = explanation.error() {
        return Finding::Failed(error.clone());
    }
    match status {
        RevocationStatus::Live => Finding::Accepted,
        RevocationStatus::Unknown => Finding::Stale,
        RevocationStatus::Revoked => {
            let cause = token.from_before.then_some(Cause::Restored);
            let cause = cause
                .or_else(|| of_user(user))
                .or_else(|| of_session(session?))
                .or_else(|| token.revoked.then_some(Cause::Token));
            Finding::Revoked(cause.unwrap_or(Cause::Unknown))
        }
    }
}

pub(super) fn of_refresh(
    explanation: &Explanation,
    of_row: Option<Verdict>,
    user: Option<&UserFacts>,
    session: &SessionFacts,
) -> Finding {
    if let Some(error) = explanation.error() {
        return Finding::Failed(error.clone());
    }
    let gone = user.filter(|user| !user.exists || user.disabled);
    if let Some(cause) = gone.and_then(|user| of_user(Some(user))) {
        return Finding::Revoked(cause);
    }
    match of_row {
        Some(Verdict::Current) if user.is_some() => Finding::Current,
        Some(Verdict::Replay) if user.is_some() => Finding::Replay,
        Some(Verdict::Current | Verdict::Replay) => Finding::Revoked(Cause::NoUser),
        Some(Verdict::Reuse) => Finding::Reuse,
        Some(Verdict::AheadOfRow) => Finding::AheadOfRow,
        Some(Verdict::Expired) => Finding::SessionExpired,
        Some(Verdict::Forged) => Finding::Forged,
        Some(Verdict::Ended) | None => Finding::Revoked(of_session(session).unwrap_or(Cause::Unknown)),
    }
}

/// The finding on a token that was signed here, by itself.
pub(super) fn of_itself(explanation: &Explanation) -> Finding {
    let error = explanation.error().cloned();
    error.map_or(Finding::InOrder, Finding::Failed)
}

pub(super) fn of_foreign(explanation: &Explanation) -> Finding {
    let error = explanation.error().cloned();
    error.map_or(Finding::Foreign, Finding::Failed)
}

pub(super) const fn of_sample<T>(verified: &Result<T, PlaygroundError>) -> Finding {
    match verified {
        Ok(_) => Finding::Sample,
        Err(PlaygroundError::Expired) => Finding::SampleExpired,
        Err(_) => Finding::SampleInvalid,
    }
}

fn of_user(user: Option<&UserFacts>) -> Option<Cause> {
    let Some(user) = user else {
        return Some(Cause::NoUser);
    };
    if !user.exists {
        Some(Cause::UserDeleted)
    } else if user.disabled {
        Some(Cause::UserDisabled)
    } else {
        let is_older = user.token_version.is_some() && user.token_version < user.version;
        is_older.then_some(Cause::UserVersion)
    }
}

fn of_session(session: &SessionFacts) -> Option<Cause> {
    match &session.row {
        None => Some(Cause::SessionGone),
        Some(row) => row.ended.map(Cause::SessionEnded),
    }
}

/// The sentence about a finding.
pub(super) fn sentence(
    finding: &Finding,
    user: Option<&UserFacts>,
    session: Option<&SessionFacts>,
) -> String {
    let fixed = match finding {
        Finding::Failed(error) => return format!("Refused: {error}."),
        Finding::Revoked(cause) => return format!("Refused: {}.", because(*cause, user, session)),
        Finding::Accepted => "It is good.",
        Finding::InOrder => "It is in order by itself; whether it was revoked was not asked.",
        Finding::Stale => "Nobody can tell: the revocations were not read for too long, so requests get 503.",
        Finding::Current => "It is good: its session's current refresh token.",
        Finding::Replay => {
            "It was exchanged a moment ago; presented again within the grace time, it gives the identical successor."
        }
        Finding::Reuse => {
            "Refused, and presenting it would end its session: it was exchanged before, and its successor was used or \
             the grace time is over."
        }
        Finding::AheadOfRow => {
            "Refused, and presenting it would end its session: it is newer than its session's row, as after a restored \
             back-up."
        }
        Finding::SessionExpired => "Refused: its session has expired.",
        Finding::Forged => "Refused: it does not prove its session.",
        Finding::Sample => {
            "It is a sample of the playground: /verify-token accepts it, and it opens nothing."
        }
        Finding::SampleExpired => "It is a sample of the playground, and refused: the sample's time is over.",
        Finding::SampleInvalid => {
            "It is a sample of the playground, and refused: the sample's time has not come, or it is not a token's \
             payload."
        }
        Finding::Foreign => "Refused: it is not one of this service's tokens.",
    };
    fixed.to_owned()
}

fn because(cause: Cause, user: Option<&UserFacts>, session: Option<&SessionFacts>) -> String {
    let is_client = user.is_some_and(|user| user.is_client);
    let whose = if is_client { "its client" } else { "its user" };
    let by_user = user.and_then(|user| user.cause.as_ref());
    match cause {
        Cause::Restored => "it was issued before the database was restored from a back-up".to_owned(),
        Cause::NoUser => "it names no user".to_owned(),
        Cause::UserDeleted => with_cause(&format!("{whose} was deleted"), by_user),
        Cause::UserDisabled => with_cause(&format!("{whose} is disabled"), by_user),
        Cause::UserVersion => with_cause(
            &format!("everything issued to {whose} before was revoked"),
            by_user,
        ),
        Cause::SessionGone => "its session is gone: its time was over, or its user was deleted".to_owned(),
        Cause::SessionEnded(reason) => with_cause(
            &format!("its session ended, {}", why(reason)),
            session.and_then(|session| session.cause.as_ref()),
        ),
        Cause::Token => "this token alone was revoked".to_owned(),
        Cause::Unknown => "it was revoked, and what did it is no longer known".to_owned(),
    }
}

fn with_cause(what: &str, cause: Option<&Recorded>) -> String {
    let Some(event) = cause else {
        return what.to_owned();
    };
    let Recorded {
        number, at, action, ..
    } = event;
    let by = match event.actor.as_deref().map(str::parse) {
        Some(Ok(Actor::User(id))) => format!(" by the administrator {id}"),
        Some(Ok(Actor::Client(id))) => format!(" by the client {id}"),
        Some(Ok(Actor::CommandLine)) => " on the command line".to_owned(),
        Some(Err(_)) | None => String::new(),
    };
    format!("{what}, at {at}{by} (event {number}, {action})")
}

const fn why(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Logout => "by signing out",
        EndReason::EndedByOwner => "by its owner, from another session",
        EndReason::Replaced => "because its browser signed in anew",
        EndReason::TooMany => "because its owner opened more sessions than they may have",
        EndReason::Reuse => {
            "because a refresh token was used again after its successor: somebody may hold a copy"
        }
        EndReason::AheadOfRow => {
            "because a refresh token was newer than its row, as after a restored back-up"
        }
        EndReason::PasswordChanged => "because its owner changed their password",
        EndReason::KeyCompromised => "because the key of its refresh token was compromised",
        EndReason::PasswordReset => "because the password was set anew",
        EndReason::Admin => "by an administrator",
        EndReason::Disabled => "because its owner was disabled",
        EndReason::Deleted => "because its owner was deleted",
        EndReason::Restored => "because the database was restored from a back-up",
        EndReason::OnBehalfOver => {
            "because the administrator who opened it for its owner may no longer act for them"
        }
        EndReason::SessionOver => "with the session it was given in",
        EndReason::Revoked => "because it was taken back",
        EndReason::CodeReused => "because its authorization code was used again: somebody may hold a copy",
        EndReason::ClientChanged => "because its client was disabled, deleted or may do less than before",
    }
}
