//! Any text as one that a token was pasted in. The code is the service's and is taken by its file: nothing else of the
//! service is needed, which takes minutes to build.
#![no_main]

use libfuzzer_sys::fuzz_target;

// A module with a path of its own is a folder; a file named by a path would look for its tests beside itself.
#[path = "../../crates/jeton-server/src/model"]
mod model {
    pub mod pasted;
}

fuzz_target!(|text: &str| {
    let Some(token) = model::pasted::token_in(text) else {
        return;
    };
    assert!(!token.contains(char::is_whitespace), "it is one word");
    assert!(token.matches('.').count() >= 2, "it has parts");
    assert!(
        token.bytes().all(|byte| text.as_bytes().contains(&byte)),
        "all of it is in the text"
    );
    assert_eq!(
        model::pasted::token_in(&token),
        Some(token),
        "it is found again by itself"
    );
});
