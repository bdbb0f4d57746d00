use std::collections::{BTreeMap, BTreeSet};

use jeton::json::{self, Object};
use serde_json::{Map, Value};

use crate::{
    http::{ApiError, App},
    model::{
        audit::{Actor, Recorded},
        device::Device,
        id::UserId,
        time::Timestamp,
    },
};

/// An event, as a row of the list.
pub(super) struct Row {
    pub(super) number: i64,
    pub(super) at: Timestamp,
    pub(super) action: String,
    pub(super) user: Option<Named>,
    /// Whoever acted, where that is not the user.
    pub(super) by: Option<By>,
    /// Its id, and the part of it that is shown.
    pub(super) session: Option<(String, String)>,
    /// Further facts, each with its name.
    pub(super) facts: Vec<(String, String)>,
}

/// Somebody by their id; and by name, while there is such a user.
#[derive(Clone)]
pub(super) struct Named {
    pub(super) id: UserId,
    pub(super) name: Option<String>,
}

pub(super) enum By {
    User(Named),
    /// The command line, or a program.
    Other(String),
}

/// The names of the users that a page names, read once each.
pub(super) async fn rows(app: &App, events: &[Recorded]) -> Result<Vec<Row>, ApiError> {
    let people = events.iter().flat_map(|event| [event.user, event.acting_user()]);
    let people: BTreeSet<_> = people.flatten().collect();
    let mut names = BTreeMap::new();
    for id in people {
        let user = app.service.user(id).await?;
        names.insert(id, user.map(|user| user.username.to_string()));
    }
    let whose = |id: UserId| Named {
        id,
        name: names.get(&id).cloned().flatten(),
    };
    Ok(events.iter().map(|event| Row::new(event, &whose)).collect())
}

impl Row {
    fn new(event: &Recorded, whose: &dyn Fn(UserId) -> Named) -> Self {
        let personal = event.personal.as_ref().map(|(_, fields)| object(fields));
        let facts = object(&event.detail)
            .into_iter()
            .chain(personal.unwrap_or_default())
            .map(|(name, value)| fact(name, &value));
        Self {
            number: event.number,
            at: event.at,
            action: event.action.clone(),
            user: event.user.map(whose),
            by: event.actor.as_deref().map(|actor| match actor.parse() {
                Ok(Actor::User(id)) => By::User(whose(id)),
                _ => By::Other(actor.to_owned()),
            }),
            session: event.session.map(|id| (id.to_string(), short(&id.to_string()))),
            facts: facts.filter(|(_, value)| !value.is_empty()).collect(),
        }
    }
}

impl Named {
    /// The name, or the end of the id: its beginning is the time, which neighbours share.
    pub(super) fn shown(&self) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None => short(&self.id.to_string()),
        }
    }
}

/// The part of an id that differs most.
fn short(id: &str) -> String {
    format!("…{}", id.get(id.len().saturating_sub(8)..).unwrap_or(id))
}

/// Somebody may have changed the row behind the service's back: `jeton audit verify` says so, and the list goes on.
fn object(text: &str) -> Map<String, Value> {
    json::from_str::<Object>(text).unwrap_or_default().into()
}

fn fact(name: String, value: &Value) -> (String, String) {
    let text = match value {
        Value::String(text) if name == "device" => Device::stored(text.clone()).name(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items = items
                .iter()
                .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
            items.collect::<Vec<_>>().join(", ")
        }
        value => value.to_string(),
    };
    (name, text)
}
