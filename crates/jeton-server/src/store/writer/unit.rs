//! What callers want written, one by one.

use std::{pin::Pin, sync::Arc};

use tokio::sync::oneshot;

use super::{Engine, Lost, Touches};
use crate::{
    model::session::Presented,
    store::{Rotation, StoreError, rotation::Request},
};

/// What a piece of work on the connection gives, in time.
pub(in crate::store) type Pending<'c, T> = Pin<Box<dyn Future<Output = T> + Send + 'c>>;

/// What one caller wants written.
pub(super) trait Unit<E: Engine>: Send {
    fn touches(&self) -> &Touches;

    fn work<'c>(&'c mut self, connection: &'c mut E::Connection) -> Pending<'c, Worked>;

    /// Answers the caller: the work counts once it is on the disk.
    fn settle(self: Box<Self>, committed: Result<(), Lost>);
}

/// How a piece of work went.
#[derive(Debug)]
pub(super) enum Worked {
    Well,
    /// It failed, and only its caller is concerned: what it wrote is to be taken back.
    Badly,
    /// It came to nothing without fault of its own, and neither can the rest of its group.
    Interrupted(Arc<sqlx::Error>),
}

/// The way back to a caller. Nobody may be there any more; what was asked happens all the same.
struct Reply<T> {
    result: Option<Result<T, StoreError>>,
    to: oneshot::Sender<Result<T, StoreError>>,
}

impl<T> Reply<T> {
    const fn new(to: oneshot::Sender<Result<T, StoreError>>) -> Self {
        Self { result: None, to }
    }

    fn hold<E: Engine>(&mut self, result: Result<T, StoreError>) -> Worked {
        let worked = match &result {
            Ok(_) => Worked::Well,
            Err(StoreError::Busy(error) | StoreError::Engine(error)) if E::is_passing(error) => {
                Worked::Interrupted(Arc::clone(error))
            }
            Err(_) => Worked::Badly,
        };
        self.result = Some(result);
        worked
    }

    fn settle(self, committed: Result<(), Lost>) {
        let result = match committed {
            Ok(()) => self.result.unwrap_or(Err(StoreError::Closed)),
            Err(lost) => Err(lost.into()),
        };
        let _ = self.to.send(result);
    }
}

/// Any work, kept so that it can be run again.
pub(super) struct Work<T, W> {
    touches: Touches,
    task: W,
    reply: Reply<T>,
}

impl<T, W> Work<T, W> {
    pub(super) const fn new(touches: Touches, task: W, to: oneshot::Sender<Result<T, StoreError>>) -> Self {
        let reply = Reply::new(to);
        Self { touches, task, reply }
    }
}

impl<E, T, W> Unit<E> for Work<T, W>
where
    E: Engine,
    T: Send + 'static,
    W: Clone + Send + 'static + for<'c> FnOnce(&'c mut E::Connection) -> Pending<'c, Result<T, StoreError>>,
{
    fn touches(&self) -> &Touches {
        &self.touches
    }

    fn work<'c>(&'c mut self, connection: &'c mut E::Connection) -> Pending<'c, Worked> {
        let task = self.task.clone();
        Box::pin(async move {
            let result = task(connection).await;
            self.reply.hold::<E>(result)
        })
    }

    fn settle(self: Box<Self>, committed: Result<(), Lost>) {
        self.reply.settle(committed);
    }
}

/// A refresh: work that the engine can do for many at once.
pub(super) struct Refresh {
    pub(super) request: Request,
    reply: Reply<Rotation>,
}

impl Refresh {
    pub(super) fn new(request: Request, to: oneshot::Sender<Result<Rotation, StoreError>>) -> Self {
        Self {
            request,
            reply: Reply::new(to),
        }
    }

    pub(super) const fn presented(&self) -> &Presented {
        &self.request.0
    }

    pub(super) fn answer(&mut self, rotation: Rotation) {
        self.reply.result = Some(Ok(rotation));
    }
}

impl<E: Engine> Unit<E> for Refresh {
    /// Its group knows: the owner of its session.
    fn touches(&self) -> &Touches {
        static NOTHING: Touches = Touches::nothing();
        &NOTHING
    }

    fn work<'c>(&'c mut self, connection: &'c mut E::Connection) -> Pending<'c, Worked> {
        Box::pin(async move {
            let rotations = E::rotate(connection, &[&self.request]).await;
            let result =
                rotations.and_then(|rotations| rotations.into_iter().next().ok_or(StoreError::Closed));
            self.reply.hold::<E>(result)
        })
    }

    fn settle(self: Box<Self>, committed: Result<(), Lost>) {
        self.reply.settle(committed);
    }
}
