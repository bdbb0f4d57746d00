//! A headless Chromium of a test's own: its windows, what they show, and what they pretend to be.

use std::{
    fmt,
    fs::{self, File, TryLockError},
    path::Path,
};

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::http::Method;

use crate::{
    driver::{self, Driver, Refusal, wait_for},
    element::Element,
};

/// How many may run at once, in all processes that use this build's folder.
const AT_ONCE: usize = 2;

/// The size of a window on a desk, and on a telephone.
pub(crate) const WIDE: [u32; 2] = [1240, 900];
pub(crate) const NARROW: [u32; 2] = [390, 844];

/// A colour scheme, as a person chooses it in their system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Light,
    Dark,
    /// Few colours, chosen by the person, in place of the page's.
    Forced,
}

pub(crate) struct Browser {
    session: String,
    _profile: TempDir,
    /// One of those that may run at once.
    _place: File,
}

impl Browser {
    pub(crate) fn open() -> Self {
        Self::start("en", &json!({}))
    }

    /// Those of two people. Two that are opened one after the other could wait for each other's test for ever.
    pub(crate) fn two() -> [Self; 2] {
        places().map(|place| Self::at(place, "en", &json!({})))
    }

    /// With this language preferred.
    pub(crate) fn speaking(language: &str) -> Self {
        Self::start(language, &json!({}))
    }

    /// One whose person lets no page run a script.
    pub(crate) fn without_scripts() -> Self {
        Self::start("en", &json!({ "javascript": 2 }))
    }

    /// One whose person lets no page keep a cookie.
    pub(crate) fn without_cookies() -> Self {
        Self::start("en", &json!({ "cookies": 2 }))
    }

    fn start(language: &str, forbidden: &Value) -> Self {
        Self::at(place(), language, forbidden)
    }

    /// What is forbidden is 2, as Chromium counts.
    fn at(place: File, language: &str, forbidden: &Value) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let [width, height] = WIDE;
        let arguments = [
            "--headless=new".to_owned(),
            // Whoever runs the tests as root has no sandbox to put it in.
            "--no-sandbox".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--no-first-run".to_owned(),
            "--hide-scrollbars".to_owned(),
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost".to_owned(),
            format!("--accept-lang={language}"),
            // As on a desk: the pages name the device of each session.
            "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 \
             Safari/537.36"
                .to_owned(),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        let session = Driver::shared().open(&json!({
            "browserName": "chrome",
            "unhandledPromptBehavior": "accept",
            "goog:chromeOptions": {
                "args": arguments,
                "prefs": {
                    "credentials_enable_service": false,
                    "profile.password_manager_enabled": false,
                    "profile.default_content_setting_values": forbidden,
                },
            },
            "goog:loggingPrefs": { "performance": "ALL", "browser": "ALL" },
        }));
        Self {
            session,
            _profile: profile,
            _place: place,
        }
    }

    pub(crate) fn go(&self, url: &str) -> &Self {
        self.post("url", &json!({ "url": url }));
        self
    }

    pub(crate) fn reload(&self) {
        self.post("refresh", &json!({}));
    }

    pub(crate) fn back(&self) {
        self.post("back", &json!({}));
    }

    pub(crate) fn url(&self) -> String {
        text(self.get("url"))
    }

    /// The address behind the host's.
    pub(crate) fn path(&self) -> String {
        let url = self.url();
        let (_, behind) = url.split_once("://").unwrap_or(("", &url));
        behind
            .find('/')
            .map_or_else(String::new, |start| behind[start..].to_owned())
    }

    pub(crate) fn title(&self) -> String {
        text(self.get("title"))
    }

    pub(crate) fn source(&self) -> String {
        text(self.get("source"))
    }

