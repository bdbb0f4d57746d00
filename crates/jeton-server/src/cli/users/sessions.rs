use clap::{Arg, Command};

use super::{Call, Outcome, json, output, user};
use crate::service::accounts::admin::AdminError;

pub(super) fn list_command() -> Command {
    Command::new("sessions")
        .about("List where a user is signed in")
        .arg(user())
        .arg(json())
}

pub(super) fn revoke_command() -> Command {
    Command::new("revoke")
        .about("End a user's sessions; their tokens are refused from now on")
        .arg(user())
        .arg(
            Arg::new("session")
                .long("session")
                .value_name("ID")
                .help("Only this session; all of them unless given"),
        )
}

pub(super) fn list(call: &Call<'_>) -> Outcome {
    call.look(async |administration| {
        let user = call.user(administration).await?;
        for session in &administration.sessions(user.id).await? {
            output::session(session, call.flag("json"));
        }
        Ok(())
    })
}

pub(super) fn revoke(call: &Call<'_>) -> Outcome {
    call.administrate(async |administration| {
        let user = call.user(administration).await?;
        let ended = match call.text("session") {
            Some(id) => {
                let session = id.parse().map_err(|_| AdminError::SessionNotFound)?;
                administration.end_session(user.id, session).await?;
                1
            }
            None => administration.end_sessions(user.id).await?,
        };
        println!("{ended} sessions ended");
        Ok(())
    })
}
