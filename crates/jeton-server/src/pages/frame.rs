//! The frame around every page: head, bar, tabs and foot.

use std::sync::Arc;

use super::{
    assets,
    own_path::OwnPath,
    request::{Reader, SignedIn},
    texts::{Text, Texts},
};
use crate::model::{brand::Brand, locale::Locale, time::Timestamp};

/// The data that every page's template is given.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) t: &'static Texts,
    pub(super) language: Locale,
    pub(super) languages: [Locale; 2],
    pub(super) brand: Arc<Brand>,
    pub(super) path: OwnPath,
    pub(super) assets: &'static str,
    pub(super) now: Timestamp,
    pub(super) person: Option<Person>,
    /// Whether it is known that nobody is signed in.
    pub(super) asks_who: bool,
    pub(super) tabs: Vec<Tab>,
}

/// Who is signed in, as the frame shows them.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) csrf: String,
    pub(super) is_admin: bool,
    /// When the session ends unless it is renewed, and when it ends in any case.
    pub(super) ends: i64,
    pub(super) last: i64,
}

/// A page of an area.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tab {
    pub(super) path: &'static str,
    pub(super) label: &'static str,
    pub(super) is_current: bool,
}

/// The pages for everybody who works with tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    Inspector,
    Docs,
}

impl Frame {
    pub(super) fn of(reader: &Reader) -> Self {
        Self {
            t: reader.texts(),
            language: reader.language,
            languages: Locale::ALL,
            brand: Arc::clone(&reader.brand),
            path: reader.path.clone(),
            assets: &assets::VERSION,
            now: reader.now,
            person: None,
            asks_who: true,
            tabs: Vec::new(),
        }
    }

    pub(super) fn of_signed_in(signed_in: &SignedIn) -> Self {
        Self {
            person: Some(Person {
                id: signed_in.user.id.to_string(),
                name: signed_in.user.username.to_string(),
                csrf: signed_in.csrf.clone(),
                is_admin: signed_in.user.is_admin(),
                ends: signed_in.session.expires_at.seconds(),
                last: signed_in.session.ends_at.seconds(),
            }),
            ..Self::of(&signed_in.reader)
        }
    }

    /// The frame of a page for everybody, signed in or not.
    pub(super) fn of_reference(reader: &Reader, visitor: Option<&SignedIn>, place: Reference) -> Self {
        let frame = visitor.map_or_else(|| Self::of(reader), Self::of_signed_in);
        let common = &frame.t.common;
        let tabs = [
            (Reference::Inspector, "/inspect", &common.inspector),
            (Reference::Docs, "/docs", &common.api),
        ];
        frame.with_tabs(&place, tabs)
    }

    /// The frame with the pages of its area as tabs, of which one is current.
    pub(super) fn with_tabs<P: PartialEq, const N: usize>(
        self,
        current: &P,
        pages: [(P, &'static str, &'static Text); N],
    ) -> Self {
        let tabs = pages.map(|(place, path, label)| Tab {
            path,
            label: label.as_str(),
            is_current: place == *current,
        });
        Self {
            tabs: tabs.to_vec(),
            ..self
        }
    }

    /// The CSRF token of the page's forms; empty where nobody is signed in.
    pub(super) fn csrf(&self) -> &str {
        self.person.as_ref().map_or("", |person| &person.csrf)
    }

    /// The name of whoever is signed in.
    pub(super) fn person_name(&self) -> &str {
        self.person.as_ref().map_or("", |person| &person.name)
    }

    /// A time in the reader's words, and as a date beside them.
    pub(super) fn whole_time(&self, at: Timestamp) -> askama::filters::Safe<String> {
        super::moment::whole(at, self.now, self.t)
    }

    /// A time in the reader's words.
    pub(super) fn time(&self, at: Timestamp) -> askama::filters::Safe<String> {
        super::moment::element(at, self.now, self.t)
    }
}
