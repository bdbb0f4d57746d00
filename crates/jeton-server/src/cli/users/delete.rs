use clap::Args;

use super::acting::{Force, Named, administrate};
use crate::{
    cli::{arguments::Yes, input, running::Outcome},
    config::Config,
    model::user::User,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    confirmation: Yes,
    #[command(flatten)]
    force: Force,
}

pub(super) fn run(config: &Config, arguments: &Arguments) -> Outcome {
    administrate(config, arguments.force, async |administration| {
        let user = arguments.named.find(administration).await?;
        if !arguments.confirmation.yes {
            confirm(&user)?;
        }
        administration.delete(user.id).await?;
        println!("{} {} is deleted", user.id, user.username);
        Ok(())
    })
}

fn confirm(user: &User) -> Outcome {
    let name = &user.username;
    let question = format!("This cannot be undone. Type {name} to erase the account: ");
    match input::answer(&question)? {
        None => Err("there is nobody to ask: confirm with --yes".into()),
        Some(answer) if answer == name.as_str() => Ok(()),
        Some(_) => Err("not the name: nothing was deleted".into()),
    }
}
