//! Links at the foot of the pages, such as an imprint.

use std::str::FromStr;

/// A label, and where it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub label: String,
    pub url: String,
}

/// Links with commas between them.
#[derive(Clone, Debug)]
pub struct Links(pub Vec<Link>);

#[derive(Debug, thiserror::Error)]
#[error("write links as in Imprint=https://example.org/imprint,Privacy=https://example.org/privacy")]
pub struct LinkError;

impl FromStr for Links {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, LinkError> {
        let links = text.split(',').map(|link| {
            let (label, url) = link.split_once('=').ok_or(LinkError)?;
            let (label, url) = (label.trim(), url.trim());
            // Another scheme could run something.
            let leads = ["https://", "http://", "mailto:"]
                .into_iter()
                .any(|scheme| url.len() > scheme.len() && url.starts_with(scheme));
            let plain = url.chars().all(|c| c.is_ascii_graphic());
            if label.is_empty() || !leads || !plain {
                return Err(LinkError);
            }
            Ok(Link {
                label: label.to_owned(),
                url: url.to_owned(),
            })
        });
        links.collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_have_a_label_and_lead_somewhere() {
        let Links(links) = "Imprint=https://example.org/i?a=b, Help = mailto:help@example.org"
            .parse()
            .unwrap();
        assert_eq!(links[0].url, "https://example.org/i?a=b");
        assert_eq!(
            (links[1].label.as_str(), links[1].url.as_str()),
            ("Help", "mailto:help@example.org")
        );
    }

    #[test]
    fn a_script_is_no_link() {
        for text in [
            "Imprint",
            "=https://example.org",
            "Imprint=",
            "A=javascript:alert(1)",
            "A=data:text/html,x",
            "A=https://",
            "A=https://a b",
        ] {
            assert!(text.parse::<Links>().is_err(), "{text}");
        }
    }
}
