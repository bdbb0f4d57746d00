//! A million users and sessions beside a thousand: what a refresh and a sign-in take, and how soon every page answers.

use std::{
    error::Error,
    io,
    path::Path,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use jeton_server::{
    config::{Config, Loaded, Sources},
    model::{
        audit::{Action, Event},
        claims::CustomClaims,
        device::Device,
        email::EmailAddress,
        id::{SessionId, UserId},
        session::{Generation, Session as Row, SessionSecret},
        time::Timestamp,
        user::{Account, DeviceEpoch, PasswordHash, User, UserVersion},
        username::Username,
    },
    service::{
        audit::Chain,
        machinery::{keys::KeySealer, random::SystemRandom},
    },
    store::{self, Import, OpenSession, Opening, Proof, Signer, Store},
};
use tokio::task::JoinSet;

use crate::{
    Outcome,
    client::Client,
    load::{self, Latencies},
    pages, report,
    server::{CHEAP, Server, UNLIMITED},
    users::{self, Session},
};

const SMALL: usize = 1000;
const LARGE: usize = 1_000_000;
/// How many of them come back and are measured; they are spread over the whole table.
const SAMPLE: usize = 500;
/// In how many steps a table grows, a share of the sample after each.
const STEPS: usize = 10;
/// How many users a batch has, whose sessions then open at once.
const ABREAST: usize = 512;
const GOAL: f64 = 1.2;

pub fn measure(binary: &Path) -> Outcome {
    let (small_folder, large_folder) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let sample = grow(binary, small_folder.path(), SMALL)?;
    let began = Instant::now();
    grow(binary, large_folder.path(), LARGE)?;
    println!(
        "{:<24}{LARGE} users and sessions in {:.0?}",
        "grown",
        began.elapsed()
    );
    let settings = [&UNLIMITED[..], &CHEAP].concat();
    let small = Server::started(binary, small_folder.path(), &settings)?;
    let large = Server::started(binary, large_folder.path(), &settings)?;
    large.sealed(Duration::from_secs(600))?;
    let [few, many] = load::run(compare([&small, &large], &sample))?;
    for (what, few, many) in [
        ("sign-in", &few.sign_in, &many.sign_in),
        ("refresh", &few.refresh, &many.refresh),
    ] {
        let (few, many) = (few.quantile(0.5), many.quantile(0.5));
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        report(
            &format!("{what} at {LARGE}"),
            &format!("p50 {many:.1?}, at {SMALL} {few:.1?}, {ratio:.2} ×"),
            &format!("≤ {GOAL} ×"),
            ratio <= GOAL,
        );
    }
    pages::measure(binary, large_folder.path(), &large, &sample[0])
}

/// Fills a database to a number of users with a session each; gives the names of those that came through the front
/// door, whose password is known.
fn grow(binary: &Path, folder: &Path, size: usize) -> io::Result<Vec<String>> {
    let settings = [&UNLIMITED[..], &CHEAP].concat();
    let mut sample = Vec::new();
    for step in 0..STEPS {
        let server = Server::started(binary, folder, &settings)?;
        let share = step * SAMPLE / STEPS..(step + 1) * SAMPLE / STEPS;
        let names = share.map(|number| format!("sample{number}"));
        sample.extend(load::run(users::register(server.address, names))?);
        drop(server);
        let rest = size - SAMPLE;
        load::run(fill(folder, step * rest / STEPS..(step + 1) * rest / STEPS))?;
    }
    Ok(sample)
}

/// Straight into the store: the users as an import, the sessions as many abreast as it can group.
pub async fn fill(folder: &Path, numbers: std::ops::Range<usize>) -> io::Result<()> {
    let url = format!("sqlite://{}", folder.join("jeton.db").display());
    let store = store::open(&url).await.map_err(io::Error::other)?;
    let now = std::time::SystemTime::now();
    let signer = signer(&*store, &url, numbers.start)
        .await
        .map_err(io::Error::other)?;
    store
        .sign_events(signer, now.into())
        .await
        .map_err(io::Error::other)?;
    let numbers: Vec<usize> = numbers.collect();
    for batch in numbers.chunks(ABREAST) {
        let now = std::time::SystemTime::now();
        let accounts = batch.iter().map(|number| account(*number, now));
        let imported = store.import_accounts(accounts.collect()).await;
        if imported
            .map_err(io::Error::other)?
            .iter()
            .any(|one| *one != Import::Created)
        {
            return Err(io::Error::other("a user was there already"));
        }
        let mut tasks = JoinSet::new();
        for number in batch {
            tasks.spawn(open_session(Arc::clone(&store), *number, now));
        }
        while let Some(opened) = tasks.join_next().await {
            opened??;
        }
    }
    store.close().await;
    Ok(())
}

/// Signs events as the server does whose database this is.
async fn signer(store: &dyn Store, url: &str, number: usize) -> Result<Signer, Box<dyn Error + Send + Sync>> {
    let sources = Sources {
        flags: [("database-url".to_owned(), url.to_owned())].into(),
        ..Sources::default()
    };
    let config = Config::from_loaded(&Loaded::from_sources(&sources)?)?;
    let keys = store.keys().await?;
    let sealer = KeySealer::new(config.master_keys(!keys.is_empty(), &SystemRandom)?)?;
    let chain = Chain::new(&sealer.root(&keys)?)?;
    Ok(Signer::new(chain.key().clone(), (number as u128).to_be_bytes()))
}

async fn open_session(store: Arc<dyn Store>, number: usize, now: SystemTime) -> io::Result<()> {
    let (user, session) = (
        UserId::new(now, bytes(number)),
        SessionId::new(now, bytes(number)),
    );
    let opening = Opening {
        session: row(session, user, now.into()),
        proof: Proof::Vouched(UserVersion::default()),
        forgives: None,
        event: Event::new(Action::SignedIn, now.into())
            .user(user)
            .session(session),
    };
    match store.open_session(opening).await.map_err(io::Error::other)? {
        OpenSession::Opened(_) => Ok(()),
        OpenSession::AccountChanged => Err(io::Error::other(format!("user {number} is not there"))),
    }
}

/// Ten bytes that differ for every number and are in no order.
fn bytes(number: usize) -> [u8; 10] {
    let mixed = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&mixed);
    bytes
}

