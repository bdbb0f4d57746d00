//! Arguments that several commands take.

use clap::Args;

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Json {
    /// Print JSON, one object a line
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Yes {
    /// Do not ask
    #[arg(long)]
    pub(super) yes: bool,
}
