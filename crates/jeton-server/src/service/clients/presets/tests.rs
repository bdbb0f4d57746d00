use std::{collections::BTreeSet, fs, path::PathBuf};

use super::*;
use crate::model::{
    client::{change::NewClient, registration::Registration},
    id::ClientId,
    time::Timestamp,
};

const PAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/clients");

/// The program's address on its page.
fn example(preset: &Preset) -> String {
    format!("https://{}.example", preset.name.replace('_', "-"))
}

fn registered(preset: &Preset, url: &str) -> Registration {
    let new = NewClient {
        name: preset.name.parse().unwrap(),
        scopes: preset.scopes(),
        registration: preset.registration(url).unwrap(),
    };
    let made = new.make(ClientId::from_bytes([1; 16]), Timestamp::from_seconds(1));
    let client = made.unwrap_or_else(|error| panic!("{}: {error}", preset.name));
    assert_eq!(client.scopes.len(), preset.scopes.len(), "{}", preset.name);
    client.registration
}

#[test]
fn every_preset_can_be_registered_at_its_own_address_and_at_another() {
    let mut names: Vec<_> = ALL.iter().map(|preset| preset.name).collect();
    for preset in &ALL {
        registered(preset, preset.url);
        let there = registered(preset, "https://app.example/");
        for address in &there.redirect_uris {
            assert!(
                address.as_str().starts_with("https://app.example") || preset.name == "mcp",
                "{address}"
            );
            assert!(!address.as_str().contains("example//"), "{address}");
        }
        assert!(Preset::named(preset.name).is_some());
    }
    assert!(names.is_sorted(), "{names:?}");
    names.dedup();
    assert_eq!(names.len(), ALL.len());
}

#[test]
fn settings_are_filled_in_to_the_last_placeholder() {
    for preset in &ALL {
        let text = preset.settings("https://id.example/", "https://app.example/", "id-1", "secret-1");
        for word in ["{issuer", "{url", "{client", "{in_query", "example//"] {
            assert!(!text.contains(word), "{}: {word}", preset.name);
        }
        assert!(text.contains("id-1"), "{}", preset.name);
        let has_secret = preset.authentication == ClientAuthentication::Secret;
        assert_eq!(text.contains("secret-1"), has_secret, "{}", preset.name);
    }
    let grafana = Preset::named("grafana").unwrap();
    let text = grafana.settings("https://id.example", "https://g.example", "id-1", "s");
    assert!(
        text.contains("client_id=id-1&post_logout_redirect_uri=https%3A%2F%2Fg.example%2Flogin"),
        "{text}"
    );
}

/// A page says what the preset prints, and each has one.
#[test]
fn pages_and_presets_agree() {
    let list = fs::read_to_string(format!("{PAGES}/README.md")).unwrap();
    for preset in &ALL {
        let page = fs::read_to_string(format!("{PAGES}/{}.md", preset.name)).unwrap();
        let url = example(preset);
        let settings = preset.settings("https://id.example", &url, "CLIENT_ID", "CLIENT_SECRET");
        assert!(page.contains(&settings), "{}.md lacks\n{settings}", preset.name);
        for address in registered(preset, &url).redirect_uris {
            let quoted = format!("`{address}`");
            assert!(page.contains(&quoted), "{}.md lacks {quoted}", preset.name);
        }
        let command = format!("jeton clients create {0} --preset {0}", preset.name);
        assert!(page.contains(&command), "{}.md lacks {command}", preset.name);
        let says_optional = page.contains("`pkce optional`");
        assert_eq!(says_optional, preset.pkce == Pkce::Optional, "{}.md", preset.name);
        assert!(list.contains(&format!("({}.md)", preset.name)), "{}", preset.name);
    }
    let pages: BTreeSet<String> = fs::read_dir(PAGES)
        .unwrap()
        .map(|entry| PathBuf::from(entry.unwrap().file_name()))
        .filter_map(|page| page.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .filter(|stem| stem != "README")
        .collect();
    let presets: BTreeSet<String> = ALL.iter().map(|preset| preset.name.to_owned()).collect();
    assert_eq!(pages, presets);
}
