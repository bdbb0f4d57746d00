//! A clock that can be moved while the process runs, by libfaketime.

use std::{fs, io, path::PathBuf};

use crate::server::Setup;

const FILE: &str = "FAKETIME_TIMESTAMP_FILE";

pub struct Astray {
    file: PathBuf,
}

impl Astray {
    /// Starts processes of this setup with a clock that can be moved; it is right for now.
    pub fn prepare(setup: &mut Setup) -> io::Result<Self> {
        let library = library().ok_or_else(|| io::Error::other("libfaketime is not installed"))?;
        let astray = Self {
            file: setup.folder.join(format!("clock-{}", setup.address.port())),
        };
        astray.move_by(0)?;
        let variables = [
            ("LD_PRELOAD", library.to_string_lossy().into_owned()),
            (FILE, astray.file.to_string_lossy().into_owned()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            // Timers go on as they would.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("DONT_FAKE_MONOTONIC", "1".to_owned()),
        ];
        setup
            .variables
            .extend(variables.map(|(name, value)| (name.to_owned(), value)));
        Ok(astray)
    }

    /// The clock of a setup that was prepared.
    pub fn of(setup: &Setup) -> Option<Self> {
        let (_, file) = setup.variables.iter().find(|(name, _)| name == FILE)?;
        Some(Self { file: file.into() })
    }

    /// So many seconds ahead of the right time.
    pub fn move_by(&self, seconds: i64) -> io::Result<()> {
        let new = self.file.with_extension("new");
        fs::write(&new, format!("{seconds:+}\n"))?;
        fs::rename(new, &self.file)
    }
}

/// Where Debian puts it: in the folder of the machine's architecture.
fn library() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.filter_map(Result::ok);
    folders
        .map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"))
        .find(|library| library.exists())
}
