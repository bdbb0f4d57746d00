//! The user agent of a request (RFC 9110 §3.5), as far as its connection and headers tell.

use std::net::IpAddr;

use super::{audit::Personal, device::Device, known_device::DeviceToken};

/// The device, device token and address behind a request.
#[derive(Clone, Debug)]
pub struct UserAgent {
    pub device: Device,
    /// The device token presented, not checked yet.
    pub token: Option<DeviceToken>,
    /// None where there is no network: the command line, a test in process.
    pub address: Option<IpAddr>,
}

impl UserAgent {
    /// The user agent's device and address as personal fields of an event, which go when their user is erased.
    #[must_use]
    pub fn personal(&self, salt: [u8; 16]) -> Personal {
        let personal = Personal::new(salt).field("device", self.device.as_str());
        match self.address {
            Some(address) => personal.field("address", address.to_string()),
            None => personal,
        }
    }
}
