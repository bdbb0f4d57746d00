//! Any text as one that a token was pasted in. The code is the service's; it is taken by its file, since nothing else of
//! the service is needed.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/jeton-server/src/model/pasted.rs"]
mod pasted;

fuzz_target!(|text: &str| {
    let Some(token) = pasted::token_in(text) else {
        return;
    };
    assert!(!token.contains(char::is_whitespace), "it is one word");
    assert!(token.matches('.').count() >= 2, "it has parts");
    assert!(token.bytes().all(|byte| text.as_bytes().contains(&byte)), "all of it is in the text");
    assert_eq!(pasted::token_in(&token), Some(token), "it is found again by itself");
});
