//! Secrets that documents and tutorials print: whoever guesses tokens' secrets tries these first.

/// Samples of jwt.io, of frameworks' own documents and of tutorials that have been copied often, one on a line.
const PRINTED: &str = include_str!("samples.txt");

/// Django's own mark for a key that it has not made for production.
const MARKED: &str = "django-insecure-";

/// Words that samples are put together from.
const WORDS: &str = "\
    a access and api app application are at auth authentication authorization backend base be bit bits by byte bytes \
    change changeme char character characters chars code complex config cookie default demo dev development do dont \
    enough ensure env example for generate generated goes hash here hmac hs i in insecure is it jeton jsonwebtoken \
    jwt keep key least length local long longer make me min minimum must my never new node not of only or own \
    password phrase place please private prod production random randomly really refresh replace safe sample secret \
    secrets secure secured security server session set sha should sign signature signing some something string \
    strong super sure test testing than that the this to token tokens top ultra unique update use user using value \
    very want web which with you your \
";

/// Whether a secret is one of the printed ones, in any case, or is made of nothing but the words they are made of,
/// with digits and signs between as it likes: `my_super_secret_jwt_key_change_me_in_production_123`.
///
/// A random secret is never hit: its letters would all have to fall into words.
pub(super) fn is_sample(secret: &str) -> bool {
    let secret = secret.trim();
    PRINTED.lines().any(|sample| sample.eq_ignore_ascii_case(secret))
        || secret.starts_with(MARKED)
        || is_made_of_words(secret)
}

fn is_made_of_words(secret: &str) -> bool {
    if !secret.is_ascii() {
        return false;
    }
    let letters: Vec<u8> = secret
        .bytes()
        .filter(u8::is_ascii_alphabetic)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    // How far from the start words can reach, for each place.
    let mut reached = vec![false; letters.len() + 1];
    reached[0] = true;
    for place in 0..letters.len() {
        if reached[place] {
            let rest = &letters[place..];
            let words = WORDS.split_ascii_whitespace();
            for word in words.filter(|word| rest.starts_with(word.as_bytes())) {
                reached[place + word.len()] = true;
            }
        }
    }
    !letters.is_empty() && reached[letters.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{PRINTED, is_sample};

    #[test]
    fn printed_secrets_and_their_like_are_known() {
        for sample in PRINTED.lines() {
            assert!(sample.len() >= 32, "{sample} is too short anyway");
            assert!(
                is_sample(sample) && is_sample(&format!(" {} ", sample.to_uppercase())),
                "{sample}"
            );
        }
        for like in [
            "your_super_secret_jwt_key_change_this_in_production",
            "YOUR_SUPER_SECRET_KEY_MAKE_SURE_IT_IS_LONG_ENOUGH",
            "mySuperSecretKeyThatIsLongEnoughForHmacSha256!",
            "my-32-character-ultra-secure-and-ultra-long-secret",
            "change-me-to-a-random-string-of-at-least-32-bytes",
            "thisIsAVeryLongSecretKeyForJWT1234567890",
            "REPLACE THIS WITH YOUR JWT SECRET",
            "django-insecure-7$k2v@x0m!q3b9w8z6t1p5r4n",
        ] {
            assert!(is_sample(like), "{like}");
        }
    }

    proptest! {
        #[test]
        fn random_secrets_are_not(secret in prop_oneof!["[A-Za-z0-9+/]{43}=", "[0-9a-f]{64}", "[!-~]{32,64}"]) {
            // Digits alone have no letters; else some letter would have to be in no word.
            prop_assert!(!is_sample(&secret));
        }
    }

    #[test]
    fn phrases_of_other_words_are_not() {
        for phrase in [
            "correct horse battery staple is my secret",
            "the secret of the blue lagoon at midnight",
            "9402385710293847561029384756102938475610",
        ] {
            assert!(!is_sample(phrase), "{phrase}");
        }
    }
}
