//! The verdict on a token, in one sentence.

use jeton::{Explanation, VerifyError};

use super::{SessionFacts, TokenFacts, UserFacts};
use crate::{
    model::{
        audit::{Actor, Recorded},
        session::{EndReason, Verdict},
    },
    service::machinery::revoked::RevocationStatus,
};

pub(super) fn of_access(
    explanation: &Explanation,
    status: RevocationStatus,
    token: &TokenFacts,
    user: Option<&UserFacts>,
    session: Option<&SessionFacts>,
) -> String {
    if let Some(error) = explanation.error() {
        return refused(error);
    }
    match status {
        RevocationStatus::Live => "It is good.".to_owned(),
        RevocationStatus::Unknown => {
            "Nobody can tell: the revocations were not read for too long, so requests get 503.".to_owned()
        }
        RevocationStatus::Revoked => {
            let because = because_of_restoring(token)
                .or_else(|| because_of_user(user))
                .or_else(|| because_of_session(session?))
                .or_else(|| token.revoked.then(|| "this token alone was revoked".to_owned()));
            format!(
                "Refused: {}.",
                because.unwrap_or_else(|| "it was revoked, and what did it is no longer known".to_owned())
            )
        }
    }
}

pub(super) fn of_refresh(
    explanation: &Explanation,
    of_row: Option<Verdict>,
    user: Option<&UserFacts>,
    session: &SessionFacts,
) -> String {
    if let Some(error) = explanation.error() {
        return refused(error);
    }
    let gone = user.filter(|user| !user.exists || user.disabled);
    if let Some(because) = gone.and_then(|user| because_of_user(Some(user))) {
        return format!("Refused: {because}.");
    }
    match of_row {
        Some(Verdict::Current) => "It is good: its session's current refresh token.".to_owned(),
        Some(Verdict::Replay) => "It was exchanged a moment ago; presented again within the grace time, it gives the identical successor.".to_owned(),
        Some(Verdict::Reuse) => "Refused, and presenting it would end its session: it was exchanged before, and its successor was used or the grace time is over.".to_owned(),
        Some(Verdict::AheadOfRow) => "Refused, and presenting it would end its session: it is newer than its session's row, as after a restored back-up.".to_owned(),
        Some(Verdict::Expired) => "Refused: its session has expired.".to_owned(),
        Some(Verdict::Forged) => "Refused: it does not prove its session.".to_owned(),
        Some(Verdict::Ended) | None => {
            let because = because_of_session(session).unwrap_or_default();
            format!("Refused: {because}.")
        }
    }
}

pub(super) fn of_foreign(explanation: &Explanation) -> String {
    match explanation.error() {
        Some(error) => refused(error),
        None => "Refused: it is not one of this service's tokens.".to_owned(),
    }
}

fn refused(error: &VerifyError) -> String {
    format!("Refused: {error}.")
}

fn because_of_restoring(token: &TokenFacts) -> Option<String> {
    token
        .from_before
        .then(|| "it was issued before the database was restored from a back-up".to_owned())
}

fn because_of_user(user: Option<&UserFacts>) -> Option<String> {
    let Some(user) = user else {
        return Some("it names no user".to_owned());
    };
    let whose = if user.is_client { "its client" } else { "its user" };
    let because = if !user.exists {
        format!("{whose} was deleted")
    } else if user.disabled {
        format!("{whose} is disabled")
    } else if user.token_version < user.version && user.token_version.is_some() {
        format!("everything issued to {whose} before was revoked")
    } else {
        return None;
    };
    Some(with_cause(&because, user.cause.as_ref()))
}

fn because_of_session(session: &SessionFacts) -> Option<String> {
    let Some(row) = &session.row else {
        return Some("its session is gone: its time was over, or its user was deleted".to_owned());
    };
    let reason = row.ended.map(why)?;
    Some(with_cause(
        &format!("its session ended, {reason}"),
        session.cause.as_ref(),
    ))
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
    }
}
