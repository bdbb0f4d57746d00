use std::time::Duration;

use http::{HeaderMap, HeaderValue, header::COOKIE};
use jeton_axum::cookies::{Cookie, CookieError, CookieMode, read};

const DAY: Duration = Duration::from_hours(24);

fn set(mode: CookieMode, cookie: Cookie) -> String {
    mode.set(cookie, "a.b-c_d", DAY)
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned()
}

fn sent(values: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(COOKIE, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    headers
}

#[test]
fn over_https_cookies_belong_to_this_host_and_tokens_to_no_script() {
    let attributes = "Path=/; Max-Age=86400; SameSite=Lax; Secure";
    let mode = CookieMode::Host;
    assert_eq!(
        set(mode, Cookie::Access),
        format!("__Host-jeton_access=a.b-c_d; {attributes}; HttpOnly")
    );
    assert_eq!(
        set(mode, Cookie::Refresh),
        format!("__Host-jeton_refresh=a.b-c_d; {attributes}; HttpOnly")
    );
    assert_eq!(
        set(mode, Cookie::Csrf),
        format!("__Host-jeton_csrf=a.b-c_d; {attributes}")
    );
}

#[test]
fn on_the_loopback_cookies_have_plain_names_and_no_secure() {
    let attributes = "Path=/; Max-Age=86400; SameSite=Lax";
    let mode = CookieMode::Loopback;
    assert_eq!(
        set(mode, Cookie::Access),
        format!("jeton_access=a.b-c_d; {attributes}; HttpOnly")
    );
    assert_eq!(
        set(mode, Cookie::Refresh),
        format!("jeton_refresh=a.b-c_d; {attributes}; HttpOnly")
    );
    assert_eq!(
        set(mode, Cookie::Csrf),
        format!("jeton_csrf=a.b-c_d; {attributes}")
    );
}

#[test]
fn clearing_names_each_cookie_with_the_attributes_it_was_set_with() {
    for mode in [CookieMode::Host, CookieMode::Loopback] {
        let cleared: Vec<_> = mode
            .clear()
            .map(|value| value.to_str().unwrap().to_owned())
            .collect();
        let expected = Cookie::ALL.map(|cookie| {
            set(mode, cookie)
                .replace("=a.b-c_d;", "=;")
                .replace("Max-Age=86400", "Max-Age=0")
        });
        assert_eq!(cleared, expected);
    }
}

#[test]
fn a_value_that_would_add_attributes_or_headers_is_refused() {
    for value in [
        "a; Domain=evil",
        "a,b",
        "a b",
        "a\"b",
        "a\\b",
        "a\r\nX: y",
        "\u{e9}",
        "a\u{7f}",
    ] {
        let refused = CookieMode::Host.set(Cookie::Access, value, DAY);
        assert_eq!(refused.unwrap_err(), CookieError::InvalidValue, "{value:?}");
    }
}

#[test]
fn a_cookie_that_browsers_would_drop_is_refused() {
    let room = 4096 - CookieMode::Host.name(Cookie::Access).len();
    assert!(
        CookieMode::Host
            .set(Cookie::Access, &"a".repeat(room), DAY)
            .is_ok()
    );
    let refused = CookieMode::Host.set(Cookie::Access, &"a".repeat(room + 1), DAY);
    assert_eq!(refused.unwrap_err(), CookieError::TooLong);
}

#[test]
fn the_value_of_a_written_cookie_stays_out_of_debug() {
    let header = CookieMode::Host.set(Cookie::Access, "a.b.c", DAY).unwrap();
    assert_eq!(format!("{header:?}"), "Sensitive");
}

#[test]
fn each_mode_reads_its_own_names_only() {
    let headers = sent(&["jeton_access=plain; __Host-jeton_access=prefixed"]);
    assert_eq!(
        CookieMode::Host.read(&headers, Cookie::Access),
        Ok(Some("prefixed"))
    );
    assert_eq!(
        CookieMode::Loopback.read(&headers, Cookie::Access),
        Ok(Some("plain"))
    );
    assert_eq!(CookieMode::Host.read(&headers, Cookie::Refresh), Ok(None));
}

#[test]
fn names_are_compared_exactly() {
    let headers = sent(&["__HOST-jeton_access=a; x__Host-jeton_access=b; __Host-jeton_access2=c"]);
    assert_eq!(CookieMode::Host.read(&headers, Cookie::Access), Ok(None));
}

#[test]
fn cookies_are_found_across_several_headers_and_odd_neighbours() {
    let headers = sent(&["a=1;b=2; ;=;=x; lonely", "c=k\u{f6}nig;  token=t.o.k=en  ; d"]);
    assert_eq!(read(&headers, "token"), Ok(Some("t.o.k=en")));
    assert_eq!(read(&headers, "b"), Ok(Some("2")));
    assert_eq!(read(&headers, "lonely"), Ok(Some("")));
    assert_eq!(read(&headers, "absent"), Ok(None));
}

#[test]
fn a_duplicate_is_refused_in_one_header_or_two() {
    assert_eq!(read(&sent(&["t=1; t=1"]), "t"), Err(CookieError::Duplicate));
    assert_eq!(read(&sent(&["t=1", "u=2; t="]), "t"), Err(CookieError::Duplicate));
}

#[test]
fn a_value_that_no_cookie_may_have_is_refused() {
    for value in ["t=a b", "t=\"quoted\"", "t=k\u{f6}nig", "t=a,b", "t=a\\b"] {
        assert_eq!(
            read(&sent(&[value]), "t"),
            Err(CookieError::InvalidValue),
            "{value}"
        );
    }
}
