/// The signature is not the key's, or the cryptographic library failed: to a caller the same.
#[derive(Debug)]
pub(crate) struct BadSignature;
