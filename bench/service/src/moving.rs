//! A hundred thousand users and sessions moved from SQLite to PostgreSQL while clients keep refreshing.

use std::{
    cell::Cell,
    io,
    path::Path,
    process::{Command, Output},
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::task::{spawn_blocking, spawn_local};

use crate::{
    Outcome,
    client::Client,
    growth, load, report,
    server::{CHEAP, Server, UNLIMITED},
    servers,
    users::{self, Session},
};

const SIZE: usize = 100_000;
const CLIENTS: usize = 16;
/// Asked again so long after the source took nothing.
const PAUSE: Duration = Duration::from_millis(20);

pub fn measure(binary: &Path) -> Outcome {
    let postgres = servers::postgres(true);
    let target = postgres.url();
    let folder = tempfile::tempdir()?;
    let settings = [&UNLIMITED[..], &CHEAP].concat();
    let server = Server::started(binary, folder.path(), &settings)?;
    let names = (0..CLIENTS).map(|number| format!("client{number}"));
    let names = load::run(users::register(server.address, names))?;
    load::run(growth::fill(folder.path(), 0..SIZE))?;
    server.sealed(Duration::from_secs(600))?;

    let began = Instant::now();
    let (moved, tokens, refreshes) =
        load::run(refresh_during(&server, &names, binary, folder.path(), target))?;
    let took = began.elapsed();
    let said = String::from_utf8_lossy(&moved.stdout);
    if !moved.status.success() {
        return Err(format!("the move failed: {}", String::from_utf8_lossy(&moved.stderr)).into());
    }
    drop(server);
    let settings = [&settings[..], &["--database-url", target]].concat();
    let server = Server::started(binary, folder.path(), &settings)?;
    let logged_out = load::run(go_on(&server, tokens))?;
    drop(server);
    let read_only = said
        .split_once("read-only for ")
        .and_then(|(_, rest)| rest.split_once(" s"))
        .map_or("?", |(seconds, _)| seconds);
    report(
        "move",
        &format!(
            "{SIZE} users and sessions in {:.1} s, read-only for {read_only} s, {refreshes} refreshes meanwhile, \
             {logged_out} of {CLIENTS} clients logged out",
            took.as_secs_f64()
        ),
        "nobody logged out",
        logged_out == 0,
    );
    Ok(())
}

/// Moves while every client refreshes as fast as it is answered; gives their last tokens.
async fn refresh_during(
    server: &Server,
    names: &[String],
    binary: &Path,
    folder: &Path,
    target: &str,
) -> io::Result<(Output, Vec<String>, usize)> {
    let (is_over, refreshes) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(0)));
    let mut clients = Vec::new();
    for name in names {
        let mut client = Client::connect(server.address).await?;
        let session = users::sign_in(&mut client, name).await?;
        clients.push(spawn_local(keep_refreshing(
            client,
            session.refresh,
            Rc::clone(&is_over),
            Rc::clone(&refreshes),
        )));
    }
    let mut command = Command::new(binary);
    command
        .env_clear()
        .current_dir(folder)
        .args(["migrate", "--from", "sqlite://jeton.db", "--to", target]);
    let moved = spawn_blocking(move || command.output()).await??;
    is_over.set(true);
    let mut tokens = Vec::new();
    for client in clients {
        tokens.push(client.await??);
    }
    Ok((moved, tokens, refreshes.get()))
}

async fn keep_refreshing(
    mut client: Client,
    mut token: String,
    is_over: Rc<Cell<bool>>,
    refreshes: Rc<Cell<usize>>,
) -> io::Result<String> {
    while !is_over.get() {
        let answer = client.refresh(&token).await?;
        if answer.status == 503 {
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        token = answer.json::<Session>()?.refresh;
        refreshes.set(refreshes.get() + 1);
    }
    Ok(token)
}

/// How many clients have to sign in again.
async fn go_on(server: &Server, tokens: Vec<String>) -> io::Result<usize> {
    let mut client = Client::connect(server.address).await?;
    let mut logged_out = 0;
    for token in tokens {
        logged_out += usize::from(client.refresh(&token).await?.status != 200);
    }
    Ok(logged_out)
}
