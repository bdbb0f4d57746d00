//! Commands at a terminal, as somebody who sits before one sees them.

use std::process::Command;

use crate::process::{Finished, Home};

/// Runs `$JETON` with the arguments on a terminal of its own, waits for each text that is to be shown and then types
/// what goes with it, and prints everything that was shown.
const TYPIST: &str = "\
import os, pty, sys
expected = [line.split('=', 1) for line in os.environ['DIALOGUE'].splitlines()]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(os.environ['JETON'], ['jeton'] + sys.argv[1:])
shown, seen = b'', 0
while True:
    try:
        more = os.read(terminal, 1024)
    except OSError:
        break
    if not more:
        break
    shown += more
    if expected and expected[0][0].encode() in shown[seen:]:
        seen = len(shown)
        os.write(terminal, expected.pop(0)[1].encode() + b'\\n')
print(shown.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
";

fn typed<const N: usize>(home: &Home, arguments: [&str; N], dialogue: &str) -> Finished {
    let jeton = home.command([]);
    let mut command = Command::new("python3");
    command
        .args(["-c", TYPIST])
        .args(arguments)
        .current_dir(home.path())
        .envs(jeton.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .env("JETON", jeton.get_program())
        .env("DIALOGUE", dialogue);
    Finished::of(command.output().unwrap())
}

#[test]
fn a_password_is_asked_for_twice_and_not_shown() {
    let home = Home::new();
    let create = ["users", "create", "root", "--role", "admin", "--password-stdin"];
    let differing = typed(&home, create, "Password: =pass1425\nThe same again: =pass1426");
    assert!(
        !differing.succeeded && differing.out.contains("the two passwords differ"),
        "{differing:?}"
    );
    let made = typed(&home, create, "Password: =pass1425\nThe same again: =pass1425");
    assert!(
        made.succeeded && made.out.trim_end().ends_with(" root"),
        "{made:?}"
    );
    for shown in [&differing.out, &made.out] {
        assert!(!shown.contains("pass142"), "{shown}");
    }
    let server = home.start();
    assert_eq!(server.login("root").status, 200);
}

#[test]
fn a_pipe_gives_one_line_and_need_not_end() {
    let home = Home::new();
    let mut command = home.command(["users", "create", "root", "--password-stdin"]);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut pipe, b"pass1425\nnot of the password\n").unwrap();
    assert!(child.wait().unwrap().success());
    drop(pipe);
    assert_eq!(home.start().login("root").status, 200);
}

#[test]
fn a_command_that_reads_what_is_typed_says_so() {
    let home = Home::new();
    let told = typed(&home, ["token", "inspect", "-"], "Ctrl-D=\u{4}");
    assert!(
        told.out
            .contains("Reading the text from standard input; Ctrl-D ends it."),
        "{told:?}"
    );
}
