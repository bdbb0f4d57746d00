use clap::{Arg, Command, value_parser};

use super::{Call, Outcome, json, output, role, switch, user};
use crate::store::UserQuery;

/// How many users are read at a time.
const PAGE: u32 = 500;

pub(super) fn list_command() -> Command {
    Command::new("list")
        .about("List accounts in the order in which they were made")
        .arg(
            Arg::new("search")
                .long("search")
                .value_name("TEXT")
                .help("A part of the name or the e-mail address"),
        )
        .arg(
            role()
                .action(clap::ArgAction::Set)
                .help("Only those who have this role"),
        )
        .arg(switch("disabled", "Only those who are disabled").conflicts_with("enabled"))
        .arg(switch("enabled", "Only those who are not disabled"))
        .arg(
            Arg::new("limit")
                .long("limit")
                .value_name("N")
                .value_parser(value_parser!(u32))
                .help("At most this many"),
        )
        .arg(json())
}

pub(super) fn show_command() -> Command {
    Command::new("show")
        .about("Show an account")
        .arg(user())
        .arg(json())
}

pub(super) fn list(call: &Call<'_>) -> Outcome {
    let disabled = match (call.flag("disabled"), call.flag("enabled")) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    };
    let mut query = UserQuery {
        search: call.text("search").map(str::to_owned),
        role: call.text("role").map(str::parse).transpose()?,
        disabled,
        ..UserQuery::default()
    };
    let mut left = call.arguments.get_one("limit").copied().unwrap_or(u32::MAX);
    call.look(async |administration| {
        while left > 0 {
            query.limit = left.min(PAGE);
            let page = administration.list(query.clone()).await?;
            for user in &page.users {
                output::user(user, call.flag("json"));
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

pub(super) fn show(call: &Call<'_>) -> Outcome {
    call.look(async |administration| {
        let user = call.user(administration).await?;
        output::user(&user, call.flag("json"));
        Ok(())
    })
}
