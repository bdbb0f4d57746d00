use std::{fmt, ops::Deref};

/// Where the accounts are kept. Shown without the password it may hold.
#[derive(Clone)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    #[must_use]
    pub const fn new(url: String) -> Self {
        Self(url)
    }
}

impl Deref for DatabaseUrl {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_password(&self.0))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// A URL as people may see it. A password that should have been escaped and was not is hidden whole: what hides goes
/// up to the last `@`.
pub(super) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        // A colon forgotten in front of the slashes leaves the password where it was.
        return match url.rsplit_once('@') {
            Some((_, place)) => format!("***@{place}"),
            None => url.to_owned(),
        };
    };
    let rest = match rest.rsplit_once('@') {
        Some((login, place)) => match login.split_once(':') {
            Some((user, _)) => format!("{user}:***@{place}"),
            None => rest.to_owned(),
        },
        None => rest.to_owned(),
    };
    let Some((place, parameters)) = rest.split_once('?') else {
        return format!("{scheme}://{rest}");
    };
    let shown = parameters.split('&').map(|pair| match pair.split_once('=') {
        // A name may be spelled with `%`, which is read as what it stands for.
        Some((name, _)) if matches!(name, "password" | "pass") || name.contains('%') => {
            format!("{name}=***")
        }
        _ => pair.to_owned(),
    });
    format!("{scheme}://{place}?{}", shown.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::{DatabaseUrl, without_password};

    #[test]
    fn a_password_is_hidden_wherever_it_stands() {
        for (url, shown) in [
            ("sqlite://jeton.db", "sqlite://jeton.db"),
            ("postgres://jeton@db/jeton", "postgres://jeton@db/jeton"),
            ("postgres://jeton:hush@db/jeton", "postgres://jeton:***@db/jeton"),
            (
                "postgres://jeton:hu@sh/?hush@db:1/x",
                "postgres://jeton:***@db:1/x",
            ),
            (
                "postgres://db/jeton?user=jeton&password=hush&sslmode=require",
                "postgres://db/jeton?user=jeton&password=***&sslmode=require",
            ),
            (
                "unix:///run/redis.sock?pass=hush",
                "unix:///run/redis.sock?pass=***",
            ),
            (
                "postgres://db/jeton?%70assword=hush",
                "postgres://db/jeton?%70assword=***",
            ),
            ("postgres//jeton:hush@db/jeton", "***@db/jeton"),
        ] {
            assert_eq!(without_password(url), shown);
            assert!(!format!("{:?}", DatabaseUrl::new(url.into())).contains("hush"));
        }
    }
}
