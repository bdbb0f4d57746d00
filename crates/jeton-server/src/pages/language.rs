//! The language a page is in: what its reader chose, else what their browser asks for, else English.

use std::time::Duration;

use axum::{extract::State, response::Response};
use http::{HeaderMap, HeaderValue, header};

use super::{
    answer,
    fields::Fields,
    own_path::OwnPath,
    texts::{ENGLISH, GERMAN, Texts},
};
use crate::{
    http::{ApiError, App},
    model::locale::Locale,
};

/// The cookie that keeps a choice. It names a language and nobody.
const COOKIE: &str = "jeton_language";

/// Languages as pages use them.
impl Locale {
    /// The name it has in itself.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    pub(super) fn texts(self) -> &'static Texts {
        match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
        }
    }

    /// A count with its thousands apart.
    pub(super) fn number(self, count: u64) -> String {
        let apart = match self {
            Self::English => ',',
            Self::German => '.',
        };
        let digits = count.to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(apart);
            }
            text.push(digit);
        }
        text
    }

    /// A span in seconds and their tenths.
    pub(super) fn tenths(self, span: Duration) -> String {
        let text = format!("{:.1}", span.as_secs_f64());
        match self {
            Self::English => text,
            Self::German => text.replace('.', ","),
        }
    }

    /// The language of a request whose reader has not chosen one for their account.
    pub(super) fn wanted(headers: &HeaderMap) -> Self {
        chosen(headers)
            .or_else(|| accepted(headers))
            .unwrap_or(Self::English)
    }
}

/// The language of a tag, whatever its region (RFC 4647 §3.4).
fn of(tag: &str) -> Option<Locale> {
    let primary = tag.split('-').next().unwrap_or_default();
    primary.to_ascii_lowercase().parse().ok()
}

fn chosen(headers: &HeaderMap) -> Option<Locale> {
    let cookies = headers.get_all(header::COOKIE).into_iter();
    let mut pairs = cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'));
    pairs.find_map(|pair| of(pair.trim().strip_prefix(COOKIE)?.strip_prefix('=')?))
}

/// The first of the languages with the highest weight that there is (RFC 9110 §12.5.4).
fn accepted(headers: &HeaderMap) -> Option<Locale> {
    let text = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(Locale, f32)> = None;
    for range in text.split(',') {
        let mut parts = range.split(';');
        let language = of(parts.next().unwrap_or_default().trim());
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.parse().ok());
        let weight = weight.unwrap_or(1.0);
        if let Some(language) = language
            && weight > best.map_or(0.0, |(_, weight)| weight)
        {
            best = Some((language, weight));
        }
    }
    best.map(|(language, _)| language)
}

/// Keeps a choice in the browser, and goes back to the page it was made on.
pub(super) async fn choose(State(app): State<App>, fields: Fields) -> Result<Response, ApiError> {
    let back = OwnPath::parse(fields.get("return_to"));
    let response = answer::go_to(back.as_ref().map_or("/", OwnPath::as_str));
    let language = of(fields.get("language")).map(|language| kept(&app, Some(language)));
    Ok(answer::with_cookies(response, language.transpose()?))
}

/// The cookie by which a browser keeps a language, that of an account too: pages that do not know who reads them, as
/// those about failures, speak it then. Without a language it is forgotten.
pub(super) fn kept(app: &App, language: Option<Locale>) -> Result<HeaderValue, ApiError> {
    let secure = if app.browser.is_https() { "; Secure" } else { "" };
    let (tag, age) = language.map_or(("", 0), |language| (language.tag(), 31_536_000));
    let cookie = format!("{COOKIE}={tag}; Path=/; Max-Age={age}; SameSite=Lax; HttpOnly{secure}");
    HeaderValue::try_from(cookie).map_err(|_| ApiError::internal())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(name: &'static str, value: &'static str) -> Locale {
        let name = http::HeaderName::from_static(name);
        Locale::wanted(&HeaderMap::from_iter([(name, HeaderValue::from_static(value))]))
    }

    #[test]
    fn the_heaviest_language_there_is_wins() {
        for (accepted, language) in [
            ("de", Locale::German),
            ("de-AT,de;q=0.9,en;q=0.8", Locale::German),
            ("fr, en;q=0.4, de;q=0.6", Locale::German),
            ("fr", Locale::English),
            ("de;q=0", Locale::English),
            ("", Locale::English),
            ("en-GB, de", Locale::English),
        ] {
            assert_eq!(wanted("accept-language", accepted), language, "{accepted}");
        }
    }

    #[test]
    fn numbers_stand_as_each_language_writes_them() {
        for (count, english, german) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1284, "1,284", "1.284"),
            (18_902_000, "18,902,000", "18.902.000"),
        ] {
            assert_eq!(Locale::English.number(count), english);
            assert_eq!(Locale::German.number(count), german);
        }
        let span = Duration::from_millis(340);
        assert_eq!(Locale::English.tenths(span), "0.3");
        assert_eq!(Locale::German.tenths(span), "0,3");
    }

    #[test]
    fn a_choice_goes_before_what_the_browser_asks_for() {
        assert_eq!(wanted("cookie", "a=b; jeton_language=de"), Locale::German);
        assert_eq!(wanted("cookie", "jeton_language=xx"), Locale::English);
    }
}
