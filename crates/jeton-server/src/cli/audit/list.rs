use clap::Args;
use jeton::json::Object;
use serde_json::Value;

use crate::{
    cli::{
        arguments::Json,
        running::{Outcome, reading},
    },
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

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Events about this user
    #[arg(long, value_name = "NAME|ID")]
    user: Option<String>,
    /// Events about this session
    #[arg(long, value_name = "ID")]
    session: Option<SessionId>,
    /// Only this, as in login.failed
    #[arg(long)]
    action: Option<Action>,
    /// From then on, as in 2026-11-21T09:00:00Z or 2h for the last two hours
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<Timestamp>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
    #[command(flatten)]
    output: Json,
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

pub(super) fn run(config: &Config, arguments: &Arguments) -> Outcome {
    let events = reading(config, async |store| read(&**store, arguments).await)?;
    let show = if arguments.output.json { json } else { line };
    for event in events.iter().rev() {
        println!("{}", show(event));
    }
    Ok(())
}

async fn read(store: &dyn Store, arguments: &Arguments) -> Outcome<Vec<Recorded>> {
    let user = match &arguments.user {
        Some(text) => Some(user(store, text).await?),
        None => None,
    };
    let wanted = Wanted {
        user,
        session: arguments.session,
        action: arguments.action,
        since: arguments.since,
        until: None,
        before: None,
        limit: arguments.limit,
    };
    Ok(store.events(&wanted).await?)
}

/// By id also when there is no such user any more: what happened to them stays.
async fn user(store: &dyn Store, text: &str) -> Outcome<UserId> {
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

/// A stored object; as the text it is if somebody made it none.
fn object(text: &str) -> Value {
    jeton::json::from_str(text).map_or_else(|_| text.into(), |Object(members)| members.into())
}
