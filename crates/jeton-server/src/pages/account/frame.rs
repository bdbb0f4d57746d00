//! The frame of the account's pages, with its tabs.

use crate::pages::{frame::Frame, request::SignedIn};

/// The pages of the area, by their places in its tabs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Profile,
    Security,
    Sessions,
    Applications,
    Activity,
    Data,
}

/// The frame of a page of the area.
pub(super) fn frame(signed_in: &SignedIn, place: Place) -> Frame {
    let frame = Frame::of_signed_in(signed_in);
    let account = &frame.t.account;
    let tabs = [
        (Place::Profile, "/account", &account.profile),
        (Place::Security, "/account/security", &account.security),
        (Place::Sessions, "/account/sessions", &account.sessions),
        (
            Place::Applications,
            "/account/applications",
            &account.applications,
        ),
        (Place::Activity, "/account/activity", &account.activity),
        (Place::Data, "/account/data", &account.data),
    ];
    frame.with_tabs(&place, tabs)
}
