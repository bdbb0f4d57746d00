use proptest::prelude::*;

use super::token_in;

/// HS256, with a signature of the right length.
const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTlhIiwiZXhwIjoxNzk1Mjk1MjQ2fQ.\
                     qk3Jc0b9sPfRr2mE7tq0m8a1wQe2o5yTt9Xn4dLhUuA";
const OTHER: &str = "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[track_caller]
fn assert_found(text: &str) {
    assert_eq!(token_in(text).as_deref(), Some(TOKEN), "{text:?}");
}

#[test]
fn a_token_is_found_however_it_was_pasted() {
    assert_found(TOKEN);
    for around in [
        "  {T}\n",
        "Bearer {T}",
        "bearer  {T}",
        "\"{T}\"",
        "'{T}',",
        "Authorization: Bearer {T}",
        "curl -H 'Authorization: Bearer {T}' https://api.example.org/v1.2.3/me",
        "curl -i \\\n  -H \"authorization: Bearer {T}\" \\\n  http://localhost:5000/profile",
        "https://app.example.org/cb?token={T}&state=1",
        "https://app.example.org/cb#access_token={T}",
        "https://app.example.org/cb?next=%2Fcb%3Ftoken%3D{T}%26a%3D1",
        "{\"access_token\":\"{T}\",\"token_type\":\"bearer\"}",
        "{\\\"access_token\\\":\\\"{T}\\\"}",
        "Cookie: theme=dark; jeton_access={T}; jeton_csrf=abc.def",
        "Set-Cookie: __Host-jeton_access={T}; Path=/; Secure",
        "the token is {T}.",
        "the token is {T}. It is eyed by www.example.com.",
        "\u{feff}{T}\u{200b}",
        "> {T}",
    ] {
        assert_found(&around.replace("{T}", TOKEN));
    }
}

#[test]
fn the_first_of_several_is_taken() {
    assert_found(&format!("jeton_access={TOKEN}; jeton_refresh={OTHER}"));
    assert_found(&format!("{TOKEN}\n{OTHER}"));
}

#[test]
fn a_signature_ends_where_its_algorithm_says() {
    assert_found(&format!("{TOKEN} is the token"));
    assert_found(&format!("{TOKEN} -H accept"));
    let (begin, end) = TOKEN.split_at(TOKEN.len() - 10);
    assert_found(&format!("{begin}\n{end}"));
    assert_found(&format!("{begin}\n{end}\nand-this-is-none"));
    assert_found(&TOKEN.replace('.', " . "));
}

#[test]
fn what_is_no_good_token_is_found_by_its_form() {
    for text in [
        // No algorithm, no signature.
        "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.",
        // A header that is no JSON.
        "eyJhbGciOiJIUzI1Ni.eyJhIjoxfQ.AAAA",
        // Padding.
        "eyJhbGciOiJIUzI1NiJ9==.eyJhIjoxfQ==.AAAA",
        // Five parts: encrypted.
        "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.BBBB.CCCC",
        "abc.def.ghi",
    ] {
        assert_eq!(token_in(text).as_deref(), Some(text));
    }
    assert_eq!(token_in("Bearer abc.def.ghi").as_deref(), Some("abc.def.ghi"));
}

#[test]
fn other_texts_hold_none() {
    for text in [
        "",
        " \n",
        "Bearer",
        "hello",
        "eyJhbGciOiJIUzI1NiJ9",
        "eyes on you. And you. Or not.",
        "curl https://www.example.com/",
        "see www.example.com and www.example.org",
        "{\"error\":\"token_missing\"}",
    ] {
        assert_eq!(token_in(text), None, "{text:?}");
    }
}

/// As long as a request may be, and made of nothing but beginnings: what costs more than its length would take hours.
#[test]
fn long_texts_cost_no_more_than_their_length() {
    for piece in [
        "ey ",
        "eyJ ",
        "ey.",
        "eyJhbGciOiJIUzI1NiJ9 ",
        "eyJhbGciOiJIUzI1NiJ9. ",
        "= ",
        "%",
        "eyJ=.",
    ] {
        let text = piece.repeat(256 * 1024 / piece.len());
        let _ = token_in(&text);
        assert_found(&format!("{TOKEN} {text}"));
    }
}

fn broken(token: &str, width: usize, at_break: &str) -> String {
    let lines: Vec<_> = token
        .as_bytes()
        .chunks(width)
        .map(String::from_utf8_lossy)
        .collect();
    lines.join(at_break)
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in any::<String>()) {
        let _ = token_in(&text);
    }

    #[test]
    fn no_text_of_a_token_s_own_letters_is_too_strange(text in r#"(ey|ew|[a-zA-Z0-9_.=% "\\\n-]){0,200}"#) {
        if let Some(token) = token_in(&text) {
            prop_assert!(token.bytes().filter(|byte| *byte == b'.').count() >= 2);
            prop_assert!(!token.contains(char::is_whitespace));
        }
    }

    #[test]
    fn lines_are_joined(
        width in 4_usize..200,
        at_break in prop::sample::select(vec!["\n", "\r\n", " ", "\\\n", "\n  ", "\"\n\"", "\n> "]),
        before in prop::sample::select(vec!["", "Bearer ", "-H 'Authorization: Bearer ", "token="]),
        after in prop::sample::select(vec!["", "'", "\n", "&a=b", "\", \"b\": 1", ";"]),
    ) {
        let text = format!("{before}{}{after}", broken(TOKEN, width, at_break));
        let found = token_in(&text);
        prop_assert_eq!(found.as_deref(), Some(TOKEN), "{:?}", text);
    }
}
