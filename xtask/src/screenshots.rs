//! `cargo xtask screenshots`: a picture of every page in every state, to be looked at.

use std::path::Path;

use crate::{
    packages,
    run::{self, Stop, cargo, root},
};

/// What draws them: a test that is ignored elsewhere.
const DRAW: &str =
    "test --package jeton-server --test browser -- --ignored --exact pictures::every_page_and_state_is_drawn";

pub(crate) fn run(arguments: &[&str]) -> Result<(), Stop> {
    let folder = match *arguments {
        [] => root().join("target/screenshots"),
        [folder] if !folder.starts_with('-') => std::path::absolute(Path::new(folder))
            .map_err(|error| Stop::refused(format!("{folder}: {error}")))?,
        _ => {
            return Err(Stop::refused(format!(
                "`screenshots` takes one FOLDER, which is optional, not `{}`",
                arguments.join(" ")
            )));
        }
    };
    packages::ensure("the screenshots", packages::BROWSER)?;
    packages::ensure("the screenshots", packages::SCREENSHOTS)?;
    run::run(cargo(DRAW).env("JETON_SCREENSHOTS", &folder))?;
    eprintln!("They are in {}.", folder.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn what_is_no_folder_is_refused() {
        for arguments in [&["--dark"][..], &["one", "two"]] {
            let stop = run(arguments).unwrap_err();
            assert!(stop.to_string().contains(&arguments.join(" ")), "{stop}");
        }
    }
}
