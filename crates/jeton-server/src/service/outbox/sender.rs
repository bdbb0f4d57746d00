//! Sends what is due: to several recipients at once, to each one message after another, so that one who is slow holds up
//! nobody else.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::task::{Id, JoinError, JoinSet};

use super::Undelivered;
use crate::{
    model::message::Message,
    service::Service,
    store::{Attempted, StoreError},
};

/// How many recipients are sent to at once.
const RECIPIENTS: usize = 32;

/// Takes messages that are due, and sends them.
#[derive(Debug)]
pub struct Sender {
    service: Arc<Service>,
    /// A task for each recipient that is sent to.
    tasks: JoinSet<()>,
    recipients: HashMap<Id, String>,
    /// Whether the tasks are to give back what they have not sent.
    stops: Arc<AtomicBool>,
}

impl Sender {
    #[must_use]
    pub fn new(service: Arc<Service>) -> Self {
        Self {
            service,
            tasks: JoinSet::new(),
            recipients: HashMap::new(),
            stops: Arc::default(),
        }
    }

    /// Takes what is due and begins to send it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn begin(&mut self) -> Result<(), StoreError> {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.note_end(ended);
        }
        // A node whose clock is off would sign times that are none.
        while self.tasks.len() < RECIPIENTS && !self.service.clock_is_off() {
            let busy: Vec<String> = self.recipients.values().cloned().collect();
            let taken = self.service.store.take_due(&busy, self.service.now()).await?;
            if taken.is_empty() {
                break;
            }
            self.send(taken);
        }
        Ok(())
    }

    /// Ready when a recipient has been sent everything that was taken for it; never when nothing is being sent.
    pub async fn one_is_done(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(ended) => self.note_end(ended),
            None => std::future::pending().await,
        }
    }

    /// Sends everything that is due and waits for the end of it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn send_all(&mut self) -> Result<(), StoreError> {
        self.begin().await?;
        while !self.tasks.is_empty() {
            self.one_is_done().await;
            self.begin().await?;
        }
        Ok(())
    }

    /// Finishes the requests under way, and gives back what was taken beside them.
    pub async fn stop(mut self) {
        self.stops.store(true, Ordering::Release);
        while self.tasks.join_next().await.is_some() {}
    }

    fn send(&mut self, taken: Vec<Message>) {
        let mut by_recipient: HashMap<String, Vec<Message>> = HashMap::new();
        for message in taken {
            let recipient = message.recipient.clone();
            by_recipient.entry(recipient).or_default().push(message);
        }
        for (recipient, messages) in by_recipient {
            let (service, stops) = (Arc::clone(&self.service), Arc::clone(&self.stops));
            let task = self.tasks.spawn(send_in_turn(service, messages, stops));
            self.recipients.insert(task.id(), recipient);
        }
    }

    fn note_end(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                tracing::error!(%error, "a message's sending broke off");
                error.id()
            }
        };
        self.recipients.remove(&id);
    }
}

/// Sends one recipient's messages, one after another: no more than another node waits for.
async fn send_in_turn(service: Arc<Service>, messages: Vec<Message>, stops: Arc<AtomicBool>) {
    let mut away: Option<String> = None;
    for message in messages {
        let outcome = match &away {
            _ if stops.load(Ordering::Acquire) => Attempted::GivenBack { at: service.now() },
            // Nobody waits for a recipient that does not answer once more.
            Some(problem) => failed(&service, &message, problem.clone()),
            None => match service.deliver(&message).await {
                Ok(()) => Attempted::Sent { at: service.now() },
                Err(Undelivered::Refused(problem)) => failed(&service, &message, problem),
                Err(Undelivered::Away(problem)) => {
                    away = Some(problem.clone());
                    failed(&service, &message, problem)
                }
                Err(Undelivered::Hopeless(problem)) => Attempted::Failed {
                    problem: problem.to_owned(),
                    next: None,
                },
            },
        };
        tell(&message, &outcome);
        if let Err(error) = service.store.attempted(message.id, &outcome).await {
            tracing::warn!(%error, message = %message.id, "how an attempt to send went could not be noted");
        }
    }
}

fn failed(service: &Service, message: &Message, problem: String) -> Attempted {
    Attempted::Failed {
        problem,
        next: message.next_attempt(service.now()),
    }
}

fn tell(message: &Message, outcome: &Attempted) {
    let (id, kind) = (message.id, message.kind.as_str());
    match outcome {
        Attempted::Sent { .. } => tracing::debug!(message = %id, kind, "a message was sent"),
        Attempted::Failed {
            problem,
            next: Some(_),
        } => {
            tracing::info!(message = %id, kind, problem, "a message could not be sent, and is tried again");
        }
        Attempted::Failed { problem, next: None } => {
            tracing::warn!(message = %id, kind, problem, "a message could not be sent, and is given up");
        }
        Attempted::GivenBack { .. } => {}
    }
}
