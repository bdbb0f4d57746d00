//! The types of the domain and their transitions. Nothing here reads a clock, a file or a socket.

pub mod acceptance;
pub mod audit;
pub mod brand;
pub mod ceremony;
pub mod claims;
pub mod client;
pub mod confirmed_time;
pub mod device;
pub mod digest;
pub mod email;
pub mod hex;
pub mod id;
pub mod key;
pub mod known_device;
pub mod locale;
pub mod password;
pub mod reset_code;
pub mod revocation;
pub mod role;
pub mod scope;
pub mod session;
pub mod throttle;
pub mod time;
pub mod user;
pub mod user_agent;
pub mod username;
