//! `jeton restored`: the step after a back-up was restored, before anything is served from it.

use super::{
    counted::counted,
    running::{Outcome, block_on},
    writing::signing,
};
use crate::{
    config::Config,
    service::machinery::clock::{Clock, SystemClock},
    store::{Restored, restore},
};

pub(super) fn run(config: &Config) -> Outcome {
    let restored = Restored {
        at: SystemClock.now().into(),
    };
    let sessions = block_on(restore(&config.database_url, restored, &signing(config)))??;
    let ended = counted(sessions, "session has", "sessions have");
    println!("{ended} ended, and everybody has to sign in again.");
    if config.secrets.current.is_some() {
        println!(
            "JWT_SECRET is set: who checks tokens with it and follows no revocations accepts what was issued before \
             until it expires."
        );
    }
    wait_out(restored)
}

/// Waits until no new token can be taken for an old one: clocks may be apart.
pub(super) fn wait_out(restored: Restored) -> Outcome {
    println!(
        "No token issued before {} is accepted any more. Until then nothing should be issued: waiting.",
        restored.accepted_from()
    );
    let left = || restored.accepted_from().since(SystemClock.now().into());
    block_on(async {
        while !left().is_zero() {
            tokio::time::sleep(left()).await;
        }
    })?;
    println!("The service can be started.");
    Ok(())
}
