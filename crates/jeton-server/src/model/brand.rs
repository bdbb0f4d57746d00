//! The brand: what the pages show of whoever runs the service.

use aws_lc_rs::digest::{Context, SHA256};

use super::hex;

mod colour;
mod link;
mod logo;

pub use colour::{Accent, Colour, ColourError};
pub use link::{Link, LinkError, Links};
pub use logo::{Logo, LogoError};

/// Name and look of a service, as its settings say.
#[derive(Clone, Debug)]
pub struct Brand {
    /// The name in the corner and in titles.
    pub name: String,
    /// The host that people sign in to.
    pub host: String,
    /// The picture before the name; the coin where there is none.
    pub logo: Option<Logo>,
    /// The colour of what is current or has the focus; brass where there is none.
    pub accent: Option<Accent>,
    /// The links at the foot of every page.
    pub links: Vec<Link>,
}

impl Brand {
    /// The brand of a service nobody has given one.
    #[must_use]
    pub fn of(host: &str) -> Self {
        Self {
            name: "Jeton".to_owned(),
            host: host.to_owned(),
            logo: None,
            accent: None,
            links: Vec::new(),
        }
    }

    /// A short name for logo and accent as they are: another brand has another.
    #[must_use]
    pub fn version(&self) -> String {
        let mut context = Context::new(&SHA256);
        if let Some(logo) = &self.logo {
            context.update(logo.bytes());
        }
        if let Some(accent) = &self.accent {
            context.update(accent.style().as_bytes());
        }
        hex::encode(&context.finish().as_ref()[..8])
    }
}
