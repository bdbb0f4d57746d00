//! Passwords: the right one is never called wrong, a wrong one opens nothing, and an answer says what has happened.

use super::{Case, Violation};
use crate::races::history::{Act, What};

pub fn judge(case: &Case<'_>) -> Vec<Violation> {
    let acts = case.acts.iter().filter_map(|act| Some((*act, presented(act)?)));
    acts.filter_map(|(act, password)| {
        if act.is_done() {
            opened(case, act, password)
        } else if act.is_refused_with("invalid_credentials") {
            called_wrong(case, act, password)
        } else {
            None
        }
    })
    .collect()
}

/// The password an act presents as the account's.
fn presented(act: &Act) -> Option<&str> {
    match &act.what {
        What::Login { password, .. } => Some(password),
        What::ChangePassword { current, .. } => Some(current),
        _ => None,
    }
}

/// The password an act sets.
fn set(act: &Act) -> Option<&str> {
    match &act.what {
        What::Register { password } => Some(password),
        What::ChangePassword { new, .. } | What::Reset { new, .. } => Some(new),
        _ => None,
    }
}

/// Whether an act, if it happened, leaves no password or another one.
fn takes_away(act: &Act, password: &str) -> bool {
    match act.what {
        What::Delete | What::IssueCode { force: true, .. } => true,
        _ => set(act).is_some_and(|other| other != password),
    }
}

/// An account that opened to a password which cannot be its own.
fn opened(case: &Case<'_>, act: &Act, password: &str) -> Option<Violation> {
    let Some(setting) = case.acts.iter().find(|act| set(act) == Some(password)) else {
        return Some(Violation::new(
            "only the account's password opens it",
            &[act],
            "it was never set",
        ));
    };
    if !setting.is_possible() {
        return Some(Violation::new(
            "what was answered otherwise than with 2xx has not happened",
            &[setting, act],
            "the password it was to set opens the account",
        ));
    }
    let later = case
        .acts
        .iter()
        .copied()
        .filter(|later| later.is_done() && later.ended < act.began);
    let superseded = later
        .clone()
        .find(|later| takes_away(later, password) && setting.is_before(later));
    if let Some(later) = superseded {
        return Some(Violation::new(
            "only the account's password opens it",
            &[setting, later, act],
            "",
        ));
    }
    let disabled = later
        .filter(|later| matches!(later.what, What::Disable))
        .find(|disabled| {
            !case.acts.iter().any(|enabled| {
                matches!(enabled.what, What::Enable)
                    && enabled.is_possible()
                    && enabled.over() > disabled.began
                    && enabled.may_precede(act)
            })
        });
    disabled.map(|disabled| Violation::new("a disabled account opens to nobody", &[disabled, act], ""))
}

/// A password that is called wrong, though it was the account's all the time.
fn called_wrong(case: &Case<'_>, act: &Act, password: &str) -> Option<Violation> {
    let setting = case
        .acts
        .iter()
        .copied()
        .find(|setting| set(setting) == Some(password))?;
    if !setting.is_done() || !setting.is_before(act) {
        return None;
    }
    let is_doubtful = case.acts.iter().any(|other| {
        other.number != act.number
            && other.is_possible()
            && other.over() > setting.began
            && other.may_precede(act)
            && other.number != setting.number
            && (takes_away(other, password) || case.is_off(other, act))
    });
    (!is_doubtful).then(|| {
        let why = "nothing that was asked since can have changed that";
        Violation::new("the right password is never called wrong", &[setting, act], why)
    })
}

impl Case<'_> {
    /// Whether an act disabled the account, and nothing certainly enabled it before another act.
    pub(super) fn is_off(&self, disabled: &Act, act: &Act) -> bool {
        matches!(disabled.what, What::Disable)
            && !self.acts.iter().any(|enabled| {
                matches!(enabled.what, What::Enable)
                    && enabled.is_done()
                    && disabled.is_before(enabled)
                    && enabled.is_before(act)
            })
    }
}
