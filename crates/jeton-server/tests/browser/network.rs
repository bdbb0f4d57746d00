//! The requests a browser made, by its own account of them.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{browser::Browser, driver};

const LONGEST_ANSWER: Duration = Duration::from_secs(3);

#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) url: String,
    pub(crate) method: String,
    /// None while there is no answer.
    pub(crate) status: Option<u64>,
    /// The answer's headers, their names in small letters.
    pub(crate) headers: BTreeMap<String, String>,
    /// The bytes of its answer as they were sent, headers included.
    pub(crate) bytes: f64,
    pub(crate) has_ended: bool,
}

impl Request {
    /// Whether it ends with its page.
    pub(crate) fn is_stream(&self) -> bool {
        self.header("content-type").starts_with("text/event-stream")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Whether another machine or port than `base` is asked; what the browser has in itself asks nobody.
    pub(crate) fn is_foreign(&self, base: &str) -> bool {
        let is_inside = ["data:", "blob:", "about:", "chrome:"]
            .iter()
            .any(|scheme| self.url.starts_with(scheme));
        !is_inside
            && !self
                .url
                .strip_prefix(base)
                .is_some_and(|path| path.starts_with('/'))
    }
}

impl Browser {
    /// The requests of all windows since it was last asked, once each has its answer. One that the browser gave up for
    /// the next page never has: it is not waited for longer than for the others' answers to come.
    pub(crate) fn requests(&self) -> Vec<Request> {
        let began = Instant::now();
        let mut events = Vec::new();
        loop {
            events.extend(self.log("performance"));
            let requests = read(&events);
            let is_done = requests
                .iter()
                .all(|request| request.has_ended || request.is_stream());
            if is_done || began.elapsed() > LONGEST_ANSWER {
                return requests;
            }
            driver::pause();
        }
    }
}

fn read(entries: &[Value]) -> Vec<Request> {
    let mut requests = Vec::new();
    // A redirect is one more request under the same id: the last is the one that goes on.
    let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
    for entry in entries {
        let message: Value = serde_json::from_str(entry["message"].as_str().unwrap_or_default()).unwrap();
        let message = &message["message"];
        let parameters = &message["params"];
        let id = parameters["requestId"].as_str().unwrap_or_default();
        match message["method"].as_str().unwrap_or_default() {
            "Network.requestWillBeSent" => {
                if let Some(before) = by_id.get(id) {
                    let answer = &parameters["redirectResponse"];
                    answered(&mut requests[*before], answer);
                    requests[*before].bytes = answer["encodedDataLength"].as_f64().unwrap_or_default();
                    requests[*before].has_ended = true;
                }
                by_id.insert(id.to_owned(), requests.len());
                requests.push(Request {
                    url: parameters["request"]["url"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned(),
                    method: parameters["request"]["method"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned(),
                    ..Request::default()
                });
            }
            "Network.responseReceived" => {
                if let Some(request) = by_id.get(id).map(|index| &mut requests[*index]) {
                    answered(request, &parameters["response"]);
                }
            }
            kind @ ("Network.loadingFinished" | "Network.loadingFailed") => {
                if let Some(request) = by_id.get(id).map(|index| &mut requests[*index]) {
                    request.has_ended = true;
                    if kind == "Network.loadingFinished" {
                        request.bytes = parameters["encodedDataLength"].as_f64().unwrap_or_default();
                    }
                }
            }
            _ => {}
        }
    }
    requests
}

fn answered(request: &mut Request, answer: &Value) {
    request.status = answer["status"].as_u64();
    let headers = answer["headers"].as_object().into_iter().flatten();
    request.headers = headers
        .map(|(name, value)| (name.to_lowercase(), value.as_str().unwrap_or_default().to_owned()))
        .collect();
}
