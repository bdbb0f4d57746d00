//! The claims of a token, which is not verified here: the service is what is looked at.

use serde_json::Value;

/// The payload of a compact token.
pub fn of(token: &str) -> Option<Value> {
    serde_json::from_slice(&decoded(token.split('.').nth(1)?)?).ok()
}

/// Base64url.
pub fn encoded(bytes: &[u8]) -> String {
    const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let gathered = (0..3).fold(0, |gathered, place| {
            (gathered << 8) | u32::from(chunk.get(place).copied().unwrap_or(0))
        });
        for place in 0..=chunk.len() {
            let symbol = (gathered >> (18 - 6 * place)) & 63;
            text.push(char::from(SYMBOLS[symbol as usize]));
        }
    }
    text
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut gathered, mut bits) = (Vec::new(), 0_u32, 0);
    for symbol in text.bytes() {
        let value = match symbol {
            b'A'..=b'Z' => symbol - b'A',
            b'a'..=b'z' => symbol - b'a' + 26,
            b'0'..=b'9' => symbol - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        gathered = (gathered << 6) | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((gathered >> bits) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_payload_is_read() {
        let claims = super::of("e30.eyJzdWIiOiJhIiwidXYiOjF9.x").unwrap();
        assert_eq!(
            super::encoded(br#"{"sub":"a","uv":1}"#),
            "eyJzdWIiOiJhIiwidXYiOjF9"
        );
        assert_eq!(
            (claims["sub"].as_str(), claims["uv"].as_u64()),
            (Some("a"), Some(1))
        );
    }
}
