//! The limit on attempts from an address: a token bucket for each, in this node's memory, and in one place for all
//! nodes where there is such a place.

use std::{
    collections::HashMap,
    fmt, mem,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::redis::Redis;

/// How long an empty bucket takes to fill. A full one is as good as none and is forgotten.
const FILLS_IN: Duration = Duration::from_mins(1);

/// How many buckets a generation holds: some three megabytes when both are full.
const GENERATION: usize = 50_000;

/// A bucket for each address: so many attempts at once, and as many again in a minute.
pub struct AddressLimit {
    /// The cost of one attempt, as the time in which so much flows back into the bucket.
    attempt: Duration,
    buckets: Mutex<Buckets>,
    redis: Option<Arc<Redis>>,
}

/// An IPv4 address, or the /64 of an IPv6 one: the owner of one address there has them all.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Neighbourhood {
    V4(u32),
    V6(u64),
}

/// Two generations: a bucket that is used moves to the young one. The old is dropped when the young one becomes old,
/// a minute later, when each bucket in it is full again; or earlier when there are too many, the least recently used
/// then counting as full. So the memory is bounded and no clean-up ever takes long.
struct Buckets {
    /// When each bucket will be full again.
    young: HashMap<Neighbourhood, Instant>,
    old: HashMap<Neighbourhood, Instant>,
    aged: Option<Instant>,
}

impl AddressLimit {
    #[must_use]
    pub fn new(per_minute: NonZeroU32, redis: Option<Arc<Redis>>) -> Self {
        Self {
            attempt: FILLS_IN / per_minute.get(),
            buckets: Mutex::new(Buckets {
                young: HashMap::new(),
                old: HashMap::new(),
                aged: None,
            }),
            redis,
        }
    }

    /// Takes an attempt out of the address's bucket: this node's, and the shared one while that can be reached. An
    /// address whose bucket here is empty is not asked about elsewhere; and when the shared place is lost, this node
    /// goes on from the attempts that it let through itself.
    ///
    /// # Errors
    ///
    /// The time until there is an attempt again.
    pub async fn take(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let key = Neighbourhood::of(address);
        self.after_one_more(key, &self.buckets(now), now)?;
        if let Some(redis) = &self.redis
            && let Some(answer) = redis.take(&key.bytes(), self.attempt, FILLS_IN).await
        {
            answer?;
        }
        self.take_here(key, now)
    }

    fn take_here(&self, key: Neighbourhood, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.buckets(now);
        let full_at = self.after_one_more(key, &buckets, now)?;
        buckets.young.insert(key, full_at);
        Ok(())
    }

    /// When the bucket would be full again after one more attempt; the time to wait if that is one too many.
    fn after_one_more(
        &self,
        key: Neighbourhood,
        buckets: &Buckets,
        now: Instant,
    ) -> Result<Instant, Duration> {
        let full_at = buckets.get(key).map_or(now, |full_at| full_at.max(now)) + self.attempt;
        let missing = full_at.duration_since(now).saturating_sub(FILLS_IN);
        if missing.is_zero() {
            Ok(full_at)
        } else {
            Err(missing)
        }
    }

    fn buckets(&self, now: Instant) -> MutexGuard<'_, Buckets> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.age(now);
        buckets
    }
}

impl Buckets {
    fn age(&mut self, now: Instant) {
        let aged = *self.aged.get_or_insert(now);
        if self.young.len() >= GENERATION || now.duration_since(aged) >= FILLS_IN {
            self.old = mem::take(&mut self.young);
            self.aged = Some(now);
        }
    }

    fn get(&self, key: Neighbourhood) -> Option<Instant> {
        self.young.get(&key).or_else(|| self.old.get(&key)).copied()
    }
}

impl Neighbourhood {
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.to_bits()),
            IpAddr::V6(address) => Self::V6((address.to_bits() >> 64) as u64),
        }
    }

    /// The bytes of an address, of another length for each kind, so that no two are the same.
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::V4(bits) => bits.to_be_bytes().to_vec(),
            Self::V6(bits) => bits.to_be_bytes().to_vec(),
        }
    }
}

