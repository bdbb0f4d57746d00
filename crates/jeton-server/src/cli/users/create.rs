use clap::Args;

use super::{
    acting::{Attributes, Force, administrate},
    output,
};
use crate::{
    cli::{arguments::Json, input, running::Outcome},
    config::Config,
    model::{claims::CustomClaims, password::NewPassword, role, username::Username},
    service::accounts::register::NewAccount,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The username
    name: String,
    /// A role; may be repeated
    #[arg(long)]
    role: Vec<String>,
    #[command(flatten)]
    attributes: Attributes,
    /// Ask for the password without showing it, or take a line from a pipe: an argument would show in the process list
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    output: Json,
}

pub(super) fn run(config: &Config, arguments: Arguments) -> Outcome {
    let Attributes { claims, email } = arguments.attributes;
    let password = if arguments.password_stdin {
        let min_chars = config.rules.password_min_chars;
        Some(NewPassword::choose(input::new_password()?, min_chars)?)
    } else {
        None
    };
    let roles = arguments.role.iter().map(|role| role.parse());
    let account = NewAccount {
        username: Username::parse(&arguments.name)?,
        email: email.map(|text| text.parse()).transpose()?,
        roles: role::fit(roles.collect::<Result<_, _>>()?)?,
        claims: match claims {
            Some(text) => CustomClaims::parse(&text)?,
            None => CustomClaims::default(),
        },
        password,
    };
    administrate(config, Force::default(), async |administration| {
        let created = administration.create(account).await?;
        if arguments.output.json {
            output::created(&created);
            return Ok(());
        }
        println!("{} {}", created.user.id, created.user.username);
        if let Some(issued) = &created.code {
            output::code(issued);
        }
        Ok(())
    })
}
