//! Standard input, where a person may sit before it.

use std::{
    error::Error,
    io::{self, BufRead, IsTerminal, Stdin, stdin},
};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::model::password::Password;

/// Says that standard input is read to its end, to somebody who would otherwise see nothing happen.
pub(super) fn announce(what: &str) {
    if stdin().is_terminal() {
        eprintln!("Reading {what} from standard input; Ctrl-D ends it.");
    }
}

/// The answer to a question, or nothing where there is nobody to ask.
pub(super) fn answer(question: &str) -> io::Result<Option<String>> {
    if !stdin().is_terminal() {
        return Ok(None);
    }
    eprint!("{question}");
    let mut line = String::new();
    stdin().read_line(&mut line)?;
    Ok(Some(line.trim().to_owned()))
}

/// A new password: the first line of standard input, or at a terminal one that is asked for twice and not shown.
pub(super) fn new_password() -> Result<Password, Box<dyn Error>> {
    let input = stdin();
    if !input.is_terminal() {
        return Ok(Password::presented(line(&input)?.to_string()));
    }
    let hidden = Hidden::begin(&input)?;
    let password = ask(&input, "Password: ")?;
    let again = ask(&input, "The same again: ")?;
    drop(hidden);
    if *password != *again {
        return Err("the two passwords differ: nothing was done".into());
    }
    Ok(Password::presented(password.to_string()))
}

fn ask(input: &Stdin, question: &str) -> io::Result<Zeroizing<String>> {
    eprint!("{question}");
    let answer = line(input);
    // The one that was typed was not shown.
    eprintln!();
    answer
}

/// A line without its end.
fn line(input: &Stdin) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    input.lock().read_line(&mut text)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    Ok(Zeroizing::new(line.to_owned()))
}

/// A terminal that does not show what is typed, for as long as this lives.
struct Hidden<'a> {
    input: &'a Stdin,
    before: Termios,
}

impl<'a> Hidden<'a> {
    fn begin(input: &'a Stdin) -> io::Result<Self> {
        let before = tcgetattr(input)?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(input, OptionalActions::Now, &hidden)?;
        Ok(Self { input, before })
    }
}

impl Drop for Hidden<'_> {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing back.
        let _ = tcsetattr(self.input, OptionalActions::Now, &self.before);
    }
}
