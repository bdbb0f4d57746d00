use clap::Command;

use super::{super::root, Call, Outcome, json, output, switch, user};
use crate::service::accounts::throttle::Fingerprints;

pub(super) fn reset_command() -> Command {
    Command::new("reset-password")
        .about("Make a code with which a user sets a new password: once, within 24 hours")
        .arg(user())
        .arg(switch(
            "force",
            "Make the present password good for nothing and end every session",
        ))
        .arg(json())
}

pub(super) fn reset(call: &Call<'_>) -> Outcome {
    call.administrate(async |administration| {
        let user = call.user(administration).await?;
        let issued = administration.reset_password(user.id, call.flag("force")).await?;
        if call.flag("json") {
            output::code_as_json(&issued);
        } else {
            output::code(&issued);
        }
        Ok(())
    })
}

pub(super) fn unlock_command() -> Command {
    Command::new("unlock")
        .about("Forget failures to sign in as a user; needs the master key")
        .arg(user())
}

pub(super) fn unlock(call: &Call<'_>) -> Outcome {
    call.administrate(async |administration| {
        let user = call.user(administration).await?;
        let fingerprints = Fingerprints::new(&root(call.config, &**administration.context.store).await?)?;
        administration.forgive(&user, &fingerprints).await?;
        println!("{} {} is unlocked", user.id, user.username);
        Ok(())
    })
}
