use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use jeton::json::Object;
use serde_json::Value;

use super::super::{Outcome, block_on, open_store};
use crate::{
    config::{Config, duration},
    model::{
        audit::{Action, Recorded},
        id::{SessionId, UserId},
        time::Timestamp,
        username::UsernameKey,
    },
    service::machinery::clock::{Clock, SystemClock},
    store::{Store, Wanted},
};

pub(super) fn command() -> Command {
    let option = |name, value, help| Arg::new(name).long(name).value_name(value).help(help);
    Command::new("list")
        .about("Show what happened, the newest last")
        .arg(option("user", "NAME|ID", "What happened to this user"))
        .arg(option("session", "ID", "What happened to this session").value_parser(value_parser!(SessionId)))
        .arg(option("action", "ACTION", "Only this, as in login.failed").value_parser(value_parser!(Action)))
        .arg(
            option(
                "since",
                "TIME",
                "From then on, as in 2026-11-21T09:00:00Z or 2h for the last two hours",
            )
            .value_parser(since),
        )
        .arg(
            option("limit", "N", "At most so many")
                .default_value("100")
                .value_parser(value_parser!(u32)),
        )
        .arg(
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .help("One JSON object a line"),
        )
}

fn since(text: &str) -> Result<Timestamp, String> {
    match text.parse() {
        Ok(time) => Ok(time),
        Err(error) => match duration(text) {
            Ok(span) => Ok(Timestamp::from(SystemClock.now()).minus(span)),
            Err(_) => Err(error.to_string()),
        },
    }
}

pub(super) fn run(config: &Config, arguments: &ArgMatches) -> Outcome {
    let events = block_on(async {
        let store = open_store(config).await?;
        let events = read(&*store, arguments).await;
        store.close().await;
        events
    })??;
    for event in events.iter().rev() {
        println!(
            "{}",
            if arguments.get_flag("json") {
                json(event)
            } else {
                line(event)
            }
        );
    }
    Ok(())
}

async fn read(
    store: &dyn Store,
    arguments: &ArgMatches,
) -> Result<Vec<Recorded>, Box<dyn std::error::Error>> {
    let user = match arguments.get_one::<String>("user") {
        Some(text) => Some(user(store, text).await?),
        None => None,
    };
    let wanted = Wanted {
        user,
        session: arguments.get_one("session").copied(),
        action: arguments.get_one("action").copied(),
        since: arguments.get_one("since").copied(),
        before: None,
        limit: arguments.get_one("limit").copied().unwrap_or(100),
    };
    Ok(store.events(&wanted).await?)
}

/// By id also when there is no such user any more: what happened to them stays.
async fn user(store: &dyn Store, text: &str) -> Result<UserId, Box<dyn std::error::Error>> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let account = store.account_by_name(&UsernameKey::parse(text)?).await?;
    account
        .map(|account| account.user.id)
        .ok_or_else(|| "there is no user of that name; one who was deleted is named by id".into())
}

fn line(event: &Recorded) -> String {
    let ids = [
        ("user", event.user.map(|id| id.to_string())),
        ("session", event.session.map(|id| id.to_string())),
        ("by", event.actor.clone()),
    ];
    let ids = ids
        .into_iter()
        .filter_map(|(name, id)| Some(format!("{name}={}", id?)));
    let fields = event.personal.as_ref().map(|(_, fields)| fields);
    let objects = [Some(&event.detail), fields].into_iter().flatten();
    let objects = objects.filter(|text| *text != "{}").cloned();
    let rest: Vec<String> = ids.chain(objects).collect();
    let Recorded {
        number, at, action, ..
    } = event;
    format!("{number:>8} {at} {action} {}", rest.join(" "))
        .trim_end()
        .to_owned()
}

fn json(event: &Recorded) -> String {
    serde_json::json!({
        "number": event.number,
        "at": event.at.to_string(),
        "action": event.action,
        "user": event.user.map(|id| id.to_string()),
        "session": event.session.map(|id| id.to_string()),
        "by": event.actor,
        "detail": object(&event.detail),
        "personal": event.personal.as_ref().map(|(_, fields)| object(fields)),
    })
    .to_string()
}

/// What was stored as an object; as the text it is if somebody made it none.
fn object(text: &str) -> Value {
    jeton::json::from_str(text).map_or_else(|_| text.into(), |Object(members)| members.into())
}
