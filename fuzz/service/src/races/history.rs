//! What was asked when, of whom, and what came of it: all that the oracles know.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Time since the run began.
pub type Moment = Duration;

/// The number of a user in this run. A name that was deleted and made again is another user.
pub type User = usize;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Node(usize),
    CommandLine,
}

/// An access token as the fuzzer got it.
#[derive(Debug)]
pub struct Access {
    pub text: String,
    pub id: String,
    pub session: String,
    pub user: User,
    pub roles: Vec<String>,
    /// By the clock on the wall.
    pub issued_at: f64,
    pub expires_at: f64,
    /// When the act began and ended that gave it.
    pub began: Moment,
    pub ended: Moment,
}

/// The tokens that an act gave.
#[derive(Clone, Debug)]
pub struct Pair {
    pub access: Arc<Access>,
    pub refresh: Arc<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Session,
    Others,
    All,
}

#[derive(Clone, Debug)]
pub enum What {
    Register {
        password: Arc<str>,
    },
    Login {
        password: Arc<str>,
        opened: Option<Pair>,
    },
    /// A route that just takes the token.
    Check {
        route: &'static str,
    },
    Refresh {
        session: String,
        token: Arc<str>,
        got: Option<Pair>,
    },
    LogOut {
        session: String,
        scope: Scope,
    },
    EndSession {
        session: String,
    },
    ChangePassword {
        current: Arc<str>,
        new: Arc<str>,
        opened: Option<Pair>,
    },
    IssueCode {
        force: bool,
        code: Option<Arc<str>>,
    },
    Reset {
        code: Arc<str>,
        new: Arc<str>,
    },
    RevokeToken {
        token: String,
    },
    EndAll,
    Disable,
    Enable,
    Delete,
    SetRoles {
        roles: Vec<String>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Answered otherwise than with 2xx: it has not happened.
    Refused {
        status: u16,
        code: String,
    },
    /// Not answered, or by an answer that does not say.
    Unknown(String),
}

#[derive(Clone)]
pub struct Act {
    pub number: usize,
    pub client: usize,
    pub place: Place,
    /// The user it is about.
    pub user: User,
    /// The access token it was asked with.
    pub with: Option<Arc<Access>>,
    pub began: Moment,
    pub ended: Moment,
    pub what: What,
    pub outcome: Outcome,
}

impl Act {
    pub fn is_done(&self) -> bool {
        self.outcome == Outcome::Done
    }

    /// Whether it may have happened.
    pub fn is_possible(&self) -> bool {
        !matches!(self.outcome, Outcome::Refused { .. })
    }

    /// The latest moment at which it can have happened: one that was not answered may still be on its way.
    pub fn over(&self) -> Moment {
        if matches!(self.outcome, Outcome::Unknown(_)) {
            Moment::MAX
        } else {
            self.ended
        }
    }

    pub fn is_before(&self, other: &Self) -> bool {
        self.over() < other.began
    }

    /// Whether there is a moment at which both may have been under way, or this one came first.
    pub fn may_precede(&self, other: &Self) -> bool {
        self.began < other.ended
    }

    pub fn is_refused_with(&self, wanted: &str) -> bool {
        matches!(&self.outcome, Outcome::Refused { code, .. } if code == wanted)
    }

    /// The tokens it gave.
    pub fn pair(&self) -> Option<&Pair> {
        match &self.what {
            What::Login { opened, .. } | What::ChangePassword { opened, .. } => opened.as_ref(),
            What::Refresh { got, .. } => got.as_ref(),
            _ => None,
        }
    }

    /// Whether it opens a session.
    pub fn opens(&self) -> bool {
        matches!(self.what, What::Login { .. } | What::ChangePassword { .. })
    }
}

pub struct History {
    start: Instant,
    acts: Mutex<Vec<Act>>,
}

impl History {
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
            acts: Mutex::default(),
        }
    }

    pub fn now(&self) -> Moment {
        self.start.elapsed()
    }

    pub fn add(&self, mut act: Act) {
        let mut acts = self.acts.lock().unwrap_or_else(PoisonError::into_inner);
        act.number = acts.len();
        acts.push(act);
    }

    pub fn acts(&self) -> Vec<Act> {
        self.acts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(number) => write!(f, "node {number}"),
            Self::CommandLine => f.write_str("command line"),
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            number,
            client,
            place,
            user,
            began,
            ended,
            ..
        } = self;
        write!(
            f,
            "#{number:<6} {:>9.4} to {:>9.4} s  {place:<12} client {client:<3} user {user:<3} ",
            began.as_secs_f64(),
            ended.as_secs_f64()
        )?;
        let tail = |text: &str| text[text.len().saturating_sub(8)..].to_owned();
        match &self.what {
            What::Refresh { session, token, .. } => {
                write!(f, "Refresh …{} of session …{}", tail(token), tail(session))?
            }
            What::LogOut { session, scope } => write!(f, "LogOut {scope:?} from session …{}", tail(session))?,
            What::EndSession { session } => write!(f, "EndSession …{}", tail(session))?,
            What::RevokeToken { token } => write!(f, "RevokeToken …{}", tail(token))?,
            What::Login { password, .. } => write!(f, "Login with {password}")?,
            What::Check { route } => write!(f, "Check at {route}")?,
            What::ChangePassword { current, new, .. } => write!(f, "ChangePassword {current} to {new}")?,
            other => write!(f, "{other:?}")?,
        }
        if let Some(token) = &self.with {
            let Access {
                id, session, user, ..
            } = &**token;
            write!(
                f,
                ", by token …{} of user {user}, session …{}",
                tail(id),
                tail(session)
            )?;
        }
        match &self.outcome {
            Outcome::Done => f.write_str(": done")?,
            Outcome::Refused { status, code } => write!(f, ": {status} {code}")?,
            Outcome::Unknown(why) => write!(f, ": UNKNOWN ({why})")?,
        }
        if let Some(pair) = self.pair() {
            let Access {
                id,
                session,
                issued_at,
                expires_at,
                ..
            } = &*pair.access;
            write!(
                f,
                ", gave token …{} for {} s and refresh …{}, session …{}",
                tail(id),
                expires_at - issued_at,
                tail(&pair.refresh),
                tail(session)
            )?;
        }
        Ok(())
    }
}
