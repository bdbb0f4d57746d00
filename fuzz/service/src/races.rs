//! Clients at random acts, against one process or three, with processes killed and clocks astray; then the oracle.

mod acts;
mod client;
mod finale;
mod history;
mod operator;
mod oracle;
mod report;
mod stage;
mod world;

use std::{
    io,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use client::Client;
use history::{Act, History, Outcome, Place, User, What};
use operator::Operator;
use stage::Stage;
use world::{ADMINISTRATORS, PEOPLE, World};

use crate::{Verdict, options::Options, requests::SECRET};

/// Every password begins so: none may be logged.
pub const PASSWORD: &str = SECRET;

/// The numbers of those who are no ordinary clients.
const FIRST: usize = 900;
const LAST: usize = 901;

pub fn run(options: &Options) -> Verdict {
    let stage = Stage::new(options)?;
    let (world, history) = (World::new(), History::new());
    let wall = client::wall() - history.now().as_secs_f64();
    let mut operator = Operator::new(options, &stage);
    found(&stage, &world, &history)?;
    operator.start_all()?;
    people(options, &stage, &world, &history)?;

    let is_over = AtomicBool::new(false);
    let mut troubles = thread::scope(|scope| {
        for number in 0..options.clients {
            let mut client = Client::new(number, options.seed, &stage, &world, &history);
            let (is_over, world) = (&is_over, &world);
            scope.spawn(move || {
                while !is_over.load(Ordering::SeqCst) {
                    let _going = world.gate.read().unwrap_or_else(PoisonError::into_inner);
                    client.act_at_random();
                }
            });
        }
        let troubles = operator.operate(options.duration, &world);
        is_over.store(true, Ordering::SeqCst);
        troubles
    })?;

    let mut last = Client::new(LAST, options.seed, &stage, &world, &history);
    finale::sweep(&mut last);
    troubles.extend(finale::last_stand(&mut last));
    let trail = finale::trail(&stage);
    let acts = history.acts();
    let mut violations = oracle::judge(&acts, wall);
    match trail {
        Ok(trail) => {
            let ids: Vec<_> = world
                .state()
                .users
                .iter()
                .map(|person| person.id.clone())
                .collect();
            violations.extend(oracle::judge_trail(&acts, &ids, &trail));
        }
        Err(trouble) => troubles.push(trouble),
    }
    Ok(report::tell(options, &acts, &violations, &troubles))
}

/// Makes the administrators, on the command line.
fn found(stage: &Stage, world: &World, history: &History) -> io::Result<()> {
    let mut founded = Vec::new();
    for _ in 0..ADMINISTRATORS + 2 {
        let (user, name, password) = {
            let mut state = world.state();
            let (user, password) = (state.person("administrator"), state.new_password());
            state.users[user].passwords.push(Arc::clone(&password));
            (user, state.users[user].name.clone(), password)
        };
        let began = history.now();
        let arguments = ["users", "create", &name, "--role", "admin", "--password-stdin"];
        let said = stage.setup().must(&arguments, &password)?;
        world.state().users[user].id = said.split(' ').next().unwrap_or_default().to_owned();
        history.add(founding(user, password, began, history.now()));
        founded.push(user);
    }
    let mut state = world.state();
    state.duellists = [founded[0], founded[1]];
    state.administrators = founded.split_off(2);
    Ok(())
}

fn founding(user: User, password: Arc<str>, began: Duration, ended: Duration) -> Act {
    Act {
        number: 0,
        client: FIRST,
        place: Place::CommandLine,
        user,
        with: None,
        began,
        ended,
        what: What::Register { password },
        outcome: Outcome::Done,
    }
}

fn people(options: &Options, stage: &Stage, world: &World, history: &History) -> io::Result<()> {
    let mut client = Client::new(FIRST, options.seed, stage, world, history);
    for _ in 0..PEOPLE {
        let user = client
            .register()
            .ok_or_else(|| io::Error::other("nobody can register"))?;
        world.state().places.push(user);
    }
    Ok(())
}
