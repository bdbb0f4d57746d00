//! Every command that the documents name is one, with the arguments it is given there.

use std::{fs, path::PathBuf};

use clap::error::{ContextKind, ErrorKind};

/// Not commands: they go into hashes.
const LABELS: [&str; 6] = [
    "jeton master key",
    "jeton audit event",
    "jeton audit seal",
    "jeton audit forgotten",
    "jeton audit given up",
    "jeton audit base",
];

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn pages() -> Vec<PathBuf> {
    let folders = ["docs", "docs/clients", "docs/decisions"]
        .map(|folder| fs::read_dir(format!("{ROOT}/{folder}")).unwrap());
    let in_docs = folders.into_iter().flatten().map(|entry| entry.unwrap().path());
    let beside = ["README.md", "ARCHITECTURE.md", "SECURITY.md", "CONTRIBUTING.md"];
    let pages = in_docs.chain(beside.map(|name| PathBuf::from(ROOT).join(name)));
    pages
        .filter(|page| page.extension().is_some_and(|kind| kind == "md"))
        .collect()
}

/// The lines of shell blocks and the spans of code in the text that call `jeton`.
fn commands(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, part) in page.split("```").enumerate() {
        let calls: Vec<&str> = if number % 2 == 0 {
            part.split('`').skip(1).step_by(2).collect()
        } else if part.starts_with("sh\n") {
            part.lines().collect()
        } else {
            Vec::new()
        };
        for call in calls {
            let call = call.trim().replace("cargo run --release -- ", "jeton ");
            if call.starts_with("jeton ") && !LABELS.contains(&&*call) {
                found.push(call);
            }
        }
    }
    found
}

/// The words of a command as a shell takes them, up to where the command ends or is left open.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for character in command.chars() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            (None, ' ') => words.push(String::new()),
            (None, '[' | ']') => {}
            (_, other) => words.last_mut().unwrap().push(other),
        }
    }
    words.retain(|word| !word.is_empty());
    let end = words
        .iter()
        .position(|word| ["#", "|", ">", "&&", "…"].contains(&&**word));
    words.truncate(end.unwrap_or(words.len()));
    words
}

/// In the text a command may be named without all it needs, and with a word in the place of a value.
fn is_only_short(error: &clap::Error) -> bool {
    match error.kind() {
        ErrorKind::MissingRequiredArgument
        | ErrorKind::MissingSubcommand
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::DisplayHelp
        | ErrorKind::ValueValidation => true,
        ErrorKind::InvalidValue => {
            let value = error.get(ContextKind::InvalidValue);
            value.is_none_or(|value| value.to_string().is_empty())
        }
        _ => false,
    }
}

#[test]
fn every_command_in_the_documents_is_taken() {
    let (mut seen, mut refused) = (0, Vec::new());
    for page in pages() {
        for command in commands(&fs::read_to_string(&page).unwrap()) {
            let taken = super::command().try_get_matches_from(words(&command));
            if let Err(error) = taken
                && !is_only_short(&error)
            {
                refused.push(format!("{}: `{command}`: {:?}", page.display(), error.kind()));
            }
            seen += 1;
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
    assert!(seen > 60, "only {seen} commands were found");
}

#[test]
fn words_are_those_of_a_shell() {
    assert_eq!(
        words("jeton users set 'A b' --claims {\"a\":1} [--session ID] # why"),
        [
            "jeton",
            "users",
            "set",
            "A b",
            "--claims",
            "{a:1}",
            "--session",
            "ID"
        ]
    );
    assert_eq!(words("jeton users …"), ["jeton", "users"]);
}
