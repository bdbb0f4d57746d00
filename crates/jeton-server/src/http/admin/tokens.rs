pub(in crate::http) mod revoke;
