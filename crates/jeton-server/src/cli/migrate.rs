use super::{Outcome, block_on};
use crate::{config::Config, store};

/// Opening the store is what brings its schema up to date.
pub(super) fn run(config: &Config) -> Outcome {
    block_on(async {
        let store = store::open(&config.database_url).await?;
        store.close().await;
        println!("the database schema is up to date");
        Ok(())
    })?
}
