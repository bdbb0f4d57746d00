//! Who is calling, as far as the connection tells.

use std::net::IpAddr;

use super::{audit::Personal, device::Device, known_device::DeviceToken};

/// The other end of a request.
#[derive(Clone, Debug)]
pub struct Client {
    pub device: Device,
    /// What it shows to be known by; whether that is true, nobody has checked.
    pub token: Option<DeviceToken>,
    /// None where there is no network between: the command line, a test in process.
    pub address: Option<IpAddr>,
}

impl Client {
    /// What the audit trail says of it, as long as its user has not been erased.
    #[must_use]
    pub fn personal(&self, salt: [u8; 16]) -> Personal {
        let personal = Personal::new(salt).field("device", self.device.as_str());
        match self.address {
            Some(address) => personal.field("address", address.to_string()),
            None => personal,
        }
    }
}
