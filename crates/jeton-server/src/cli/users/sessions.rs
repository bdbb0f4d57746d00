use clap::Args;

use super::{
    acting::{Force, Named, Shown, administrate, look},
    output,
};
use crate::{
    cli::{counted::counted, running::Outcome},
    config::Config,
    service::accounts::admin::AdminError,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Revoke {
    #[command(flatten)]
    named: Named,
    /// Only this session; all of them unless given
    #[arg(long, value_name = "ID")]
    session: Option<String>,
}

pub(super) fn list(config: &Config, Shown { named, output }: &Shown) -> Outcome {
    look(config, async |administration| {
        let user = named.find(administration).await?;
        for session in &administration.sessions(user.id).await? {
            output::session(session, output.json);
        }
        Ok(())
    })
}

pub(super) fn revoke(config: &Config, Revoke { named, session }: &Revoke) -> Outcome {
    administrate(config, Force::default(), async |administration| {
        let user = named.find(administration).await?;
        let ended = match session {
            Some(id) => {
                let session = id.parse().map_err(|_| AdminError::SessionNotFound)?;
                administration.end_session(user.id, session).await?;
                1
            }
            None => administration.end_sessions(user.id).await?,
        };
        println!("{}", counted(ended, "session ended", "sessions ended"));
        Ok(())
    })
}
