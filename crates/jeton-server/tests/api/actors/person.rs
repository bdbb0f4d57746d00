use std::sync::Mutex;

use axum::{
    body::{Body, to_bytes},
    extract::Request,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use jeton_server::http::address::Peer;
use tower::ServiceExt;

use super::{Server, browser::Jar};

/// Somebody who reads pages and sends their forms, in a browser without script.
pub(crate) struct Person {
    server: Server,
    origin: String,
    language: &'static str,
    /// The address that they call from over a network, if they do.
    peer: Option<Peer>,
    jar: Jar,
    /// The CSRF token of the page that was read last.
    csrf: Mutex<String>,
}

/// A page as it came, with everything checked that holds for every page.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
}

impl Person {
    pub(super) fn new(server: Server, origin: &str) -> Self {
        Self {
            server,
            origin: origin.to_owned(),
            language: "en",
            peer: None,
            jar: Jar::default(),
            csrf: Mutex::default(),
        }
    }

    /// The same person, in a browser that asks for another language.
    pub(crate) fn reading(self, language: &'static str) -> Self {
        Self { language, ..self }
    }

    /// The same person, who calls from this address.
    pub(crate) fn calling_from(self, address: &str) -> Self {
        let peer = Some(Peer(address.parse().unwrap()));
        Self { peer, ..self }
    }

    /// The same person, on a page of another origin.
    pub(crate) fn from(self, origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            ..self
        }
    }

    /// Signs in on the page for it, as anybody does whom [`Server::signed_up`] or [`Server::admin`] made.
    pub(crate) async fn sign_in(&self, username: &str) {
        let password = format!("{username}s own passphrase");
        let fields = [("username", username), ("password", &password)];
        let page = self.send("/signin", &fields).await;
        assert_eq!(page.status, 303, "{page:?}");
    }

    /// The CSRF token of the page that was read last.
    pub(crate) fn csrf(&self) -> String {
        self.csrf.lock().unwrap().clone()
    }

    /// The cookies that the browser sends.
    pub(crate) fn cookies(&self) -> String {
        self.jar.header().unwrap_or_default()
    }

    pub(crate) async fn open(&self, path: &str) -> Page {
        self.ask(Method::GET, path, None).await
    }

    /// Sends a form with these fields, and with the CSRF token of the page that was read last.
    pub(crate) async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let csrf = self.csrf.lock().unwrap().clone();
        let mut all = vec![("csrf_token", &*csrf)];
        all.extend_from_slice(fields);
        self.send_bare(path, &all).await
    }

    /// Sends a form with these fields alone.
    pub(crate) async fn send_bare(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        self.ask(Method::POST, path, Some(body.finish())).await
    }

    /// Sends a form that is done, and reads the page that it leads to.
    pub(crate) async fn send_through(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let answer = self.send(path, fields).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        self.open(answer.location()).await
    }

    async fn ask(&self, method: Method, path: &str, form: Option<String>) -> Page {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost:5000")
            .header(header::ACCEPT, "text/html")
            .header(header::ACCEPT_LANGUAGE, self.language)
            .header(header::ORIGIN, &self.origin)
            .header("sec-fetch-site", "same-origin");
        if let Some(cookies) = self.jar.header() {
            request = request.header(header::COOKIE, cookies);
        }
        if form.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if let Some(peer) = self.peer {
            request = request.extension(peer);
        }
        let request = request.body(Body::from(form.unwrap_or_default())).unwrap();
        self.server.keep_up().await;
        let (parts, body) = self.server.router().oneshot(request).await.unwrap().into_parts();
        let html = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().into()).unwrap();
        self.jar.keep(&parts.headers);
        let page = Page {
            status: parts.status,
            headers: parts.headers,
            html,
        };
        page.assert_what_always_holds();
        if let Some(token) = page.value_of("csrf_token") {
            token.clone_into(&mut self.csrf.lock().unwrap());
        }
        page
    }
}

impl Page {
    fn assert_what_always_holds(&self) {
        if self.status.is_redirection() {
            let own = self.location().starts_with('/') && !self.location().starts_with("//");
            // The answer to an application, which alone leads elsewhere.
            assert!(
                own || self.location().starts_with("https://app.example/"),
                "{self:?}"
            );
            return;
        }
        let policy = self.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe-"));
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        assert_eq!(self.header("cache-control"), "no-store");
        if self.status == 401 {
            self.header("www-authenticate");
        }
        if !self.header("content-type").starts_with("text/html") {
            return;
        }
        for wrong in [" style=\"", "<style", " onclick=", "://www.", "{{", "}}"] {
            assert!(!self.html.contains(wrong), "{wrong}: {self:?}");
        }
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(HeaderValue::to_str);
        value.unwrap_or_else(|| panic!("no {name}: {self:?}")).unwrap()
    }

    #[track_caller]
    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    #[track_caller]
    pub(crate) fn assert_status(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// Whether a text stands in the page.
    #[track_caller]
    pub(crate) fn assert_shows(&self, text: &str) -> &Self {
        assert!(self.html.contains(text), "{text} is not in {}", self.html);
        self
    }

    #[track_caller]
    pub(crate) fn assert_hides(&self, text: &str) -> &Self {
        assert!(!self.html.contains(text), "{text} is in {}", self.html);
        self
    }

    /// That a field says that it is wrong, and that nothing else does.
    #[track_caller]
    pub(crate) fn assert_wrong_at(&self, field: &str) -> &Self {
        self.assert_shows(&format!("<p class=\"error\" id=\"{field}-error\">"));
        let errors = self.html.matches("<p class=\"error\" id=").count();
        assert_eq!(errors, 1, "{}", self.html);
        self
    }

    /// The value of a field.
    pub(crate) fn value_of(&self, field: &str) -> Option<&str> {
        let (_, behind) = self.html.split_once(&format!("name=\"{field}\""))?;
        let (tag, _) = behind.split_once('>')?;
        let (_, value) = tag.split_once("value=\"")?;
        Some(value.split_once('"')?.0)
    }

    /// The text between two others, the first time they are there.
    #[track_caller]
    pub(crate) fn between(&self, before: &str, after: &str) -> &str {
        let found = self.html.split_once(before);
        let found = found.and_then(|(_, rest)| Some(rest.split_once(after)?.0));
        found.unwrap_or_else(|| panic!("nothing between {before} and {after}: {self:?}"))
    }
}
