//! Jeton beside the bare primitives and the other JWT libraries of Rust.
//!
//! `cargo xtask bench [FILTER] [--rounds N]` prints a table of medians; FILTER is a part of a line's name,
//! such as `HS256` or `verify`. Everything is measured in one run, interleaved batch by batch and pinned to
//! one core, so that a ratio holds even where an absolute time does not.

mod contenders;
mod keys;
mod measure;
mod table;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut filter, mut rounds) = (String::new(), 400);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => match arguments.next().and_then(|number| number.parse().ok()) {
                Some(number) => rounds = number,
                None => return refuse("--rounds takes a number"),
            },
            option if option.starts_with('-') => return refuse("the only option is --rounds"),
            text => filter = text.to_owned(),
        }
    }
    let pinned = core_affinity::get_core_ids()
        .and_then(|cores| cores.last().copied())
        .is_some_and(core_affinity::set_for_current);
    if !pinned {
        eprintln!("not pinned to a core: expect more spread");
    }
    table::print_head(rounds);
    for line in contenders::lines()
        .into_iter()
        .filter(|line| line.name().contains(&filter))
    {
        let name = line.name();
        table::print_line(&name, &measure::interleaved(line.contenders, rounds));
    }
    table::print_foot();
    ExitCode::SUCCESS
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}