fn account(number: usize, now: SystemTime) -> (Account, Event) {
    let id = UserId::new(now, bytes(number));
    let hash =
        "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let account = Account {
        user: User {
            id,
            username: Username::parse(&format!("grown{number}")).expect("it is a name"),
            // Half of them have one.
            email: (number % 2 == 0).then(|| address(number)),
            roles: Vec::new(),
            claims: CustomClaims::default(),
            version: UserVersion::default(),
            device_epoch: DeviceEpoch::default(),
            disabled: false,
            created_at: now.into(),
            locale: None,
        },
        password_hash: Some(PasswordHash::new(hash.to_owned())),
        scheme: "$argon2id$v=19$m=8,t=1,p=1".to_owned(),
        reset_code: None,
    };
    (account, Event::new(Action::UserImported, now.into()).user(id))
}

fn address(number: usize) -> EmailAddress {
    let address = format!("grown{number}@example.org");
    address.parse().expect("it is an address")
}

fn row(id: SessionId, user_id: UserId, now: Timestamp) -> Row {
    let week = Duration::from_secs(7 * 24 * 3600);
    Row {
        id,
        user_id,
        generation: Generation::default(),
        secret: SessionSecret::new([1; 32]),
        refresh_key: "none".to_owned(),
        created_at: now,
        authenticated_at: now,
        rotated_at: now,
        last_seen_at: now,
        expires_at: now.plus(week),
        ends_at: now.plus(4 * week),
        accepted_until: now.plus(Duration::from_secs(900)),
        replays: 0,
        rested_at: now,
        device: Device::from_user_agent(Some("bench")),
        actor: None,
        ended_at: None,
        ended: None,
    }
}

struct Seen {
    sign_in: Latencies,
    refresh: Latencies,
}

/// Asks both in turn, so that what the machine does meanwhile hits both alike. Every name signs in and refreshes
/// twice; the first round only warms up.
async fn compare(servers: [&Server; 2], names: &[String]) -> io::Result<[Seen; 2]> {
    let mut clients = [
        Client::connect(servers[0].address).await?,
        Client::connect(servers[1].address).await?,
    ];
    let (mut sign_ins, mut refreshes) = ([vec![], vec![]], [vec![], vec![]]);
    for round in 0..3 {
        for name in names {
            for (which, client) in clients.iter_mut().enumerate() {
                let began = Instant::now();
                let session = users::sign_in(client, name).await?;
                let sign_in = began.elapsed();
                let began = Instant::now();
                let answer = client.refresh(&session.refresh).await?;
                let refresh = began.elapsed();
                answer.json::<Session>()?;
                if round > 0 {
                    sign_ins[which].push(sign_in);
                    refreshes[which].push(refresh);
                }
            }
        }
    }
    let [first_in, second_in] = sign_ins.map(Latencies::new);
    let [first, second] = refreshes.map(Latencies::new);
    Ok([
        Seen {
            sign_in: first_in,
            refresh: first,
        },
        Seen {
            sign_in: second_in,
            refresh: second,
        },
    ])
}
