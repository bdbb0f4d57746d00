//! Words that are guessed first as the password of a certain account.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::{PasswordError, invisible::is_invisible};
use crate::model::{email::EmailAddress, user::User};

/// The product's own name, which people take for the service's.
const PRODUCT: &str = "jeton";

/// The fewest characters a part of the service's host needs to count as its name: `www` and `com` name nothing.
const LABEL: usize = 4;

/// Names of an account and of the service it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct ContextWords<'a> {
    pub username: &'a str,
    pub email: Option<&'a EmailAddress>,
    /// The service's URL.
    pub issuer: &'a str,
}

impl<'a> ContextWords<'a> {
    #[must_use]
    pub fn of(user: &'a User, issuer: &'a str) -> Self {
        Self {
            username: user.username.as_str(),
            email: user.email.as_ref(),
            issuer,
        }
    }

    /// The error for a password that is one of these names.
    pub(super) fn names(&self, password: &str) -> Option<PasswordError> {
        let is = |word: &str| is_nearly(password, word);
        let address = self.email.map_or("", EmailAddress::as_str);
        let (local, domain) = address.rsplit_once('@').unwrap_or_default();
        if is(self.username) {
            Some(PasswordError::Username)
        } else if [address, local, domain].into_iter().any(is) {
            Some(PasswordError::Email)
        } else if self.of_the_service().any(is) {
            Some(PasswordError::Service)
        } else {
            None
        }
    }

    fn of_the_service(&self) -> impl Iterator<Item = &'a str> {
        let (_, authority) = self.issuer.split_once("://").unwrap_or_default();
        let host = authority.split(['/', ':']).next().unwrap_or_default();
        let labels = host.split('.').filter(|label| label.len() >= LABEL);
        [PRODUCT, host].into_iter().chain(labels)
    }
}

/// Whether a password is this word, whatever its case and the signs in it: as it is, several times over, backwards, or
/// with digits around it.
fn is_nearly(password: &str, word: &str) -> bool {
    let (password, word) = (letters(password), letters(word));
    let [password, word] = [&*password, &*word].map(|text| [text, without_digits_around(text)]);
    password.iter().any(|password| {
        word.iter()
            .any(|word| repeats(password, word) || password.chars().eq(word.chars().rev()))
    })
}

/// The letters and digits of a text, in lower case; all its visible characters where it has none.
fn letters(text: &str) -> Zeroizing<String> {
    let folded = Zeroizing::new(text.nfkc().collect::<String>().to_lowercase());
    let seen = || folded.chars().filter(|c| !is_invisible(*c));
    let letters = Zeroizing::new(seen().filter(|c| c.is_alphanumeric()).collect::<String>());
    if letters.is_empty() {
        Zeroizing::new(seen().collect())
    } else {
        letters
    }
}

/// The text without digits at its ends; a text of digits alone stays whole.
fn without_digits_around(text: &str) -> &str {
    match text.trim_matches(char::is_numeric) {
        "" => text,
        rest => rest,
    }
}

fn repeats(text: &str, word: &str) -> bool {
    !word.is_empty()
        && !text.is_empty()
        && text.len().is_multiple_of(word.len())
        && text
            .as_bytes()
            .chunks_exact(word.len())
            .all(|part| part == word.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(password: &str) -> Option<PasswordError> {
        let email = "r.adel@post.example.org".parse().unwrap();
        let context = ContextWords {
            username: "Romel-2",
            email: Some(&email),
            issuer: "https://id.acme.example:8443/sign-in",
        };
        context.names(password)
    }

    #[test]
    fn a_name_is_known_through_its_decorations() {
        for (password, whose) in [
            ("Romel-2", PasswordError::Username),
            ("ROMEL-2!", PasswordError::Username),
            ("romel2romel2", PasswordError::Username),
            ("Romel2026", PasswordError::Username),
            ("123romel123", PasswordError::Username),
            ("r o m e l 2", PasswordError::Username),
            ("\u{200b}Ｒomel-2\u{200b}", PasswordError::Username),
            ("2-lemoR", PasswordError::Username),
            ("lemor123", PasswordError::Username),
            ("r.adel@post.example.org", PasswordError::Email),
            ("R.Adel@Post.Example.ORG1", PasswordError::Email),
            ("radel123", PasswordError::Email),
            ("post.example.org", PasswordError::Email),
            ("jeton123", PasswordError::Service),
            ("Jeton-Jeton", PasswordError::Service),
            ("id.acme.example", PasswordError::Service),
            ("acme2026!", PasswordError::Service),
        ] {
            assert_eq!(named(password), Some(whose), "{password}");
        }
    }

    #[test]
    fn a_name_among_other_words_is_none() {
        for password in [
            "Romels own passphrase",
            "pass1425",
            "romelio!",
            "id1425!!",
            "jeton is not it",
            "12345678",
            "!!!!!!!!",
        ] {
            assert_eq!(named(password), None, "{password}");
        }
    }

    #[test]
    fn a_name_without_letters_is_one_too() {
        let context = |username| ContextWords {
            username,
            email: None,
            issuer: "http://localhost:5000",
        };
        assert_eq!(context("____").names("________"), Some(PasswordError::Username));
        assert_eq!(context("1425").names("14251425"), Some(PasswordError::Username));
        assert_eq!(context("1425").names("pass1425"), None);
        assert_eq!(context("Romel").names("localhost"), Some(PasswordError::Service));
    }
}
