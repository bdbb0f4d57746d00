//! The story of a token's session: opened where and when, how often renewed, and how it ended.

use super::asked::Asked;
use crate::{
    model::{audit::Actor, session::Session, time::Timestamp},
    pages::{ended, texts::Text},
    service::tokens::explain::SessionFacts,
};

/// One line of the story.
pub(super) struct Fact {
    pub(super) label: &'static Text,
    pub(super) text: String,
    pub(super) code: Option<String>,
    pub(super) time: Option<Timestamp>,
}

impl Fact {
    fn new(label: &'static Text, text: impl Into<String>) -> Self {
        Self {
            label,
            text: text.into(),
            code: None,
            time: None,
        }
    }

    fn at(self, time: Timestamp) -> Self {
        Self {
            time: Some(time),
            ..self
        }
    }
}

/// The story as far as the reader may know it; empty where there is none.
pub(super) fn of(asked: &Asked<'_>) -> Vec<Fact> {
    let Some(session) = &asked.explained.session else {
        return Vec::new();
    };
    let (texts, story) = (asked.texts(), &asked.texts().inspect.story);
    let Some(row) = &session.row else {
        return vec![Fact::new(&story.ended, &texts.ended.unknown)];
    };
    let mut facts = vec![
        Fact::new(&story.opened, row.device.name()).at(row.created_at),
        renewals(row, asked),
    ];
    if let Some(administrator) = row.actor {
        facts.push(Fact {
            code: asked.by_administrator().then(|| administrator.to_string()),
            ..Fact::new(&story.acting, &texts.sessions.opened_by_admin)
        });
    }
    if let Some(generation) = session.token_generation {
        let place = story.place.with("number", generation.saturating_add(1));
        let place = place.with("of", row.generation.0.saturating_add(1));
        facts.push(Fact::new(&story.token, place));
    }
    facts.extend(end(session, row, asked));
    facts
}

fn renewals(row: &Session, asked: &Asked<'_>) -> Fact {
    let story = &asked.texts().inspect.story;
    match u64::try_from(row.generation.0) {
        Ok(0) | Err(_) => Fact::new(&story.renewed, &story.never),
        Ok(times) => Fact::new(&story.renewed, story.times.of(times)).at(row.rotated_at),
    }
}

/// How it ended and by whom, or how long it goes on.
fn end(session: &SessionFacts, row: &Session, asked: &Asked<'_>) -> Vec<Fact> {
    let (texts, story) = (asked.texts(), &asked.texts().inspect.story);
    let Some(reason) = row.ended else {
        if asked.reader.now >= row.expires_at {
            return vec![Fact::new(&story.ended, &texts.ended.expired).at(row.expires_at)];
        }
        return vec![
            Fact::new(&story.ends, &story.unless_renewed).at(row.expires_at),
            Fact::new(&story.last, "").at(row.ends_at),
        ];
    };
    let mut ended = Fact::new(&story.ended, ended::told(reason, asked.by_its_user(), texts));
    ended.time = session.cause.as_ref().map(|event| event.at);
    let mut facts = vec![ended];
    let actor = session
        .cause
        .as_ref()
        .and_then(|event| event.actor.as_deref()?.parse().ok());
    if let Some(actor) = actor.filter(|_| asked.by_administrator()) {
        let (text, code) = match actor {
            Actor::User(id) => (&story.by_administrator, Some(id.to_string())),
            Actor::Client(id) => (&story.by_program, Some(id.to_string())),
            Actor::CommandLine => (&story.by_command_line, None),
        };
        facts.push(Fact {
            code,
            ..Fact::new(&story.by, text)
        });
    }
    facts
}
