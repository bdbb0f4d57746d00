//! The frame of the console's pages, with its tabs.

use crate::pages::{frame::Frame, request::SignedIn};

/// The pages of the console, by their places in its tabs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Overview,
    Users,
    Clients,
    Keys,
    Outbox,
    Audit,
    Settings,
}

/// The frame of a page of the console.
pub(super) fn frame(signed_in: &SignedIn, place: Place) -> Frame {
    let frame = Frame::of_signed_in(signed_in);
    let labels = &frame.t.console.tabs;
    let tabs = [
        (Place::Overview, "/console", &labels.overview),
        (Place::Users, "/console/users", &labels.users),
        (Place::Clients, "/console/clients", &labels.clients),
        (Place::Keys, "/console/keys", &labels.keys),
        (Place::Outbox, "/console/outbox", &labels.outbox),
        (Place::Audit, "/console/audit", &labels.audit),
        (Place::Settings, "/console/settings", &labels.settings),
    ];
    frame.with_tabs(&place, tabs)
}
