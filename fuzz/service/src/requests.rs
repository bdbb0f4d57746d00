//! Requests nobody thought of, at every route of the service's own document and beside them.

mod body;
mod document;
mod findings;
mod head;
mod hostile;
mod json;
mod judge;
mod people;
mod request;
mod target;
mod watch;

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Mutex, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use document::Document;
use findings::Findings;
use head::Head;
use people::{People, Role};
use request::{Framing, Request};

use crate::{
    Verdict,
    options::Options,
    random::Random,
    server::{Server, Setup},
    wire::{Answer, Connection, Trouble},
};

/// Every password and code that is sent begins so: none may be repeated or logged.
pub const SECRET: &str = "s3cr3t-of-the-fuzzer-";

/// How long a process that is dying may take.
const PAUSE: Duration = Duration::from_millis(200);

/// Shorter than any token, and than any password that is sent.
const SHORTEST_SECRET: usize = 20;

/// What all workers share.
struct Run<'r> {
    options: &'r Options,
    setup: &'r Setup,
    document: Document,
    findings: Findings,
    /// Written while the process is started again.
    server: RwLock<Server>,
    /// How often it was.
    generation: AtomicUsize,
    /// What each worker sent last.
    sent: Vec<Mutex<Option<(Request, u64)>>>,
    statuses: Mutex<BTreeMap<u16, usize>>,
    end: Instant,
}

pub fn run(options: &Options) -> Verdict {
    let folder = tempfile::tempdir()?;
    let setup = Setup::new(&options.binary, folder.path())?.with(["--rate-limit", "off", "--log", "info"]);
    let server = setup.start()?;
    let document = document(&setup)?;
    let mut people = Vec::new();
    for worker in 0..options.clients {
        people.push(People::new(&setup, worker)?);
    }
    let run = Run {
        options,
        setup: &setup,
        document,
        findings: Findings::new(options.seed),
        server: RwLock::new(server),
        generation: AtomicUsize::new(0),
        sent: (0..options.clients).map(|_| Mutex::default()).collect(),
        statuses: Mutex::default(),
        end: Instant::now() + options.duration,
    };
    let seen = thread::scope(|scope| {
        for (worker, people) in people.into_iter().enumerate() {
            let run = &run;
            scope.spawn(move || run.work(worker, people));
        }
        watch::watch(&run)
    })?;
    let statuses = run.statuses.lock().unwrap_or_else(PoisonError::into_inner);
    println!("{} requests, {seen}", statuses.values().sum::<usize>());
    println!("statuses: {statuses:?} (0: no answer)");
    drop(statuses);
    Ok(run.findings.summary())
}

fn document(setup: &Setup) -> io::Result<Document> {
    let request = b"GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let answer = Connection::new(setup.address).call(request);
    let answer = answer.map_err(|trouble| io::Error::other(format!("no document: {trouble:?}")))?;
    Document::read(&answer.json()).ok_or_else(|| io::Error::other("the document cannot be read"))
}

impl Run<'_> {
    /// Sends one request after the other. Each follows from the seed, the worker and its number alone, but for the
    /// names and tokens in it.
    fn work(&self, worker: usize, mut people: People) {
        let mut connection = Connection::new(self.setup.address);
        for number in 0.. {
            if Instant::now() > self.end {
                return;
            }
            let generation = self.generation.load(Ordering::SeqCst);
            let server = self.server.read().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = people.refresh() {
                if has_ended(&server) {
                    drop(server);
                    self.until_started_again(generation);
                } else {
                    self.findings.note("whoever may sign in can", &error.to_string());
                }
                continue;
            }
            let mut random = Random::stream(self.options.seed, ((worker as u64) << 40) | number);
            let request = self.request(&mut random, &people);
            let (bytes, is_plain) = (request.bytes(), request.framing == Framing::Length);
            let is_cut = request.framing.is_cut();
            self.remember(worker, request, number);
            let answer = if is_plain {
                connection.call_again(&bytes)
            } else {
                Connection::call_alone(self.setup.address, &bytes, is_cut)
            };
            if answer.is_err() && has_ended(&server) {
                // Whose fault it was is found out elsewhere.
                drop(server);
                connection.close();
                self.until_started_again(generation);
                continue;
            }
            drop(server);
            self.judge(worker, &answer, &mut people);
        }
    }

    fn until_started_again(&self, generation: usize) {
        while self.generation.load(Ordering::SeqCst) == generation && Instant::now() < self.end {
            thread::sleep(PAUSE);
        }
    }

    fn request(&self, random: &mut Random, people: &People) -> Request {
        let role = random.weighted(&[
            (2, Role::Nobody),
            (4, Role::User),
            (6, Role::Administrator),
            (1, Role::Program),
        ]);
        let number = random.within(0..self.document.operations.len());
        let operation = &self.document.operations[number];
        let (target, plain) = if random.one_in(30) {
            (target::elsewhere(random), false)
        } else {
            target::of(random, operation, people)
        };
        let usual = !random.one_in(40);
        let method = if usual {
            operation.method.as_str()
        } else {
            random.pick(&[
                "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get",
            ])
        };
        let mut head = Head::default();
        head.credentials(random, people, role);
        let body = match &operation.body {
            Some(body) => {
                head.content_type(random, &body.content_type);
                let absent = random.one_in(20);
                if absent {
                    Vec::new()
                } else {
                    body::bytes(random, &self.document, body, people, role)
                }
            }
            None if random.one_in(15) => {
                head.content_type(random, "application/json");
                body::unasked(random)
            }
            None => Vec::new(),
        };
        head.decorate(random);
        Request {
            operation: (plain && usual).then_some(number),
            role,
            method: method.to_owned(),
            target,
            headers: head.headers,
            secrets: head
                .secrets
                .into_iter()
                .chain(secrets_in(&body))
                .filter(|secret| secret.len() >= SHORTEST_SECRET)
                .collect(),
            body,
            framing: Framing::choose(random),
            odd: head.odd,
        }
    }

    fn remember(&self, worker: usize, request: Request, number: u64) {
        *self.sent[worker].lock().unwrap_or_else(PoisonError::into_inner) = Some((request, number));
    }

    fn judge(&self, worker: usize, answer: &Result<Answer, Trouble>, people: &mut People) {
        let sent = self.sent[worker].lock().unwrap_or_else(PoisonError::into_inner);
        let Some((request, number)) = &*sent else { return };
        let status = answer.as_ref().map_or(0, |answer| answer.status);
        *self
            .statuses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(status)
            .or_default() += 1;
        let operation = request.operation.map(|number| &self.document.operations[number]);
        for violation in judge::judge(request, operation, answer) {
            let place = (worker, *number);
            self.findings
                .add(&violation, request, place, &self.document, self.setup.address);
        }
        if status == 401 || (200..300).contains(&status) && request.method != "GET" {
            people.doubt(request.role);
        }
    }
}

/// Whether the process has died, or is just dying.
fn has_ended(server: &Server) -> bool {
    thread::sleep(PAUSE);
    matches!(server.ended(), Ok(Some(_)))
}

/// The passwords and codes in a body.
fn secrets_in(body: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(body);
    let starts = text.match_indices(SECRET).map(|(start, _)| &text[start..]);
    let secret = |rest: &str| {
        let end = rest.find(|symbol: char| !(symbol.is_ascii_alphanumeric() || symbol == '-'));
        rest[..end.unwrap_or(rest.len())].to_owned()
    };
    starts.map(secret).collect()
}
