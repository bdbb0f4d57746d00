//! Programs that call the service in their own name.

pub mod service_accounts;
