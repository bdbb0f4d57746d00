//! Rust, as far as its paths go: names and what joins them, without comments and literals.

/// A piece of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'t> {
    Name(&'t str),
    /// `::`
    Into,
    Other(char),
}

/// The pieces of a file, in order.
pub(crate) fn of(text: &str) -> Vec<Token<'_>> {
    let (mut tokens, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '"' => literal(rest, '"'),
            'r' if rest.starts_with("r\"") || rest.starts_with("r#\"") => raw(rest),
            '\'' if is_character(rest) => literal(rest, '\''),
            c if c.is_alphanumeric() || c == '_' => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                let length = end.unwrap_or(rest.len());
                tokens.push(Token::Name(&rest[..length]));
                length
            }
            ':' if rest.starts_with("::") => {
                tokens.push(Token::Into);
                2
            }
            c => {
                if !c.is_whitespace() {
                    tokens.push(Token::Other(c));
                }
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    tokens
}

/// The length of a literal between two quotes.
fn literal(text: &str, quote: char) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == quote && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

fn raw(text: &str) -> usize {
    let hashes = text[1..].bytes().take_while(|byte| *byte == b'#').count();
    let (begin, end) = (hashes + 2, format!("\"{}", "#".repeat(hashes)));
    let length = text[begin..].find(&end).unwrap_or(text.len() - begin);
    begin + length + end.len()
}

/// Whether a quote begins a character and no lifetime.
fn is_character(text: &str) -> bool {
    let mut after = text.chars().skip(1);
    after.next() == Some('\\') || after.next() == Some('\'')
}
