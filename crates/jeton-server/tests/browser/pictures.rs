//! Pictures of every page, for somebody who looks at them: `cargo xtask screenshots`.

use std::{env, fs, path::PathBuf};

use crate::{
    browser::{Browser, NARROW, Scheme, WIDE},
    screens::{self, Stage},
};

#[test]
#[ignore = "it holds nothing: cargo xtask screenshots draws with it"]
fn every_page_and_state_is_drawn() {
    let folder = env::var_os("JETON_SCREENSHOTS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/screenshots")),
        PathBuf::from,
    );
    fs::create_dir_all(&folder).unwrap();
    let (stage, browser) = (Stage::set(), Browser::open());
    for screen in screens::all() {
        browser.resize(WIDE);
        stage.enter(&browser, screen);
        stage.show(&browser, screen);
        for (scheme, suffix) in [(Scheme::Light, ""), (Scheme::Dark, "-dark")] {
            browser.prefer(scheme);
            for (size, width) in [(WIDE, ""), (NARROW, "-narrow")] {
                let file = format!("{}{width}{suffix}.png", screen.name);
                browser.save_picture(size, &folder.join(file));
            }
        }
    }
}
