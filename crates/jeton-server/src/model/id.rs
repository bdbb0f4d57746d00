//! Identifiers: `UUIDv7` values (RFC 9562), one type for each thing they name.

use std::{
    fmt,
    str::FromStr,
    time::{SystemTime, UNIX_EPOCH},
};

use uuid::{Builder, Uuid};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// Builds a `UUIDv7` from the time and ten random bytes.
            #[must_use]
            pub fn new(now: SystemTime, random: [u8; 10]) -> Self {
                Self(uuid_v7(now, &random))
            }

            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    };
}

id! {
    /// The id of a user; the `sub` of the tokens issued to them.
    UserId
}
id! {
    /// The id of a client; its `client_id`, and the `sub` of tokens it gets for itself.
    ClientId
}
id! {
    /// The id of a session; the `sid` of its tokens.
    SessionId
}
id! {
    /// The id of a ceremony. It opens nothing: whoever goes on with a ceremony has its secret.
    CeremonyId
}
id! {
    /// The id of a message in the outbox; stays the same however often it is sent.
    MessageId
}
id! {
    /// The id of one access token; its `jti`.
    TokenId
}

impl ClientId {
    /// The client as events, revocations and the `sub` of tokens name it. They name users and clients alike, so an id is
    /// given to one of them alone.
    #[must_use]
    pub const fn subject(self) -> UserId {
        UserId(self.0)
    }

    /// The client that a subject may be.
    #[must_use]
    pub const fn of_subject(subject: UserId) -> Self {
        Self(subject.0)
    }
}

fn uuid_v7(now: SystemTime, random: &[u8; 10]) -> Uuid {
    let millis = now
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis());
    Builder::from_unix_timestamp_millis(u64::try_from(millis).unwrap_or(u64::MAX), random).into_uuid()
}

macro_rules! id_as_text {
    ($($name:ident),+) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut buffer = Uuid::encode_buffer();
                serializer.serialize_str(self.0.hyphenated().encode_lower(&mut buffer))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(|_| serde::de::Error::custom("not a UUID"))
            }
        }
    )+};
}

id_as_text!(UserId, ClientId, SessionId, TokenId);
