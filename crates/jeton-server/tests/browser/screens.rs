//! Every page in every state worth looking at: what is judged in `pages`, and drawn by `cargo xtask screenshots`.
//!
//! A new page, or a new state of one, is an entry in the file of its subject.

mod account;
mod console;
mod docs;
mod entrance;
mod inspect;

use crate::{browser::Browser, site::Site};

/// Who looks at a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reader {
    Nobody,
    /// Whoever has just started a service, which nobody administers yet.
    Founder,
    /// Somebody with an account, and with sessions on several devices.
    Person,
    Administrator,
    /// Somebody whose session ends within two minutes.
    Hurried,
}

impl Reader {
    const fn name(self) -> &'static str {
        match self {
            Self::Nobody | Self::Founder => "",
            Self::Person | Self::Hurried => "Romel",
            Self::Administrator => "ada",
        }
    }
}

pub(crate) struct Screen {
    /// The name of its pictures' files.
    pub(crate) name: &'static str,
    pub(crate) reader: Reader,
    pub(crate) path: &'static str,
    /// What is done there before it is looked at.
    steps: fn(&Site, &Browser),
}

impl Screen {
    /// A page as it is when it comes.
    const fn new(name: &'static str, reader: Reader, path: &'static str) -> Self {
        Self::after(name, reader, path, |_, _| {})
    }

    /// A page after something was done on it.
    const fn after(
        name: &'static str,
        reader: Reader,
        path: &'static str,
        steps: fn(&Site, &Browser),
    ) -> Self {
        Self {
            name,
            reader,
            path,
            steps,
        }
    }

    /// Whether it is as it comes, so that its first load says what the page costs.
    pub(crate) fn is_first(&self) -> bool {
        all()
            .into_iter()
            .find(|screen| screen.path == self.path && screen.reader == self.reader)
            .is_some_and(|screen| screen.name == self.name)
    }
}

/// All of them, those of one reader together, who then signs in once.
pub(crate) fn all() -> Vec<&'static Screen> {
    let all = [
        entrance::SCREENS,
        account::SCREENS,
        inspect::SCREENS,
        docs::SCREENS,
        console::SCREENS,
    ];
    let mut all: Vec<_> = all.into_iter().flatten().collect();
    all.sort_by_key(|screen| screen.reader);
    all
}

/// The services whose pages are looked at: one with people in it, and one whose sessions are short and that nobody
/// administers.
pub(crate) struct Stage {
    site: Site,
    hurried: Site,
}

/// Devices as they name themselves.
const DEVICES: [&str; 4] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 \
     Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 \
     Edg/156.0.0.0",
    "curl/8.14.1",
];

impl Stage {
    pub(crate) fn set() -> Self {
        let site = Site::start();
        site.person("Romel").administrator("ada");
        for device in DEVICES {
            site.sign_in_from("Romel", device);
        }
        let hurried = Site::with([
            ("JETON_REFRESH_LIFETIME", "119s"),
            ("JETON_ACCESS_LIFETIME", "60s"),
        ]);
        hurried.person("Romel");
        Self { site, hurried }
    }

    pub(crate) fn site(&self, screen: &Screen) -> &Site {
        match screen.reader {
            Reader::Hurried | Reader::Founder => &self.hurried,
            _ => &self.site,
        }
    }

    /// Makes its reader the one who is signed in.
    pub(crate) fn enter(&self, browser: &Browser, screen: &Screen) {
        let site = self.site(screen);
        site.show(browser, "/signout");
        let name = screen.reader.name();
        if name.is_empty() {
            browser.forget_cookies();
        } else if !browser.source().contains(&format!("\"{name}\"")) {
            browser.forget_cookies();
            site.sign_in(browser, name);
        }
    }

    /// Shows it, once its reader has entered.
    pub(crate) fn show(&self, browser: &Browser, screen: &Screen) {
        let site = self.site(screen);
        site.show(browser, screen.path);
        (screen.steps)(site, browser);
    }
}
