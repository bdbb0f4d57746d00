//! Devices, as sessions name them to their owners.

/// The start of a client's `User-Agent`, kept as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device(String);

impl Device {
    /// The most characters that are kept: enough for what phones send.
    const MAX_CHARS: usize = 200;

    /// Keeps the printable start of a `User-Agent`.
    #[must_use]
    pub fn from_user_agent(user_agent: Option<&str>) -> Self {
        let printable = user_agent.unwrap_or_default().chars().filter(|c| !c.is_control());
        let text: String = printable.take(Self::MAX_CHARS).collect();
        if text.trim().is_empty() {
            Self("unknown device".to_owned())
        } else {
            Self(text)
        }
    }

    /// Takes the text as the database has it.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name its owner recognises: "Firefox on Linux", "curl 8.5". A client that is no browser keeps its own name.
    #[must_use]
    pub fn name(&self) -> String {
        if !self.0.starts_with("Mozilla/") {
            return program(&self.0);
        }
        let browser = first_in(&self.0, &BROWSERS).unwrap_or("Unknown browser");
        match first_in(&self.0, &SYSTEMS) {
            Some(system) => format!("{browser} on {system}"),
            None => browser.to_owned(),
        }
    }
}

type Marks = [(&'static str, &'static str)];

/// Marks of browsers, the youngest first: a browser names those it descends from too.
const BROWSERS: [(&str, &str); 12] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Headless Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
    ("MSIE ", "Internet Explorer"),
];

/// Marks of systems, in this order: Android calls itself Linux too, and iPhones like Mac OS X.
const SYSTEMS: [(&str, &str); 9] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("FreeBSD", "FreeBSD"),
    ("OpenBSD", "OpenBSD"),
    ("Linux", "Linux"),
];

fn first_in(text: &str, marks: &Marks) -> Option<&'static str> {
    let found = marks.iter().find(|(mark, _)| text.contains(mark));
    found.map(|(_, name)| *name)
}

/// `curl/8.5.0` is "curl 8.5"; a text that is no product (RFC 9110 §10.1.5) stays as it is, if it is short.
fn program(text: &str) -> String {
    const MAX_CHARS: usize = 40;
    let product = text.split_whitespace().next().unwrap_or_default();
    let name = match product.split_once('/') {
        Some((name, version)) if !name.is_empty() => {
            let version: Vec<_> = version.split('.').take(2).collect();
            format!("{name} {}", version.join("."))
        }
        _ => text.trim().to_owned(),
    };
    name.chars()
        .take(MAX_CHARS)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(user_agent: &str) -> String {
        Device::from_user_agent(Some(user_agent)).name()
    }

    #[test]
    fn browsers_are_named_with_the_system_they_run_on() {
        for (user_agent, expected) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0",
                "Firefox on Windows",
            ),
            (
                "Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0",
                "Firefox on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/131.0 Mobile/15E148 Safari/605.1.15",
                "Firefox on iPhone",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
                "Safari on iPad",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
                "Chrome on macOS",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
                "Chrome on ChromeOS",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36 OPR/111.0.0.0",
                "Opera on Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
                "Samsung Internet on Android",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) Something/1.0",
                "Unknown browser on Linux",
            ),
            ("Mozilla/5.0", "Unknown browser"),
        ] {
            assert_eq!(name(user_agent), expected, "{user_agent}");
        }
    }

    #[test]
    fn programs_are_called_what_they_call_themselves() {
        for (user_agent, expected) in [
            ("curl/8.5.0", "curl 8.5"),
            ("python-requests/2.32.3", "python-requests 2.32"),
            ("PostmanRuntime/7.39.0", "PostmanRuntime 7.39"),
            ("Go-http-client/2.0", "Go-http-client 2.0"),
            ("okhttp/4.12.0", "okhttp 4.12"),
            ("MyApp/3 (iPhone15,2; iOS 17.4)", "MyApp 3"),
            ("Chromium 140 on Debian", "Chromium 140 on Debian"),
            ("/8.5", "/8.5"),
            ("", "unknown device"),
        ] {
            assert_eq!(name(user_agent), expected, "{user_agent}");
        }
        assert_eq!(name(&"x".repeat(300)).len(), 40);
    }

    #[test]
    fn what_is_kept_is_short_and_printable() {
        let device = Device::from_user_agent(Some(&"a\u{7}b".repeat(200)));
        assert_eq!(device.as_str().chars().count(), Device::MAX_CHARS);
        assert!(!device.as_str().contains('\u{7}'));
        assert_eq!(Device::from_user_agent(None).as_str(), "unknown device");
    }
}
