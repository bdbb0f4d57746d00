//! Why a session ended, in one sentence and without blame.

use super::texts::{Text, Texts};
use crate::{
    model::{audit::Recorded, session::EndReason, time::Timestamp},
    service::tokens::explain::{SessionFacts, WhyOver},
};

/// Why a session is over.
pub(super) fn reason(facts: &SessionFacts, now: Timestamp, texts: &Texts) -> String {
    why(facts.why_over(now), facts.cause.as_ref(), texts).to_string()
}

/// The sentence about a reason, and the event that ended the session.
pub(super) fn why<'t>(why: WhyOver, cause: Option<&Recorded>, texts: &'t Texts) -> &'t Text {
    let ended = &texts.ended;
    match why.by(cause) {
        WhyOver::Ended(reason) => by(reason, texts),
        WhyOver::Expired => &ended.expired,
        WhyOver::Superseded => &ended.superseded,
        WhyOver::AheadOfRow => &ended.ahead_of_row,
        WhyOver::Gone => &ended.unknown,
    }
}

/// The sentence about a reason, to the session's owner or to somebody else.
pub(super) fn told(reason: EndReason, to_owner: bool, texts: &Texts) -> &Text {
    let ended = &texts.ended;
    match reason {
        _ if to_owner => by(reason, texts),
        EndReason::Logout => &ended.owner_logout,
        EndReason::EndedByOwner => &ended.owner_elsewhere,
        EndReason::PasswordChanged => &ended.owner_changed_password,
        EndReason::OnBehalfOver => &ended.owner_on_behalf_over,
        _ => by(reason, texts),
    }
}

fn by(reason: EndReason, texts: &Texts) -> &Text {
    let ended = &texts.ended;
    match reason {
        EndReason::Logout => &ended.logout,
        EndReason::EndedByOwner => &ended.by_owner,
        EndReason::Replaced => &ended.replaced,
        EndReason::TooMany => &ended.too_many,
        EndReason::Reuse => &ended.reuse,
        EndReason::AheadOfRow => &ended.ahead_of_row,
        EndReason::PasswordChanged => &ended.password_changed,
        EndReason::KeyCompromised => &ended.key_compromised,
        EndReason::PasswordReset => &ended.password_reset,
        EndReason::Admin => &ended.admin,
        EndReason::Disabled => &ended.disabled,
        EndReason::Deleted => &ended.deleted,
        EndReason::Restored => &ended.restored,
        EndReason::OnBehalfOver => &ended.on_behalf_over,
        EndReason::SessionOver => &ended.session_over,
        EndReason::Revoked => &ended.revoked,
        EndReason::CodeReused => &ended.code_reused,
        EndReason::ClientChanged => &ended.client_changed,
    }
}
