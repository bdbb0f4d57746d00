//! Pictures of devices.

use crate::model::device::Device;

/// The kind of a device, by which its picture is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Computer,
    Phone,
    Program,
}

impl Kind {
    pub(super) fn of(device: &Device) -> Self {
        let text = device.as_str();
        if !text.starts_with("Mozilla/") {
            return Self::Program;
        }
        let is_phone = ["iPhone", "iPad", "Android", "Mobile"]
            .into_iter()
            .any(|mark| text.contains(mark));
        if is_phone { Self::Phone } else { Self::Computer }
    }

    /// The picture's name among those of the page.
    pub(super) const fn icon(self) -> &'static str {
        match self {
            Self::Computer => "computer",
            Self::Phone => "phone",
            Self::Program => "program",
        }
    }
}
