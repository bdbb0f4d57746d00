//! Headers: who asks, and what else a client or a proxy may write there.

use super::{
    hostile,
    people::{People, Role},
};
use crate::{claims::encoded, random::Random};

pub type Header = (String, Vec<u8>);

/// Headers, the secrets that are in them, and whether they are such as any server may refuse.
#[derive(Default)]
pub struct Head {
    pub headers: Vec<Header>,
    pub secrets: Vec<String>,
    pub odd: bool,
}

impl Head {
    fn add(&mut self, name: &str, value: impl AsRef<[u8]>) {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
    }

    /// Proves who asks, in one of the ways there are; sometimes badly.
    pub fn credentials(&mut self, random: &mut Random, people: &People, role: Role) {
        let Some(person) = people.of(role) else {
            if random.one_in(4) {
                self.bad_token(random, &people.user.access);
            }
            return;
        };
        match random.within(0..12) {
            0 => self.add("authorization", &person.access),
            1 => self.bad_token(random, &person.access),
            2 | 3 if !person.cookies.is_empty() => {
                self.add("cookie", &person.cookies);
                if !random.one_in(4) {
                    self.add("x-csrf-token", &person.csrf);
                }
                let tokens = person
                    .cookies
                    .split("; ")
                    .filter_map(|cookie| cookie.split_once('='));
                let tokens = tokens.filter(|(_, value)| value.starts_with("eyJ"));
                self.secrets.extend(tokens.map(|(_, value)| value.to_owned()));
            }
            4 if !person.refresh.is_empty() => {
                self.add("authorization", format!("Bearer {}", person.refresh));
                self.secrets.push(person.refresh.clone());
            }
            _ => {
                self.add("authorization", format!("Bearer {}", person.access));
                self.secrets.push(person.access.clone());
            }
        }
    }

    fn bad_token(&mut self, random: &mut Random, token: &str) {
        let odd_token = odd_token(random, token);
        let value = match random.within(0..10) {
            0 => "Bearer".to_owned(),
            1 => "Bearer ".to_owned(),
            2 => format!("bearer  {token}"),
            3 => format!("Basic {}", encoded(token.as_bytes())),
            4 => "Basic !!!".to_owned(),
            5 => format!("Bearer {token} {token}"),
            6 => format!("Digest username=\"{}\"", random.letters(5)),
            _ => format!("Bearer {odd_token}"),
        };
        self.add("authorization", value);
        if random.one_in(5) {
            self.add("authorization", format!("Bearer {token}"));
        }
        if odd_token.len() > 40 {
            self.secrets.push(odd_token);
        }
        self.odd = true;
    }

    /// What else may stand there.
    pub fn decorate(&mut self, random: &mut Random) {
        for _ in 0..random.weighted(&[(6, 0), (3, 1), (1, 3)]) {
            let (name, value, odd) = decoration(random);
            self.odd |= odd;
            self.headers.push((name.to_owned(), value));
        }
    }

    pub fn content_type(&mut self, random: &mut Random, usual: &str) {
        let odd: [&[u8]; 10] = [
            b"",
            b"text/plain",
            b"application/json; charset=utf-16",
            b"APPLICATION/JSON",
            b"application/json;",
            b"multipart/form-data; boundary=a",
            b"application/x-www-form-urlencoded",
            b"application/jsonp",
            b"\xff\xfe",
            b"application/json, text/html",
        ];
        match random.within(0..16) {
            0 => {}
            1 | 2 => self.add("content-type", random.pick(&odd)),
            3 => {
                self.add("content-type", usual);
                self.add("content-type", random.pick(&odd));
            }
            _ => self.add("content-type", usual),
        }
    }
}

