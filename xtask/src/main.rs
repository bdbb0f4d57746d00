//! `cargo xtask`: what continuous integration runs and what a person runs.

use std::{env, process::ExitCode};

use run::Stop;

mod bench;
mod check;
mod dist;
mod fuzz;
mod javascript;
mod packages;
mod postman;
mod run;
mod screenshots;
mod services;
mod test;

const HELP: &str = "\
cargo xtask test [--crate NAME] [FILTER]   every test, and the examples in the documentation;
                                           --crate runs those of one crate, FILTER those whose
                                           name holds it (then without the documentation's);
                                           --crate @jeton/client: the JavaScript client alone
cargo xtask check                          formatting, lints, documentation, dependencies, spelling
cargo xtask screenshots [FOLDER]           every page in every state, light and dark, wide and narrow, as PNG
                                           in FOLDER, or in target/screenshots
cargo xtask bench [FILTER] [OPTIONS]       the measurements in bench/, or those whose name holds
                                           FILTER; what bench/ itself understands goes through
cargo xtask bench guard [ROUNDS]           a guarded route beside the same route unguarded
cargo xtask bench service [NAME]…          the service from outside: start, checks, logins, storm,
                                           refresh, postgres, lag, timing, move, growth, revocations
cargo xtask fuzz requests [OPTIONS]        requests nobody thought of, at every route: ten minutes, or
                                           --seconds N; --seed S chooses the same again
cargo xtask fuzz races [OPTIONS]           16 clients at random acts, and an oracle: two minutes on one
                                           process; --nodes 3, --redis, --clock; both take --release
                                           (debug is the default), and --built for a binary that is there
cargo xtask postman                        writes docs/postman/jeton.json anew, from the API's document
cargo xtask dist                           the binary to hand to others, in target/dist: release, and
                                           without a path of this machine
cargo xtask help                           this text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into())
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match command(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            eprintln!("xtask: {stop}");
            ExitCode::from(stop.code())
        }
    }
}

fn command(arguments: &[&str]) -> Result<(), Stop> {
    match arguments {
        ["test", rest @ ..] => test::run(&test::Selection::parse(rest)?),
        ["check"] => check::run(),
        ["dist"] => dist::run(),
        ["postman"] => postman::run(),
        ["screenshots", rest @ ..] => screenshots::run(rest),
        ["bench", rest @ ..] => bench::run(rest),
        ["fuzz", rest @ ..] => fuzz::run(rest),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => Err(Stop::refused(format!(
            "`{}` is not one of its commands, which are:\n{HELP}",
            arguments.join(" ")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn an_unknown_command_is_refused_with_the_known_ones() {
        let stop = command(&["tests"]).unwrap_err();

        assert_ne!(stop.code(), 0);
        assert!(
            stop.to_string().starts_with("`tests` is not one of its commands"),
            "{stop}"
        );
        assert!(stop.to_string().contains("cargo xtask test "), "{stop}");
    }

    #[test]
    fn check_takes_no_arguments() {
        assert!(command(&["check", "--fast"]).is_err());
    }
}
