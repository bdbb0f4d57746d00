//! docs/clients.

use std::fs;

use super::{Try, commands, each_works, page, shell};
use crate::process::Home;

#[test]
fn every_command_works_as_it_is_written() {
    each_works("clients/README.md", &Home::new(), &TRIES);
}

/// Each page makes its client by one command, and shows what that prints.
#[test]
fn every_preset_prints_the_settings_on_its_page() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/clients");
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let pages: Vec<_> = names.filter(|name| name != "README.md").collect();
    assert!(pages.len() >= 12, "{pages:?}");
    let home = Home::new();
    for name in pages {
        let text = page(&format!("clients/{name}"));
        let written: Vec<_> = commands(&text)
            .into_iter()
            .filter(|command| command.starts_with("jeton clients create"))
            .collect();
        let [command] = written.as_slice() else {
            panic!("{name}: {written:?}");
        };
        let made = shell(&home, &format!("{command} --json --issuer https://id.example"));
        assert!(made.succeeded, "{name}: {made:?}");
        let made: serde_json::Value = serde_json::from_str(&made.out).unwrap();
        let mut settings = made["settings"].as_str().unwrap().to_owned();
        for (member, placeholder) in [("client_id", "CLIENT_ID"), ("client_secret", "CLIENT_SECRET")] {
            if let Some(value) = made[member].as_str() {
                settings = settings.replace(value, placeholder);
            }
        }
        assert!(text.contains(&settings), "{name} lacks {settings}");
    }
}

/// Commands on the client that is made before each.
macro_rules! of_the_shop {
    ($command:literal) => {
        concat!(
            "jeton clients create shop --redirect-uri https://shop.example/callback --json >made; \
             ID=$(jq -r .client_id made); ",
            $command
        )
    };
}

const TRIES: [Try; 7] = [
    Try::new(
        "jeton clients create billing --scope invoices:read",
        "client_secret jeton_sk_",
    ),
    Try::new(
        "jeton clients create shop --redirect-uri https://shop.example/callback",
        "client_secret jeton_sk_",
    ),
    Try::new(
        "jeton clients create app --public --redirect-uri com.example.app:/callback",
        "client_id     ",
    ),
    Try::new(
        "jeton clients create grafana --preset grafana --url https://grafana.example",
        "[auth.generic_oauth]\n",
    ),
    Try::typed(
        "jeton clients show ID",
        of_the_shop!("jeton clients show \"$ID\""),
        "pkce                           required\n",
    ),
    Try::typed(
        "jeton clients change ID --redirect-uri https://shop.example/callback --redirect-uri https://shop.example/return",
        of_the_shop!(
            "jeton clients change \"$ID\" --redirect-uri https://shop.example/callback \
             --redirect-uri https://shop.example/return"
        ),
        "redirect_uris                  https://shop.example/callback https://shop.example/return\n",
    ),
    Try::typed(
        "jeton clients rotate ID",
        of_the_shop!("jeton clients rotate \"$ID\""),
        "client_secret jeton_sk_",
    ),
];
