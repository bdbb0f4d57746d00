use std::{net::IpAddr, sync::Arc, time::Duration};

use ipnet::IpNet;

/// The longest head of a request, and how much of what a client sends ahead is taken in.
pub(in crate::http) const MAX_HEAD_BYTES: usize = 64 * 1024;

/// How many connections there may be.
#[derive(Clone, Debug)]
pub struct ConnectionLimits {
    /// In all.
    pub total: usize,
    /// From one IPv4 address or the /64 of an IPv6 one. It counts as half of all at most, so that nobody has them all.
    pub per_address: usize,
    /// Proxies, whose connections are those of many clients: the limit of an address is not theirs.
    pub proxies: Arc<[IpNet]>,
    pub patience: Patience,
}

/// How long a client is waited for. Bodies are the router's affair.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the head of a request, and for the next one to begin.
    pub head: Duration,
    /// Until it has read an answer.
    pub answer: Duration,
    /// For anything, once the process is told to end.
    pub at_the_end: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(15),
            answer: Duration::from_secs(30),
            at_the_end: Duration::from_secs(3),
        }
    }
}

impl ConnectionLimits {
    pub(super) fn of_an_address(&self) -> usize {
        self.per_address.min(self.total / 2).max(1)
    }

    pub(super) fn is_proxy(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.proxies.iter().any(|net| net.contains(&address))
    }
}
