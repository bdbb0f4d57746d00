use serde::Serialize;
use utoipa::ToSchema;

use crate::{model::session::EndReason, service::tokens::explain::WhyOver};

/// Why a session, or a client's grant, is over, as told to whoever holds a token of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::enum_variant_names,
    reason = "one is what a session's end is called by its grants"
)]
pub(crate) enum SessionOver {
    /// Its user signed out.
    Logout,
    /// Its user ended it from another session.
    EndedByOwner,
    /// Its browser signed in anew.
    Replaced,
    /// Its user had a hundred others and opened one more.
    TooMany,
    /// A refresh token was presented again after its successor had been used: somebody may hold a copy.
    Reuse,
    /// A refresh token of a time after the back-up that was restored was presented.
    AheadOfRow,
    /// Its user changed their password.
    PasswordChanged,
    /// The key that signed its refresh token was lost.
    KeyLost,
    /// The password was set with a reset code, or removed by an administrator.
    PasswordReset,
    /// An administrator ended it.
    Admin,
    /// Its user was disabled.
    Disabled,
    /// Its user was deleted.
    Deleted,
    /// It had ended before the back-up that was restored knew of it.
    Restored,
    /// The administrator who opened it for its user may do so no more.
    OnBehalfOver,
    /// A grant: the session it was given in ended.
    SessionOver,
    /// A grant: it was given or taken back.
    Revoked,
    /// A grant: its authorization code was presented once more.
    CodeReused,
    /// A grant: its client may do less than before, or is no more.
    ClientChanged,
    /// Its time was over.
    Expired,
    /// It or its user is there no more.
    Gone,
}

impl From<WhyOver> for SessionOver {
    fn from(why: WhyOver) -> Self {
        match why {
            WhyOver::Ended(reason) => reason.into(),
            WhyOver::Expired => Self::Expired,
            WhyOver::Superseded => Self::Reuse,
            WhyOver::AheadOfRow => Self::AheadOfRow,
            WhyOver::Gone => Self::Gone,
        }
    }
}

impl From<EndReason> for SessionOver {
    fn from(reason: EndReason) -> Self {
        match reason {
            EndReason::Logout => Self::Logout,
            EndReason::EndedByOwner => Self::EndedByOwner,
            EndReason::Replaced => Self::Replaced,
            EndReason::TooMany => Self::TooMany,
            EndReason::Reuse => Self::Reuse,
            EndReason::AheadOfRow => Self::AheadOfRow,
            EndReason::PasswordChanged => Self::PasswordChanged,
            EndReason::KeyCompromised => Self::KeyLost,
            EndReason::PasswordReset => Self::PasswordReset,
            EndReason::Admin => Self::Admin,
            EndReason::Disabled => Self::Disabled,
            EndReason::Deleted => Self::Deleted,
            EndReason::Restored => Self::Restored,
            EndReason::OnBehalfOver => Self::OnBehalfOver,
            EndReason::SessionOver => Self::SessionOver,
            EndReason::Revoked => Self::Revoked,
            EndReason::CodeReused => Self::CodeReused,
            EndReason::ClientChanged => Self::ClientChanged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_one_name_wherever_it_is_told() {
        let names = "logout ended_by_owner replaced too_many reuse ahead_of_row password_changed key_lost password_reset \
                     admin disabled deleted restored on_behalf_over session_over revoked code_reused client_changed";
        for name in names.split(' ') {
            let reason = EndReason::from_name(name).unwrap();
            assert_eq!(serde_json::to_value(SessionOver::from(reason)).unwrap(), name);
        }
    }
}