/// Redacted: addresses do not belong in a log.
impl fmt::Debug for AddressLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddressLimit")
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(per_minute: u32) -> AddressLimit {
        AddressLimit::new(NonZeroU32::new(per_minute).unwrap(), None)
    }

    fn take(limit: &AddressLimit, address: &str, now: Instant) -> Result<(), Duration> {
        limit.take_here(Neighbourhood::of(address.parse().unwrap()), now)
    }

    /// How many attempts are let through until one is not, and how long that one would have to wait.
    fn drain(limit: &AddressLimit, text: &str, now: Instant) -> (u32, Duration) {
        let mut taken = 0;
        loop {
            match take(limit, text, now) {
                Ok(()) => taken += 1,
                Err(wait) => return (taken, wait),
            }
        }
    }

    #[test]
    fn a_burst_is_let_through_and_then_as_many_a_minute() {
        let (limit, start) = (limit(300), Instant::now());
        let after = |millis| start + Duration::from_millis(millis);
        assert_eq!(
            drain(&limit, "192.0.2.1", start),
            (300, Duration::from_millis(200))
        );
        assert_eq!(drain(&limit, "192.0.2.1", after(199)).0, 0);
        assert_eq!(drain(&limit, "192.0.2.1", after(200)).0, 1);
        assert_eq!(drain(&limit, "192.0.2.1", after(1200)).0, 5);
        assert_eq!(drain(&limit, "192.0.2.1", after(61_200)).0, 300);
        assert_eq!(
            drain(&limit, "192.0.2.1", after(10_000_000)).0,
            300,
            "not more after a long rest"
        );
    }

    #[test]
    fn what_is_refused_takes_nothing_out() {
        let (limit, start) = (limit(1), Instant::now());
        drain(&limit, "192.0.2.1", start);
        for second in 0..60 {
            let now = start + Duration::from_secs(second);
            assert!(take(&limit, "192.0.2.1", now).is_err(), "{second}");
        }
        assert_eq!(take(&limit, "192.0.2.1", start + FILLS_IN), Ok(()));
    }

    #[test]
    fn each_ipv4_address_and_each_ipv6_64_has_a_bucket() {
        let (limit, now) = (limit(3), Instant::now());
        for (first, same) in [
            ("192.0.2.1", "::ffff:192.0.2.1"),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ] {
            assert_eq!(drain(&limit, first, now).0, 3);
            assert_eq!(drain(&limit, same, now).0, 0, "{same}");
        }
        for other in ["192.0.2.2", "2001:db8:1:3::1", "::c000:201"] {
            assert_eq!(drain(&limit, other, now).0, 3, "{other}");
        }
    }

    #[test]
    fn a_million_addresses_take_bounded_memory_and_full_buckets_are_forgotten() {
        let (limit, start) = (limit(1), Instant::now());
        let held = || {
            let buckets = limit.buckets.lock().unwrap();
            (
                buckets.young.len() + buckets.old.len(),
                buckets.young.capacity().max(buckets.old.capacity()),
            )
        };
        for number in 0..1_000_000_u32 {
            assert_eq!(limit.take_here(Neighbourhood::V4(number), start), Ok(()));
        }
        let (entries, capacity) = held();
        assert!(
            entries <= 2 * GENERATION && capacity <= 2 * GENERATION,
            "{entries} {capacity}"
        );
        for recent in [999_999, 1_000_000 - u32::try_from(GENERATION).unwrap()] {
            assert!(
                limit.take_here(Neighbourhood::V4(recent), start).is_err(),
                "{recent}"
            );
        }
        for minutes in 1..=2 {
            assert_eq!(take(&limit, "192.0.2.1", start + minutes * FILLS_IN), Ok(()));
        }
        assert_eq!(held().0, 1 + 1);
    }
}
