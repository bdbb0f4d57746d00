use std::io::{IsTerminal, stdin};

use clap::Command;

use super::{Call, Outcome, force, switch, user};
use crate::model::user::User;

pub(super) fn command() -> Command {
    Command::new("delete")
        .about("Erase an account, its sessions, and what the audit trail holds of the person")
        .arg(user())
        .arg(switch("yes", "Do not ask"))
        .arg(force())
}

pub(super) fn run(call: &Call<'_>) -> Outcome {
    call.administrate(async |administration| {
        let user = call.user(administration).await?;
        if !call.flag("yes") {
            confirm(&user)?;
        }
        administration.delete(user.id).await?;
        println!("{} {} is deleted", user.id, user.username);
        Ok(())
    })
}

fn confirm(user: &User) -> Outcome {
    if !stdin().is_terminal() {
        return Err("there is nobody to ask: confirm with --yes".into());
    }
    eprint!(
        "This cannot be undone. Type {} to erase the account: ",
        user.username
    );
    let mut line = String::new();
    stdin().read_line(&mut line)?;
    if line.trim() == user.username.as_str() {
        Ok(())
    } else {
        Err("not the name: nothing was deleted".into())
    }
}
