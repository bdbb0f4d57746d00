use super::decoded::Decoded;
use crate::{
    pages::{
        request::{Reader, SignedIn},
        texts::Texts,
    },
    service::tokens::explain::Explained,
};

/// A token that somebody asked about, and who they are.
pub(super) struct Asked<'a> {
    pub(super) reader: &'a Reader,
    pub(super) visitor: Option<&'a SignedIn>,
    pub(super) explained: &'a Explained,
    pub(super) decoded: Decoded,
}

impl Asked<'_> {
    pub(super) fn texts(&self) -> &'static Texts {
        self.reader.texts()
    }

    pub(super) fn by_administrator(&self) -> bool {
        self.visitor.is_some_and(|signed_in| signed_in.user.is_admin())
    }

    /// Whether it is the token of whoever asks.
    pub(super) fn by_its_user(&self) -> bool {
        let user = self.explained.user.as_ref().map(|user| user.id);
        user.is_some() && user == self.visitor.map(|signed_in| signed_in.user.id)
    }
}