    /// Runs a function's body in the page.
    pub(crate) fn run(&self, script: &str, arguments: &[Value]) -> Value {
        self.post("execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// The same where the body ends by calling its last argument.
    pub(crate) fn run_async(&self, script: &str, arguments: &[Value]) -> Value {
        self.post("execute/async", &json!({ "script": script, "args": arguments }))
    }

    /// A command of Chromium's own protocol, for the current window.
    pub(crate) fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.post(
            "goog/cdp/execute",
            &json!({ "cmd": command, "params": parameters }),
        )
    }

    /// Pretends to a colour scheme in the current window.
    pub(crate) fn prefer(&self, scheme: Scheme) {
        let colours = if scheme == Scheme::Dark { "dark" } else { "light" };
        let forced = if scheme == Scheme::Forced {
            "active"
        } else {
            "none"
        };
        let features = json!([
            { "name": "prefers-color-scheme", "value": colours },
            { "name": "forced-colors", "value": forced },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.devtools("Emulation.setEmulatedMedia", &json!({ "features": features }));
    }

    /// Pretends to a screen of this size in the current window.
    pub(crate) fn resize(&self, [width, height]: [u32; 2]) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// The whole page as it is seen at this width, as PNG.
    pub(crate) fn picture(&self, [width, height]: [u32; 2]) -> Vec<u8> {
        self.resize([width, height]);
        let metrics = self.devtools("Page.getLayoutMetrics", &json!({}));
        let content = metrics["cssContentSize"]["height"].as_f64().unwrap_or_default();
        let whole = content.ceil().to_string().parse().unwrap_or(height);
        self.resize([width, whole.max(height)]);
        let picture = Base64::decode_vec(&text(self.get("screenshot"))).unwrap();
        self.resize([width, height]);
        picture
    }

    pub(crate) fn save_picture(&self, size: [u32; 2], file: &Path) {
        fs::write(file, self.picture(size)).unwrap();
    }

    /// The names and values of the cookies that the current page may have, hidden ones included.
    pub(crate) fn cookies(&self) -> Vec<Value> {
        serde_json::from_value(self.get("cookie")).unwrap()
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.cookies();
        let found = cookies.iter().find(|cookie| cookie["name"] == name)?;
        found["value"].as_str().map(str::to_owned)
    }

    pub(crate) fn forget_cookies(&self) {
        self.delete("cookie");
    }

    /// Opens one more window, which becomes the current one; returns the one before and the new one.
    pub(crate) fn open_window(&self) -> [String; 2] {
        let before = text(self.get("window"));
        let opened = self.post("window/new", &json!({ "type": "tab" }));
        let opened = text(opened["handle"].clone());
        self.switch_to(&opened);
        [before, opened]
    }

    /// Goes to a window, which is then the one in front.
    pub(crate) fn switch_to(&self, window: &str) {
        self.post("window", &json!({ "handle": window }));
        self.devtools("Page.bringToFront", &json!({}));
    }

    /// The element that has the focus.
    pub(crate) fn focused(&self) -> Option<Element<'_>> {
        let active = self.try_get("element/active").ok()?;
        Element::of(self, &active)
    }

    /// What a page is told when somebody comes back to it from another program.
    pub(crate) fn come_back(&self) {
        self.run("dispatchEvent(new Event('focus'))", &[]);
    }

    pub(crate) fn wait_for_path(&self, path: &str) {
        self.wait_until(&format!("the page {path}"), |browser| {
            let seen = browser.path();
            let rest = seen.strip_prefix(path);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '#']))
        });
    }

    pub(crate) fn wait_until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        self.wait(what, || condition(self).then_some(()));
    }

    /// Waits until there is something, and shows the page if it never comes.
    pub(crate) fn wait<T>(&self, what: impl fmt::Display, look: impl FnMut() -> Option<T>) -> T {
        wait_for(look).unwrap_or_else(|| {
            let said = self.run("return document.body.innerText", &[]);
            panic!("waited for {what} in vain; at {}: {said:#}", self.path())
        })
    }

    /// What pages and the browser itself wrote to its console since it was last asked.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let entries = self.log("browser");
        let entries = entries.iter().filter(|entry| entry["level"] != "INFO");
        entries
            .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// The entries of one of its logs since it was last asked.
    pub(crate) fn log(&self, kind: &str) -> Vec<Value> {
        serde_json::from_value(self.post("se/log", &json!({ "type": kind }))).unwrap()
    }

    pub(crate) fn try_get(&self, path: &str) -> Result<Value, Refusal> {
        Driver::shared().send(&Method::GET, &format!("{}/{path}", self.session), &Value::Null)
    }

    pub(crate) fn try_post(&self, path: &str, body: &Value) -> Result<Value, Refusal> {
        Driver::shared().send(&Method::POST, &format!("{}/{path}", self.session), body)
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        self.try_get(path)
            .unwrap_or_else(|refusal| panic!("{path}: {refusal}"))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        self.try_post(path, body)
            .unwrap_or_else(|refusal| panic!("{path}: {refusal}"))
    }

    fn delete(&self, path: &str) {
        let path = format!("{}/{path}", self.session);
        let _ = Driver::shared().send(&Method::DELETE, &path, &Value::Null);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = Driver::shared().send(&Method::DELETE, &self.session, &Value::Null);
    }
}

pub(crate) fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => panic!("{other} is no text"),
    }
}

/// Waits until fewer run than may; the place is free again when the file is closed.
fn place() -> File {
    loop {
        if let Some(place) = (0..AT_ONCE).find_map(free) {
            return place;
        }
        driver::pause();
    }
}

/// All places, the first of them first: whoever has one and waits for more is waited for by nobody who has another.
fn places() -> [File; AT_ONCE] {
    std::array::from_fn(|number| {
        loop {
            if let Some(place) = free(number) {
                return place;
            }
            driver::pause();
        }
    })
}

fn free(number: usize) -> Option<File> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(folder).unwrap();
    let file = File::create(folder.join(format!("browser-{number}.lock"))).unwrap();
    match file.try_lock() {
        Ok(()) => Some(file),
        Err(TryLockError::WouldBlock) => None,
        Err(TryLockError::Error(error)) => panic!("the browsers' locks: {error}"),
    }
}
