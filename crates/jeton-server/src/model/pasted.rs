//! The token in a text that somebody pasted: bare or behind `Bearer`, in quotes, broken over lines, in a curl command,
//! an address, an answer in JSON or a line of cookies.

use jeton::json::{self, Object};

/// How many times a token is put together from pieces, so that a long text of beginnings costs no more than a short one.
const ATTEMPTS: usize = 16;

/// A run of the characters that tokens are made of.
struct Run<'t> {
    text: &'t str,
    dots: usize,
    /// Whether nothing but a break stands between it and the run before: blanks, quotes, the end of a line.
    continues: bool,
}

/// The first token in a text; none where nothing looks like one.
///
/// It need not be a good one: a text that has the form of a token, or that begins as one does, is what somebody wants
/// explained.
#[must_use]
pub fn token_in(text: &str) -> Option<String> {
    let runs = runs(text);
    let mut attempts = 0;
    for (index, run) in runs
        .iter()
        .enumerate()
        .filter(|(_, run)| begins_as_a_header(run.text))
    {
        if run.dots < 2 {
            attempts += 1;
            if attempts > ATTEMPTS {
                continue;
            }
        }
        if let Some(token) = put_together(&runs[index..]) {
            return Some(token);
        }
    }
    let broken = runs
        .iter()
        .find(|run| begins_as_a_header(run.text) && run.dots >= 2);
    broken.or_else(|| alone(&runs)).map(|run| run.text.to_owned())
}

/// Cuts a text into its runs.
fn runs(text: &str) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    let mut begin = None;
    let mut continues = false;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, letter)| *letter);
        if is_of_a_token(letter) || (begin.is_some() && is_padding(letter, next)) {
            begin.get_or_insert(at);
            continue;
        }
        if let Some(begin) = begin.take() {
            runs.push(Run::new(&text[begin..at], continues));
            continues = true;
        }
        continues &= is_break(letter);
        if letter == '%' {
            // An escape of an address: its digits are no part of what follows.
            let mut digits = 0;
            while digits < 2
                && letters
                    .next_if(|(_, letter)| letter.is_ascii_hexdigit())
                    .is_some()
            {
                digits += 1;
            }
        }
    }
    if let Some(begin) = begin {
        runs.push(Run::new(&text[begin..], continues));
    }
    runs
}

impl<'t> Run<'t> {
    fn new(text: &'t str, continues: bool) -> Self {
        let dots = text.bytes().filter(|byte| *byte == b'.').count();
        Self {
            text,
            dots,
            continues,
        }
    }
}

const fn is_of_a_token(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.')
}

/// Whether it pads a part that another follows. No token has that, and whoever made one wants to hear of it.
fn is_padding(letter: char, next: Option<char>) -> bool {
    letter == '=' && matches!(next, Some('=' | '.'))
}

/// Whether it breaks a token into pieces without being one's end.
fn is_break(letter: char) -> bool {
    const UNSEEN: [char; 3] = ['\u{200b}', '\u{feff}', '\u{ad}'];
    letter.is_whitespace() || matches!(letter, '"' | '\'' | '`' | '\\' | '>') || UNSEEN.contains(&letter)
}

/// Whether it is base64url of a brace and what may follow one in JSON.
fn begins_as_a_header(text: &str) -> bool {
    text.starts_with("ey") || text.starts_with("ew")
}

/// The token that these runs begin with: three parts, of which the first is a header.
fn put_together(runs: &[Run<'_>]) -> Option<String> {
    let mut token = String::new();
    let mut dots = 0;
    let mut used = 0;
    for run in runs {
        if used > 0 && !run.continues {
            return None;
        }
        token.push_str(run.text);
        dots += run.dots;
        used += 1;
        if dots >= 2 {
            break;
        }
    }
    // More than three parts are a token of another kind, if they stand in one piece.
    if dots < 2 || (dots > 2 && used > 1) {
        return None;
    }
    let header = header(&token)?;
    if dots == 3 && token.ends_with('.') {
        // The end of a sentence.
        token.pop();
    }
    if dots == 2 {
        complete(&mut token, &header, &runs[used..]);
    }
    Some(token)
}

fn header(token: &str) -> Option<Object> {
    let part = token.split('.').next()?.trim_end_matches('=');
    let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(part).ok()?;
    json::from_slice(&bytes).ok()
}

/// Adds what follows a break in the signature. Whether it belongs to it, its length says: every algorithm has its own.
fn complete(token: &mut String, header: &Object, rest: &[Run<'_>]) {
    let algorithm = header
        .0
        .get("alg")
        .and_then(|alg| alg.as_str())
        .unwrap_or_default();
    let lengths = signature_bytes(algorithm)
        .iter()
        .map(|bytes| (bytes * 4).div_ceil(3));
    let begin = token.rfind('.').map_or(0, |dot| dot + 1);
    let is_whole = |token: &str| lengths.clone().any(|length| token.len() - begin == length);
    let longest = lengths.clone().max().unwrap_or_default();
    let mut longer = token.clone();
    for run in rest.iter().take_while(|run| run.continues && run.dots == 0) {
        if is_whole(&longer) || longer.len() - begin > longest {
            break;
        }
        longer.push_str(run.text);
    }
    if is_whole(&longer) {
        *token = longer;
    }
}

/// The lengths that a signature may have.
fn signature_bytes(algorithm: &str) -> &'static [usize] {
    match algorithm {
        "HS256" => &[32],
        "HS384" => &[48],
        "HS512" | "ES256" | "ES256K" | "Ed25519" => &[64],
        "EdDSA" => &[64, 114],
        "ES384" => &[96],
        "ES512" => &[132],
        "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" => &[256, 384, 512, 1024],
        "ML-DSA-44" => &[2420],
        "ML-DSA-65" => &[3309],
        "ML-DSA-87" => &[4627],
        _ => &[],
    }
}

/// The one run there is, if it has three parts: nothing of a token yet its form.
fn alone<'r, 't>(runs: &'r [Run<'t>]) -> Option<&'r Run<'t>> {
    let run = match runs {
        [run] => run,
        [scheme, run] if scheme.text.eq_ignore_ascii_case("bearer") && run.continues => run,
        _ => return None,
    };
    (run.dots == 2).then_some(run)
}

#[cfg(test)]
mod tests;
