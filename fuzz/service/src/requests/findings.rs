//! Violations, each kind told once, with what sends it again.

use std::{
    collections::BTreeMap,
    fs, io,
    net::SocketAddr,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use super::{document::Document, judge::Violation, request::Request};

pub struct Findings {
    folder: PathBuf,
    seed: u64,
    kinds: Mutex<BTreeMap<String, usize>>,
}

impl Findings {
    pub fn new(seed: u64) -> Self {
        let folder = crate::artifacts().join("requests");
        Self {
            folder,
            seed,
            kinds: Mutex::default(),
        }
    }

    /// Tells of a violation, unless one of its kind was told before.
    pub fn add(
        &self,
        violation: &Violation,
        request: &Request,
        place: (usize, u64),
        document: &Document,
        address: SocketAddr,
    ) {
        let operation = request.operation.map(|number| &document.operations[number]);
        let route = operation.map_or("(no route)", |operation| operation.path.as_str());
        // What is wrong with a head is wrong at every route.
        let subject = if request.odd || request.framing.is_odd() {
            "an odd head".to_owned()
        } else {
            format!("{} {route}", request.method)
        };
        let is_first = self.count(format!(
            "{}: {subject}: {}",
            violation.rule,
            first_words(&violation.detail)
        ));
        if !is_first {
            return;
        }
        println!("\nVIOLATION: {}\n  {}", violation.rule, violation.detail);
        println!(
            "  seed {}, worker {}, request {}: {} {route}, {:?}, {:?}",
            self.seed, place.0, place.1, request.method, request.role, request.framing
        );
        match self.keep(request, place) {
            Ok((whole, body)) => {
                println!(
                    "  the request as it was sent: nc {} {} <{}",
                    address.ip(),
                    address.port(),
                    whole.display()
                );
                println!("  {}", request.curl(address, &body.to_string_lossy()));
            }
            Err(error) => println!("  the request could not be written down: {error}"),
        }
    }

    /// Tells of something that is not about one request.
    pub fn note(&self, rule: &str, detail: &str) {
        if self.count(rule.to_owned()) {
            println!("\nVIOLATION: {rule}\n  {detail}\n  seed {}", self.seed);
        }
    }

    fn count(&self, kind: String) -> bool {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let times = kinds.entry(kind).or_default();
        *times += 1;
        *times == 1
    }

    fn keep(&self, request: &Request, (worker, number): (usize, u64)) -> io::Result<(PathBuf, PathBuf)> {
        fs::create_dir_all(&self.folder)?;
        let name = format!("{}-{worker}-{number}", self.seed);
        let whole = self.folder.join(format!("{name}.request"));
        let body = self.folder.join(format!("{name}.body"));
        fs::write(&whole, request.bytes())?;
        fs::write(&body, &request.body)?;
        Ok((whole, body))
    }

    /// Prints what was found how often; whether it was nothing.
    pub fn summary(&self) -> bool {
        let kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        if !kinds.is_empty() {
            println!("\nfound:");
        }
        for (kind, times) in kinds.iter() {
            println!("{times:>7} × {kind}");
        }
        kinds.is_empty()
    }
}

/// Enough of a detail to tell kinds apart.
fn first_words(detail: &str) -> &str {
    detail
        .char_indices()
        .nth(36)
        .map_or(detail, |(end, _)| &detail[..end])
}
