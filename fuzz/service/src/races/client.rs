//! A client: sends one act after the other, at the nodes and by the command line, and writes down what came of each.

use std::{
    sync::Arc,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};

use super::{
    history::{Access, Act, History, Moment, Outcome, Pair, Place, User, What},
    stage::Stage,
    world::World,
};
use crate::{
    claims,
    random::Random,
    wire::{Answer, Connection, Trouble},
};

/// Before somebody asks again who found nobody there.
const WAIT: Duration = Duration::from_millis(5);

pub struct Client<'r> {
    pub number: usize,
    pub random: Random,
    pub stage: &'r Stage,
    pub world: &'r World,
    pub history: &'r History,
    connections: Vec<Connection>,
}

/// A request of an act.
pub struct Call<'c> {
    pub node: usize,
    pub user: User,
    pub with: Option<Arc<Access>>,
    pub method: &'static str,
    pub path: String,
    /// What stands in the `Authorization` header, when it is not the access token.
    pub bearer: Option<&'c str>,
    pub body: Option<Value>,
}

impl Call<'_> {
    pub fn post(node: usize, user: User, path: &str, body: Value) -> Self {
        Self {
            node,
            user,
            with: None,
            method: "POST",
            path: path.to_owned(),
            bearer: None,
            body: Some(body),
        }
    }

    pub fn with(self, token: &Arc<Access>) -> Self {
        Self {
            with: Some(Arc::clone(token)),
            ..self
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let Self { method, path, .. } = self;
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
        let bearer = self
            .bearer
            .or(self.with.as_ref().map(|token| token.text.as_str()));
        if let Some(token) = bearer {
            head.push_str(&format!("authorization: Bearer {token}\r\n"));
        }
        let body = self.body.as_ref().map(Value::to_string).unwrap_or_default();
        if !body.is_empty() {
            head.push_str("content-type: application/json\r\n");
        }
        format!("{head}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
    }
}

impl<'r> Client<'r> {
    pub fn new(number: usize, seed: u64, stage: &'r Stage, world: &'r World, history: &'r History) -> Self {
        let connections = stage
            .nodes()
            .iter()
            .map(|node| Connection::new(node.setup.address));
        Self {
            number,
            random: Random::stream(seed, number as u64),
            stage,
            world,
            history,
            connections: connections.collect(),
        }
    }

    pub fn node(&mut self) -> usize {
        self.random.within(0..self.stage.nodes().len())
    }

    /// Another node, if there is one.
    pub fn other_node(&mut self, node: usize) -> usize {
        let count = self.stage.nodes().len();
        if count == 1 {
            node
        } else {
            (node + 1 + self.random.within(0..count - 1)) % count
        }
    }

    /// Sends a request, and writes down the act; `what` says what it was, once the answer is known.
    pub fn act(
        &mut self,
        call: Call<'_>,
        what: impl FnOnce(Option<&Answer>, Option<Pair>) -> What,
    ) -> Option<Answer> {
        let bytes = call.bytes();
        let began = self.history.now();
        let answer = self.connections[call.node].call(&bytes);
        let ended = self.history.now();
        let outcome = match &answer {
            // Nobody was there to be asked.
            Err(Trouble::NotSent) => {
                thread::sleep(WAIT);
                return None;
            }
            Err(Trouble::Broken(error)) => Outcome::Unknown(error.to_string()),
            Ok(answer) => outcome(answer),
        };
        let answer = answer.ok();
        let succeeded = answer.as_ref().filter(|_| outcome == Outcome::Done);
        let pair = succeeded.and_then(|answer| pair(answer, call.user, began, ended));
        if let Some(pair) = &pair {
            self.world.state().learn(pair);
        }
        if let (Some(token), Outcome::Refused { code, .. }) = (&call.with, &outcome) {
            match code.as_str() {
                "token_revoked" => self.world.state().refused(token),
                "token_expired" => self.world.state().expired(token),
                _ => {}
            }
        }
        self.record(Act {
            number: 0,
            client: self.number,
            place: Place::Node(call.node),
            user: call.user,
            with: call.with,
            began,
            ended,
            what: what(succeeded, pair),
            outcome,
        });
        answer
    }

    /// Runs a command of the service about a user.
    pub fn command(&mut self, user: User, arguments: &[&str], what: What) {
        let began = self.history.now();
        let ended = self.stage.setup().run(arguments, "");
        let outcome = match ended {
            Ok(ended) if ended.status.success() => Outcome::Done,
            Ok(ended) => {
                let said = String::from_utf8_lossy(&ended.stderr).trim().to_owned();
                let is_unclear = said.contains("database");
                if is_unclear {
                    Outcome::Unknown(said)
                } else {
                    Outcome::Refused {
                        status: 1,
                        code: said,
                    }
                }
            }
            Err(error) => Outcome::Unknown(error.to_string()),
        };
        self.record(Act {
            number: 0,
            client: self.number,
            place: Place::CommandLine,
            user,
            with: None,
            began,
            ended: self.history.now(),
            what,
            outcome,
        });
    }

    fn record(&self, act: Act) {
        self.history.add(act);
    }
}

fn outcome(answer: &Answer) -> Outcome {
    let code = answer.text("error");
    match answer.status {
        200..300 => Outcome::Done,
        // The database may have done it, or may not.
        500 => Outcome::Unknown(format!("500 {code}")),
        503 if code == "unavailable" => Outcome::Unknown("503 unavailable".to_owned()),
        status => Outcome::Refused { status, code },
    }
}

/// The tokens of an answer.
fn pair(answer: &Answer, user: User, began: Moment, ended: Moment) -> Option<Pair> {
    let body = answer.json();
    let text = body["access_token"].as_str()?;
    let claims = claims::of(text)?;
    let of = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
    let roles = claims["roles"].as_array().into_iter().flatten();
    let access = Access {
        text: text.to_owned(),
        id: of("jti"),
        session: of("sid"),
        user,
        roles: roles
            .filter_map(|role| role.as_str().map(str::to_owned))
            .collect(),
        issued_at: claims["iat"].as_f64().unwrap_or_default(),
        expires_at: claims["exp"].as_f64().unwrap_or_default(),
        began,
        ended,
    };
    let refresh = body["refresh_token"].as_str().unwrap_or_default();
    Some(Pair {
        access: Arc::new(access),
        refresh: refresh.into(),
    })
}

/// The clock on the wall.
pub fn wall() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64()
}

pub fn credentials(name: &str, password: &str) -> Value {
    json!({"username": name, "password": password})
}
