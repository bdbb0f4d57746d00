//! How soon every page answers: to nobody, to a person, and the console to an administrator.

use std::{
    io::{self, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use crate::{
    Outcome,
    client::Client,
    load::{self, Latencies},
    report,
    server::{CHEAP, Server},
    users,
};

/// How often each page is asked for.
const TIMES: usize = 300;
const GOAL: Duration = Duration::from_millis(10);
const SEARCH_GOAL: Duration = Duration::from_millis(50);
const ADMINISTRATOR: &str = "somebody-who-runs-it";

/// Answered to nobody, and with what stands in them to a person who is signed in.
const OPEN: [&str; 11] = [
    "/",
    "/signin",
    "/signup",
    "/signout",
    "/reset",
    "/reset/password",
    "/setup",
    "/welcome",
    "/docs",
    "/inspect",
    "/nowhere",
];
const ACCOUNT: [&str; 7] = [
    "/account",
    "/account/sessions",
    "/account/security",
    "/account/activity",
    "/account/data",
    "/account/data.json",
    "/account/state",
];
/// `{id}` is the administrator's own.
const CONSOLE: [&str; 12] = [
    "/console",
    "/console/figures",
    "/console/users",
    "/console/users/new",
    "/console/users/{id}",
    "/console/users/{id}/delete",
    "/console/clients",
    "/console/clients/new",
    "/console/keys",
    "/console/keys/access/rotate",
    "/console/audit",
    "/console/settings",
];
/// Many found, one, none; by an address; among the few with a role and the fewer who are disabled.
const SEARCHES: [&str; 9] = [
    "?q=grown5",
    "?q=grown123456",
    "?q=zebra",
    "?q=grown78%40example",
    "?q=grown&state=enabled",
    "?q=grown&state=disabled",
    "?q=grown&role=editor",
    "?role=admin",
    "?state=disabled",
];

/// Asks a service whose database in this folder has many users; the person is one of them.
pub fn measure(binary: &Path, folder: &Path, server: &Server, person: &str) -> Outcome {
    administrator(binary, folder)?;
    load::run(ask(server, person))?;
    Ok(())
}

/// Made by the command line: the first one always is.
fn administrator(binary: &Path, folder: &Path) -> io::Result<()> {
    let mut command = Command::new(binary)
        .env_clear()
        .current_dir(folder)
        .args([
            "users",
            "create",
            ADMINISTRATOR,
            "--role",
            "admin",
            "--password-stdin",
        ])
        .args(CHEAP)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    if let Some(mut stdin) = command.stdin.take() {
        writeln!(stdin, "{}", users::PASSWORD)?;
    }
    if !command.wait()?.success() {
        return Err(io::Error::other("no administrator was made"));
    }
    Ok(())
}

async fn ask(server: &Server, person: &str) -> io::Result<()> {
    let mut client = Client::connect(server.address).await?;
    let cookies = |session: &users::Session| format!("jeton_refresh={}", session.refresh);
    let person = cookies(&users::sign_in(&mut client, person).await?);
    let session = users::sign_in(&mut client, ADMINISTRATOR).await?;
    let (administrator, id) = (cookies(&session), session.user);
    for path in OPEN {
        one(&mut client, "nobody", path, "", GOAL).await?;
    }
    for path in OPEN.iter().chain(&ACCOUNT) {
        one(&mut client, "a person", path, &person, GOAL).await?;
    }
    for path in CONSOLE {
        let path = path.replace("{id}", &id);
        one(&mut client, "an administrator", &path, &administrator, GOAL).await?;
    }
    for query in SEARCHES {
        let path = format!("/console/users{query}");
        one(
            &mut client,
            "an administrator",
            &path,
            &administrator,
            SEARCH_GOAL,
        )
        .await?;
    }
    Ok(())
}

/// Asks for one page again and again, and tells its first byte.
async fn one(client: &mut Client, reader: &str, path: &str, cookies: &str, goal: Duration) -> io::Result<()> {
    let mut latencies = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let answer = client.page(path, cookies).await?;
        if answer.status >= 500 {
            return Err(io::Error::other(format!("{path} answered {}", answer.status)));
        }
        latencies.push(answer.first_byte);
    }
    let latencies = Latencies::new(latencies);
    let (median, slow) = (latencies.quantile(0.5), latencies.quantile(0.99));
    report(
        &format!("{path} to {reader}"),
        &format!("  p50 {median:.2?}, p99 {slow:.2?}"),
        &format!("< {goal:?}"),
        slow < goal,
    );
    Ok(())
}
