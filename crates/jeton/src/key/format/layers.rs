use zeroize::Zeroizing;

/// Takes one encoding off; `None` when the bytes are not in it. What comes out may be a secret.
type Layer = fn(&[u8]) -> Option<Zeroizing<Vec<u8>>>;

/// The encodings that are taken off. Each changes the bytes it takes, and none makes them longer.
pub(super) const LAYERS: [Layer; 5] = [narrow, unescape, percent, hex, base64];

/// UTF-16 and UTF-32 of text that is ASCII, in either order of bytes: zeros between its letters.
fn narrow(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let zeros = memchr::memchr_iter(0, bytes).count();
    // Nor is a byte order mark a letter.
    let letters = || {
        let mark = [0, 0xef, 0xbb, 0xbf, 0xfe, 0xff];
        bytes.iter().filter(move |byte| !mark.contains(byte))
    };
    let wide = zeros * 3 > bytes.len() && letters().all(u8::is_ascii);
    wide.then(|| collected(bytes.len(), letters().copied()))
}

/// Escapes of JSON and of programming languages: `\n`, `\"`, `\u006b`, `\x6b`.
fn unescape(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    memchr::memchr(b'\\', bytes)?;
    let mut plain = buffer(bytes.len());
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            plain.push(*first);
            continue;
        }
        let [escape, after @ ..] = rest else { break };
        rest = after;
        match escape {
            b'u' | b'x' => {
                let digits = if *escape == b'u' { 4 } else { 2 };
                let code = rest.get(..digits).and_then(number)?;
                rest = &rest[digits..];
                // Formats have no letters beyond ASCII that would matter; bytes go up to 255.
                plain.push(u8::try_from(code).unwrap_or(b'?'));
            }
            b'n' | b'r' | b't' | b'f' | b'b' => plain.push(b'\n'),
            other => plain.push(*other),
        }
    }
    Some(plain)
}

/// Percent-encoding (RFC 3986 §2.1).
fn percent(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    memchr::memchr(b'%', bytes)?;
    let mut plain = buffer(bytes.len());
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first == b'%' {
            plain.push(u8::try_from(rest.get(..2).and_then(number)?).ok()?);
            rest = &rest[2..];
        } else {
            plain.push(*first);
        }
    }
    Some(plain)
}

/// Hexadecimal, also with `0x` before it and colons, commas or blanks between.
fn hex(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = bytes.trim_ascii();
    let bytes = bytes.strip_prefix(b"0x").unwrap_or(bytes);
    let mut plain = buffer(bytes.len() / 2);
    let mut high = None;
    for byte in bytes {
        match (char::from(*byte).to_digit(16), high.take()) {
            (Some(digit), None) => high = Some(digit),
            (Some(low), Some(high)) => plain.push(u8::try_from(high << 4 | low).ok()?),
            (None, before) if is_filling(*byte) || *byte == b':' => high = before,
            (None, _) => return None,
        }
    }
    high.is_none().then_some(plain)
}

/// base64 in both alphabets, with or without padding, in one line or many, behind `base64:` or `base64,`.
fn base64(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let named = [&b"base64:"[..], b"base64,"]
        .iter()
        .find_map(|name| memchr::memmem::find(bytes, name).map(|at| at + name.len()));
    let bytes = &bytes[named.unwrap_or(0)..];
    let mut plain = buffer(bytes.len() / 4 * 3 + 3);
    let (mut held, mut bits) = (0_u16, 0);
    for byte in bytes {
        let sextet = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            filling if is_filling(*filling) => continue,
            _ => return None,
        };
        held = held << 6 | u16::from(sextet);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            // The bits above these eight have been taken before.
            plain.push((held >> bits).to_be_bytes()[1]);
        }
    }
    Some(plain)
}

/// Whether a byte may stand around and between the letters of an encoding: blanks, padding, a byte order mark, and the
/// quotes, brackets and commas of a list of texts.
pub(super) fn is_filling(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"\"'`=[],;\0\xef\xbb\xbf".contains(&byte)
}

fn number(digits: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// A buffer of its final size at once: one that grows leaves copies of the secret behind.
fn buffer(size: usize) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Vec::with_capacity(size))
}

fn collected(size: usize, bytes: impl Iterator<Item = u8>) -> Zeroizing<Vec<u8>> {
    let mut buffer = buffer(size);
    buffer.extend(bytes);
    buffer
}
