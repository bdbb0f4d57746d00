//! Somebody who walks through the pages in one of the ways in which all of them must be passable: without scripts, or
//! without a mouse.

use crate::{
    browser::Browser,
    element::By,
    keyboard::Key,
    site::{PASSWORD, Site},
};

pub(crate) struct Walker {
    pub(crate) browser: Browser,
    has_mouse: bool,
}

/// Does the same without scripts, and then without a mouse, each time at a service of its own.
pub(crate) fn each_way(walk: impl Fn(Site, &Walker)) {
    for (browser, has_mouse) in [
        (Browser::without_scripts as fn() -> Browser, true),
        (Browser::open, false),
    ] {
        println!(
            "with {}",
            if has_mouse {
                "a mouse and no scripts"
            } else {
                "the keyboard alone"
            }
        );
        let walker = Walker {
            browser: browser(),
            has_mouse,
        };
        walk(Site::start(), &walker);
    }
}

impl Walker {
    pub(crate) fn sign_in(&self, site: &Site, name: &str) -> &Self {
        site.show(&self.browser, "/signin");
        self.fill("Username or e-mail", name)
            .fill("Password", PASSWORD)
            .press("Sign in");
        self
    }

    pub(crate) fn show(&self, site: &Site, path: &str) -> &Self {
        site.show(&self.browser, path);
        self
    }

    /// Types into the field with this label, in place of what it holds.
    pub(crate) fn fill(&self, label: &str, said: &str) -> &Self {
        if self.has_mouse {
            self.browser.fill(label, said);
        } else {
            self.browser.tab_to(label).select_all().type_keys(said);
        }
        self
    }

    /// Chooses from a list, or one of several buttons with a label.
    pub(crate) fn choose(&self, label: &str, option: &str) -> &Self {
        if self.has_mouse {
            self.browser.field(label).choose(option);
        } else {
            self.browser.tab_to(label).type_keys(option);
        }
        self
    }

    /// Turns to the button before the next of a group of which one is chosen, or presses it.
    pub(crate) fn turn_to(&self, chosen: &str, wanted: &str) -> &Self {
        if self.has_mouse {
            self.browser.field(wanted).click();
        } else {
            self.browser.tab_to(chosen).key(Key::Down);
        }
        self
    }

    /// Presses a button that leads to another page.
    pub(crate) fn press(&self, button: &str) -> &Self {
        self.leave(By::Button(button), button)
    }

    /// Follows a link to another page.
    pub(crate) fn follow(&self, link: &str) -> &Self {
        self.leave(By::Link(link), link)
    }

    fn leave(&self, by: By<'_>, name: &str) -> &Self {
        let page = self.browser.css("html");
        if self.has_mouse {
            self.browser.find(by).click();
        } else {
            self.browser.tab_to(name).key(Key::Enter);
        }
        self.browser.wait_until("another page", |_| page.is_gone());
        self
    }

    /// Opens what is folded under this line.
    pub(crate) fn unfold(&self, line: &str) -> &Self {
        if self.has_mouse {
            self.browser.press(line);
        } else {
            self.browser.tab_to(line).key(Key::Enter);
        }
        self
    }

    /// Waits for a text to be seen.
    pub(crate) fn reads(&self, said: &str) -> &Self {
        self.browser.reads(said);
        self
    }

    /// Waits for a heading to be seen.
    pub(crate) fn finds(&self, heading: &str) -> &Self {
        self.browser.find(By::Heading(heading));
        self
    }
}
