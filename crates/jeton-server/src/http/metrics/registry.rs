use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::{Method, StatusCode};

use crate::http::error::ApiError;

/// Upper ends in microseconds: from a token checked in memory to a password hashed behind a queue.
const BUCKETS: [u64; 12] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000,
];

/// Counts since the process began.
#[derive(Debug, Default)]
pub struct Metrics {
    sign_ins: Outcomes,
    refreshes: Outcomes,
    /// By route, then by method and status: none of them is the client's to choose.
    requests: RwLock<HashMap<String, Answers>>,
}

type Answers = HashMap<(&'static str, u16), Histogram>;

/// How often each came about, by the code of the error.
#[derive(Debug, Default)]
struct Outcomes(RwLock<BTreeMap<String, u64>>);

#[derive(Debug, Default)]
struct Histogram {
    /// One more than there are ends: the last is for what took longer.
    buckets: [AtomicU64; BUCKETS.len() + 1],
    micros: AtomicU64,
}

impl Metrics {
    pub(in crate::http) fn signed_in<T>(&self, outcome: Result<T, &ApiError>) {
        self.sign_ins.count(outcome.err());
    }

    pub(in crate::http) fn refreshed<T>(&self, outcome: Result<T, &ApiError>) {
        self.refreshes.count(outcome.err());
    }

    /// How attempts to sign in came out, by the code of the error; a success is `succeeded`.
    pub(crate) fn sign_ins(&self) -> BTreeMap<String, u64> {
        self.sign_ins.counts()
    }

    /// How refreshes came out, the same.
    pub(crate) fn refreshes(&self) -> BTreeMap<String, u64> {
        self.refreshes.counts()
    }

    pub(in crate::http) fn answered(&self, route: &str, method: &Method, status: StatusCode, took: Duration) {
        let key = (label(method), status.as_u16());
        {
            let requests = self.requests.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(histogram) = requests.get(route).and_then(|route| route.get(&key)) {
                return histogram.add(took);
            }
        }
        let mut requests = self.requests.write().unwrap_or_else(PoisonError::into_inner);
        let route = requests.entry(route.to_owned()).or_default();
        route.entry(key).or_default().add(took);
    }

    /// Writes all of it in the text format of Prometheus.
    pub(super) fn write(&self, text: &mut String) {
        self.sign_ins
            .write(text, "sign_ins_total", "Attempts to sign in.");
        self.refreshes
            .write(text, "refreshes_total", "Refresh tokens presented.");
        let name = "http_request_duration_seconds";
        let _ = writeln!(
            text,
            "# HELP {name} How long requests took.\n# TYPE {name} histogram"
        );
        let requests = self.requests.read().unwrap_or_else(PoisonError::into_inner);
        let mut routes: Vec<_> = requests.iter().collect();
        routes.sort_by_key(|(route, _)| *route);
        for (route, answers) in routes {
            let mut answers: Vec<_> = answers.iter().collect();
            answers.sort_by_key(|(key, _)| *key);
            for ((method, status), histogram) in answers {
                let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
                histogram.write(text, name, &labels);
            }
        }
    }
}

impl Outcomes {
    fn count(&self, error: Option<&ApiError>) {
        let outcome = error.map_or_else(|| "succeeded".to_owned(), |error| error.code.to_string());
        let mut counts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(outcome).or_default() += 1;
    }

    fn counts(&self) -> BTreeMap<String, u64> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn write(&self, text: &mut String, name: &str, help: &str) {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter");
        for (outcome, count) in &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            let _ = writeln!(text, "{name}{{outcome=\"{outcome}\"}} {count}");
        }
    }
}

impl Histogram {
    fn add(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.partition_point(|end| *end < micros);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    fn write(&self, text: &mut String, name: &str, labels: &str) {
        let mut count = 0;
        let ends = BUCKETS.iter().map(|end| seconds(*end)).chain(["+Inf".to_owned()]);
        for (bucket, end) in self.buckets.iter().zip(ends) {
            count += bucket.load(Ordering::Relaxed);
            let _ = writeln!(text, "{name}_bucket{{{labels},le=\"{end}\"}} {count}");
        }
        let sum = seconds(self.micros.load(Ordering::Relaxed));
        let _ = writeln!(
            text,
            "{name}_sum{{{labels}}} {sum}\n{name}_count{{{labels}}} {count}"
        );
    }
}

fn seconds(micros: u64) -> String {
    Duration::from_micros(micros).as_secs_f64().to_string()
}

/// Methods that a client makes up are one.
fn label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
