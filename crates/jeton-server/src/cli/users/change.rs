use clap::{Arg, ArgAction, Command};

use super::{Call, Outcome, claims, email, force, json, output, role, switch as flag, user};
use crate::model::{
    claims::CustomClaims,
    role::{self, Role},
    user::{User, changes::Changes},
};

pub(super) fn set_command() -> Command {
    let another = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("ROLE")
            .action(ArgAction::Append)
            .conflicts_with("role")
            .help(help)
    };
    Command::new("set")
        .about("Change an account's roles, claims or e-mail address")
        .arg(user())
        .arg(role().help("A role the user has from now on, in place of all others; may be repeated"))
        .arg(another("add-role", "A role the user gets; may be repeated"))
        .arg(another("remove-role", "A role the user loses; may be repeated"))
        .arg(claims())
        .arg(email())
        .arg(flag("no-email", "Clear the e-mail address").conflicts_with("email"))
        .arg(force())
        .arg(json())
}

pub(super) fn disable_command() -> Command {
    Command::new("disable")
        .about("End a user's sessions and let them sign in no more")
        .arg(user())
        .arg(force())
        .arg(json())
}

pub(super) fn enable_command() -> Command {
    Command::new("enable")
        .about("Let a disabled user sign in again")
        .arg(user())
        .arg(json())
}

pub(super) fn set(call: &Call<'_>) -> Outcome {
    let email = match call.text("email") {
        Some(text) => Some(Some(text.parse()?)),
        None => call.flag("no-email").then_some(None),
    };
    let claims = call.text("claims").map(CustomClaims::parse).transpose()?;
    let [role, add, remove] = ["role", "add-role", "remove-role"]
        .map(|name| call.texts(name).map(str::parse).collect::<Result<Vec<Role>, _>>());
    let (role, add, remove) = (role?, add?, remove?);
    let roles = |user: &User| -> Option<Vec<Role>> {
        if !role.is_empty() {
            return Some(role);
        }
        let kept = user.roles.iter().filter(|role| !remove.contains(role));
        let changes = !(add.is_empty() && remove.is_empty());
        changes.then(|| kept.chain(&add).cloned().collect())
    };
    call.administrate(async |administration| {
        let user = call.user(administration).await?;
        let changes = Changes {
            roles: roles(&user).map(role::fit).transpose()?,
            claims,
            email,
            disabled: None,
        };
        let user = administration.change(user.id, &changes).await?;
        output::user(&user, call.flag("json"));
        Ok(())
    })
}

/// Disables or enables.
pub(super) fn switch(call: &Call<'_>, disabled: bool) -> Outcome {
    call.administrate(async |administration| {
        let user = call.user(administration).await?;
        let changes = Changes {
            disabled: Some(disabled),
            ..Changes::default()
        };
        let user = administration.change(user.id, &changes).await?;
        output::user(&user, call.flag("json"));
        Ok(())
    })
}
