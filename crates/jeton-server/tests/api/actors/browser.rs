use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use http::{HeaderMap, Method, header};
use jeton_axum::cookies::Cookie;
use serde_json::json;

use super::{Actor, Call, Reply, Server};

/// A browser on a page of the service: it keeps cookies and sends them with every request, says where the request
/// comes from, and the page's script repeats the CSRF cookie.
pub(crate) struct Browser {
    server: Server,
    origin: String,
    csrf_cookie: &'static str,
    jar: Jar,
}

/// The cookies a browser holds, by name.
#[derive(Clone, Default)]
pub(crate) struct Jar(Arc<Mutex<BTreeMap<String, String>>>);

impl Browser {
    pub(super) fn new(server: Server, settings: &jeton_server::http::Browser) -> Self {
        let csrf_cookie = settings
            .cookies
            .as_ref()
            .map_or("", |cookies| cookies.mode.name(Cookie::Csrf));
        Self {
            server,
            origin: settings.origin.clone(),
            csrf_cookie,
            jar: Jar::default(),
        }
    }

    pub(crate) async fn login(&self, username: &str, password: &str) -> Reply {
        let body = json!({ "username": username, "password": password, "cookies": true });
        self.post("/login", &body).await
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.jar.0.lock().unwrap().get(name).cloned()
    }

    pub(crate) fn forget(&self, name: &str) {
        self.jar.0.lock().unwrap().remove(name);
    }
}

impl Actor for Browser {
    fn call(&self, method: Method, path: &str) -> Call {
        let mut call = Call::new(self.server.clone(), method, path)
            .header("origin", &self.origin)
            .header("sec-fetch-site", "same-origin")
            .keeping_cookies(self.jar.clone());
        if let Some(cookies) = self.jar.header() {
            call = call.header("cookie", cookies);
        }
        if let Some(token) = self.cookie(self.csrf_cookie) {
            call = call.header("x-csrf-token", token);
        }
        call
    }
}

impl Jar {
    /// Takes the cookies of an answer, and drops those it says are over.
    pub(super) fn keep(&self, headers: &HeaderMap) {
        let mut jar = self.0.lock().unwrap();
        for line in headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if line.contains("; Max-Age=0;") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    pub(super) fn header(&self) -> Option<String> {
        let jar = self.0.lock().unwrap();
        let pairs: Vec<_> = jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}
