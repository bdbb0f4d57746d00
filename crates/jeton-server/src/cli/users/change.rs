use std::str::FromStr;

use clap::Args;

use super::{
    acting::{Attributes, Force, Named, Shown, administrate},
    output,
};
use crate::{
    cli::{arguments::Json, running::Outcome},
    config::Config,
    model::{
        claims::CustomClaims,
        role::{self, Role},
        user::{User, changes::Changes},
    },
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    named: Named,
    /// A role the user has from now on, in place of all others; may be repeated
    #[arg(long)]
    role: Vec<String>,
    /// A role the user gets; may be repeated
    #[arg(long, value_name = "ROLE", conflicts_with = "role")]
    add_role: Vec<String>,
    /// A role the user loses; may be repeated
    #[arg(long, value_name = "ROLE", conflicts_with = "role")]
    remove_role: Vec<String>,
    #[command(flatten)]
    attributes: Attributes,
    /// Clear the e-mail address
    #[arg(long, conflicts_with = "email")]
    no_email: bool,
    #[command(flatten)]
    force: Force,
    #[command(flatten)]
    output: Json,
}

pub(super) fn set(config: &Config, arguments: Arguments) -> Outcome {
    let Attributes { claims, email } = arguments.attributes;
    let email = match email {
        Some(text) => Some(Some(text.parse()?)),
        None => arguments.no_email.then_some(None),
    };
    let claims = claims.as_deref().map(CustomClaims::parse).transpose()?;
    let (role, add) = (roles(&arguments.role)?, roles(&arguments.add_role)?);
    let remove = roles(&arguments.remove_role)?;
    let roles = |user: &User| -> Option<Vec<Role>> {
        if !role.is_empty() {
            return Some(role);
        }
        let kept = user.roles.iter().filter(|role| !remove.contains(role));
        let changes = !(add.is_empty() && remove.is_empty());
        changes.then(|| kept.chain(&add).cloned().collect())
    };
    administrate(config, arguments.force, async |administration| {
        let user = arguments.named.find(administration).await?;
        let changes = Changes {
            roles: roles(&user).map(role::fit).transpose()?,
            claims,
            email,
            disabled: None,
        };
        let user = administration.change(user.id, &changes).await?;
        output::user(&user, arguments.output.json);
        Ok(())
    })
}

fn roles(texts: &[String]) -> Result<Vec<Role>, <Role as FromStr>::Err> {
    texts.iter().map(|text| text.parse()).collect()
}

/// Disables or enables.
pub(super) fn switch(
    config: &Config,
    Shown { named, output }: &Shown,
    force: Force,
    disabled: bool,
) -> Outcome {
    administrate(config, force, async |administration| {
        let user = named.find(administration).await?;
        let changes = Changes {
            disabled: Some(disabled),
            ..Changes::default()
        };
        let user = administration.change(user.id, &changes).await?;
        output::user(&user, output.json);
        Ok(())
    })
}
