//! The database's files on the disk, and whether their names still lead to those this process has open.
//!
//! A file that was deleted or replaced goes on taking writes, in a place no name leads to: they would be answered, and
//! lost. The names are compared with the open files by `stat` alone: closing a second descriptor of a database lets go
//! of every lock that SQLite holds on it.

use std::{
    fs::{self, Metadata, OpenOptions},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use sqlx::error::DatabaseError;

use crate::store::{StoreError, error::Gone};

/// Suffixes of the files that SQLite keeps beside a database while it is open.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    /// The files that are open, by name; none before the first connection.
    open: Mutex<Vec<(PathBuf, Identity)>>,
}

/// The identity of a file, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl Place {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            open: Mutex::default(),
        }
    }

    /// Notes the files that a connection has open, after it has read from them.
    pub(super) fn note(&self) -> io::Result<()> {
        let mut open = vec![(self.path.clone(), Identity::of(&fs::metadata(&self.path)?))];
        // SQLite follows links, and keeps its files beside the link's target.
        let real = fs::canonicalize(&self.path)?;
        for path in BESIDE.map(|suffix| with_suffix(&real, suffix)) {
            open.push((path.clone(), Identity::of(&fs::metadata(&path)?)));
        }
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = open;
        Ok(())
    }

    /// Forgets the files beside the database: the last connection may delete them when it ends.
    pub(super) fn forget_beside(&self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.truncate(1);
    }

    /// Fails when a name leads to another file, or to none.
    pub(super) fn is_unmoved(&self) -> Result<(), Gone> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for (path, identity) in &*open {
            let there = fs::metadata(path).map(|metadata| Identity::of(&metadata));
            match there {
                Ok(there) if there == *identity => {}
                Ok(_) => return Err(Gone::replaced(path)),
                Err(error) => return Err(Gone::not_there(path, &error)),
            }
        }
        Ok(())
    }

    /// Logs which files others on this machine can read.
    pub(super) fn warn_of_readers(&self) {
        let real = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let paths = BESIDE.map(|suffix| with_suffix(&real, suffix));
        let exposed = std::iter::once(real).chain(paths).filter(|path| {
            let mode = fs::metadata(path).map(|metadata| metadata.mode());
            mode.is_ok_and(|mode| mode & 0o077 != 0)
        });
        let exposed: Vec<_> = exposed.map(|path| path.display().to_string()).collect();
        if !exposed.is_empty() {
            let exposed = exposed.join(" ");
            tracing::warn!(
                "others on this machine can read or write the database, which holds password hashes: run chmod 600 {exposed}"
            );
        }
    }
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes the file, where there is none, for its owner alone; SQLite gives those beside it the same mode.
pub(super) fn make_private(path: &Path) -> Result<(), StoreError> {
    let made = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path);
    made.map(drop)
        .map_err(|error| unopened(path, &why_not_made(path, &error)))
}

/// The error of a connection that did not come about, with the file's name and, as far as it is known, the reason.
pub(super) fn not_connected(path: &Path, error: &sqlx::Error) -> StoreError {
    let code = error.as_database_error().and_then(DatabaseError::code);
    // The lowest byte is the kind, the others say more.
    let kind = code
        .and_then(|code| code.parse::<u32>().ok())
        .map(|code| code & 0xff);
    unopened(
        path,
        &match kind {
            Some(26) => "it is no SQLite database, or its beginning was overwritten: check database-url, or restore a \
                         back-up"
                .to_owned(),
            Some(11) => format!("it is damaged ({error}): restore a back-up"),
            Some(8 | 14) => format!(
                "{error}: the file, those beside it and their folder must be writable for this process"
            ),
            _ => error.to_string(),
        },
    )
}

fn unopened(path: &Path, problem: &str) -> StoreError {
    StoreError::Place {
        path: path.to_owned(),
        problem: problem.to_owned(),
    }
}

fn why_not_made(path: &Path, error: &io::Error) -> String {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if path.is_dir() {
        "it is a folder: name a file in it".to_owned()
    } else if !folder.exists() {
        format!(
            "the folder {} is not there: make it, or correct database-url",
            folder.display()
        )
    } else {
        format!(
            "{error}: this process must be allowed to write it and its folder, {}; run it elsewhere, or name another place with \
             --database-url (JETON_DATABASE_URL)",
            fs::canonicalize(folder)
                .unwrap_or_else(|_| folder.to_owned())
                .display()
        )
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn open(folder: &Path) -> Place {
        for name in ["jeton.db", "jeton.db-wal", "jeton.db-shm"] {
            fs::write(folder.join(name), name).unwrap();
        }
        let place = Place::new(&folder.join("jeton.db"));
        place.note().unwrap();
        place
    }

    #[test]
    fn each_file_is_missed_by_name_until_it_is_back() {
        let folder = tempfile::tempdir().unwrap();
        let place = open(folder.path());
        assert!(place.is_unmoved().is_ok());
        for name in ["jeton.db", "jeton.db-wal", "jeton.db-shm"] {
            let (path, away) = (folder.path().join(name), folder.path().join("away"));
            fs::rename(&path, &away).unwrap();
            let gone = place.is_unmoved().unwrap_err().to_string();
            assert!(gone.contains(&path.display().to_string()), "{gone}");
            fs::copy(&away, &path).unwrap();
            assert!(place.is_unmoved().is_err(), "a copy is another file");
            fs::rename(&away, &path).unwrap();
            assert!(place.is_unmoved().is_ok());
        }
    }

    #[test]
    fn a_link_that_leads_elsewhere_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path()));
        let link = folder.path().join("link");
        symlink(folder.path().join("jeton.db"), &link).unwrap();
        let place = Place::new(&link);
        place.note().unwrap();
        assert!(place.is_unmoved().is_ok());
        fs::write(folder.path().join("other"), "other").unwrap();
        fs::remove_file(&link).unwrap();
        symlink(folder.path().join("other"), &link).unwrap();
        assert!(place.is_unmoved().is_err());
    }
}