/// A header, its value, and whether any server may refuse it.
fn decoration(random: &mut Random) -> (&'static str, Vec<u8>, bool) {
    let letters = random.letters(6);
    match random.within(0..17) {
        0 => ("cookie", odd_cookie(random), true),
        1 => (
            "x-request-id",
            random
                .pick(&["a", "", "a b", "<script>", "..", &letters])
                .as_bytes()
                .to_vec(),
            false,
        ),
        2 => (
            "x-forwarded-for",
            random
                .pick(&["1.2.3.4", "::1, 1.2.3.4", ",,,", "unknown", "\"a,b\""])
                .as_bytes()
                .to_vec(),
            false,
        ),
        3 => (
            "forwarded",
            random
                .pick(&["for=1.2.3.4", "for=\"[::1]:80\"", ";;;", "for="])
                .as_bytes()
                .to_vec(),
            false,
        ),
        4 => (
            "origin",
            random
                .pick(&["https://evil.example", "null", "http://localhost", "", "a"])
                .as_bytes()
                .to_vec(),
            true,
        ),
        5 => ("sec-fetch-site", b"cross-site".to_vec(), true),
        6 => (
            "jeton-device",
            random.pick(&["", "a", "eyJ", &letters]).as_bytes().to_vec(),
            false,
        ),
        7 => (
            "user-agent",
            random.bytes(20).into_iter().map(|byte| byte | 0x80).collect(),
            true,
        ),
        8 => ("content-encoding", b"gzip".to_vec(), false),
        9 => (
            "connection",
            random
                .pick(&["close", "upgrade", "keep-alive, te", ","])
                .as_bytes()
                .to_vec(),
            false,
        ),
        10 => ("upgrade", b"h2c".to_vec(), false),
        11 => ("te", b"trailers".to_vec(), false),
        12 => (
            "accept",
            random
                .pick(&["text/html", "*/*;q=0", "image/png"])
                .as_bytes()
                .to_vec(),
            false,
        ),
        13 => ("if-none-match", b"*".to_vec(), false),
        14 => ("range", b"bytes=0-1".to_vec(), false),
        15 => ("a", vec![b'a'; *random.pick(&[1000, 20_000, 500_000])], true),
        _ => ("x-http-method-override", b"DELETE".to_vec(), false),
    }
}

fn odd_cookie(random: &mut Random) -> Vec<u8> {
    match random.within(0..6) {
        0 => b"jeton_access=; jeton_refresh=".to_vec(),
        1 => b"jeton_access=a; jeton_access=b".to_vec(),
        2 => b"=;;;=a;b".to_vec(),
        3 => b"\"jeton_access\"=\"a\"".to_vec(),
        4 => [
            b"jeton_refresh=".to_vec(),
            random.bytes(30).into_iter().map(|byte| byte | 0x80).collect(),
        ]
        .concat(),
        _ => "jeton_access=x; ".repeat(200).into_bytes(),
    }
}

/// A token that is nearly one, or whose parts are hostile.
fn odd_token(random: &mut Random, token: &str) -> String {
    let parts: Vec<_> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return random.letters(40);
    };
    let hostile = |random: &mut Random| {
        let mut text = String::from(r#"{"alg":"ES256","typ":"at+jwt","x":"#);
        hostile::value(random).write(&mut text);
        text.push('}');
        encoded(&text.into_bytes())
    };
    match random.within(0..11) {
        0 => format!("{header}.{claims}."),
        1 => format!("{header}.{claims}"),
        2 => format!("{}.{claims}.{signature}", encoded(br#"{"alg":"none"}"#)),
        3 => format!(
            "{}.{claims}.{signature}",
            encoded(br#"{"alg":"HS256","typ":"at+jwt","kid":"../../x"}"#)
        ),
        4 | 5 => format!("{}.{claims}.{signature}", hostile(random)),
        6 => format!("{header}.{}.{signature}", hostile(random)),
        7 => format!("{header}.{claims}.{}", encoded(&random.bytes(64))),
        8 => format!("{token}="),
        9 => ".".repeat(random.within(0..5000)),
        _ => token.replacen(char::is_alphanumeric, "%", 1),
    }
}
