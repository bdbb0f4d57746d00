use clap::Args;

use super::{
    acting::{Shown, look},
    output,
};
use crate::{
    cli::{arguments::Json, running::Outcome},
    config::Config,
    store::UserQuery,
};

/// How many users are read at a time.
const PAGE: u32 = 500;

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// A part of the name or the e-mail address
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only those who have this role
    #[arg(long)]
    role: Option<String>,
    /// Only those who are disabled
    #[arg(long, conflicts_with = "enabled")]
    disabled: bool,
    /// Only those who are not disabled
    #[arg(long)]
    enabled: bool,
    /// At most this many
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    #[command(flatten)]
    output: Json,
}

pub(super) fn list(config: &Config, arguments: &Arguments) -> Outcome {
    let disabled = match (arguments.disabled, arguments.enabled) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    };
    let mut query = UserQuery {
        search: arguments.search.clone(),
        role: arguments.role.as_deref().map(str::parse).transpose()?,
        disabled,
        ..UserQuery::default()
    };
    let mut left = arguments.limit.unwrap_or(u32::MAX);
    look(config, async |administration| {
        while left > 0 {
            query.limit = left.min(PAGE);
            let page = administration.list(query.clone()).await?;
            for user in &page.users {
                output::user(user, arguments.output.json);
            }
            left = left.saturating_sub(query.limit);
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        Ok(())
    })
}

pub(super) fn show(config: &Config, Shown { named, output }: &Shown) -> Outcome {
    look(config, async |administration| {
        output::user(&named.find(administration).await?, output.json);
        Ok(())
    })
}
