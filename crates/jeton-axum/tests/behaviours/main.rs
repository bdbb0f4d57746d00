//! What users of Flask-JWT-Extended rely on: one test for each behaviour its own suite asserts, in a module
//! and under a name of theirs. Where this crate differs on purpose, the test says so and holds the difference;
//! `docs/flask-jwt-extended.md` gives the reasons.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod add_context_processor;
mod additional_claims_loader;
mod asymmetric_crypto;
mod blocklist;
mod claims_verification;
mod complete;
mod config;
mod cookies;
mod decode_tokens;
mod get_jwt_in_non_protected_contexts;
mod get_methods_in_optional_endpoint;
mod headers;
mod json;
mod jwt_header_loader;
mod multiple_token_locations;
mod options_method;
mod query_string;
mod support;
mod user_lookup;
mod view_decorators;
