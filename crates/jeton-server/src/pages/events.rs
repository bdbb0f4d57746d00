//! Events of the audit trail, as people read them.

use serde_json::{Map, Value};

use super::texts::{Text, Texts};
use crate::model::{
    audit::{Action, Actor, Recorded},
    device::Device,
};

/// An event's action in a few words. One of a newer release stays as it is stored.
pub(super) fn label<'t>(event: &'t Recorded, texts: &'t Texts) -> &'t str {
    match event.action.parse() {
        Ok(action) => of(action, texts).as_str(),
        Err(_) => &event.action,
    }
}

fn of(action: Action, texts: &Texts) -> &Text {
    let events = &texts.events;
    match action {
        Action::Registered => &events.registered,
        Action::SetUp => &events.set_up,
        Action::UserCreated => &events.user_created,
        Action::UserImported => &events.user_imported,
        Action::UserChanged => &events.user_changed,
        Action::EmailChanged => &events.email_changed,
        Action::UsernameChanged => &events.username_changed,
        Action::LocaleChanged => &events.locale_changed,
        Action::UserDisabled => &events.user_disabled,
        Action::UserEnabled => &events.user_enabled,
        Action::UserDeleted => &events.user_deleted,
        Action::UserUnlocked => &events.user_unlocked,
        Action::PasswordChanged => &events.password_changed,
        Action::PasswordResetIssued => &events.password_reset_issued,
        Action::PasswordReset => &events.password_reset,
        Action::PasswordRehashed => &events.password_rehashed,
        Action::SignedIn => &events.signed_in,
        Action::SignInFailed => &events.sign_in_failed,
        Action::SignedInAgain => &events.signed_in_again,
        Action::AccessRefused => &events.access_refused,
        Action::ActedFor => &events.acted_for,
        Action::Refreshed => &events.refreshed,
        Action::Replayed => &events.replayed,
        Action::Reused => &events.reused,
        Action::AheadOfRow => &events.ahead_of_row,
        Action::SessionsEnded => &events.sessions_ended,
        Action::Consented => &events.consented,
        Action::ConsentWithdrawn => &events.consent_withdrawn,
        Action::Granted => &events.granted,
        Action::TokenRevoked => &events.token_revoked,
        Action::ClientCreated => &events.client_created,
        Action::ClientChanged => &events.client_changed,
        Action::ClientDeleted => &events.client_deleted,
        Action::ClientToken => &events.client_token,
        Action::KeyMade => &events.key_made,
        Action::KeyRotated => &events.key_rotated,
        Action::KeyImported => &events.key_imported,
        Action::KeyRetired => &events.key_retired,
        Action::KeysResealed => &events.keys_resealed,
        Action::Restored => &events.restored,
        Action::ProofsBegan => &events.proofs_began,
        Action::TrailAlarm => &events.trail_alarm,
    }
}

/// Whether it is something to look at twice.
pub(super) fn is_alarming(event: &Recorded) -> bool {
    let action = event.action.parse();
    matches!(
        action,
        Ok(Action::SignInFailed | Action::Reused | Action::AccessRefused | Action::TrailAlarm)
    )
}

/// The device and the address of whoever did it, as long as they are kept.
pub(super) fn place(event: &Recorded) -> Option<(String, Option<String>)> {
    let (_, fields) = event.personal.as_ref()?;
    let fields: Map<String, Value> = jeton::json::from_str(fields).ok()?;
    let text = |name: &str| fields.get(name)?.as_str().map(str::to_owned);
    Some((Device::stored(text("device")?).name(), text("address")))
}

/// Who did it, where that was not the account's owner.
pub(super) fn actor<'t>(event: &Recorded, texts: &'t Texts) -> Option<&'t Text> {
    Some(match event.actor.as_ref()?.parse().ok()? {
        Actor::User(_) => &texts.activity.by_admin,
        Actor::Client(_) => &texts.activity.by_client,
        Actor::CommandLine => &texts.activity.by_command,
    })
}
