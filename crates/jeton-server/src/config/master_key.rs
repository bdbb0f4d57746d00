//! The master key's place: a variable, or a file of its own outside the database.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{ConfigError, Loaded, setting::Optional};
use crate::service::machinery::{
    random::{Random, RandomError},
    seal::MasterKey,
};

/// Why there is no master key to work with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MasterKeyError {
    #[error(
        "the database holds keys sealed with a master key, and {} is not there. Bring that file back, set JETON_MASTER_KEY, or \
         name the file's place with --master-key-file; no new key was made", path.display()
    )]
    Missing { path: PathBuf },
    #[error("{} is not there: it is named as the place of the master key before this one", path.display())]
    NoPrevious { path: PathBuf },
    #[error("JETON_MASTER_KEY_PREVIOUS and JETON_MASTER_KEY_PREVIOUS_FILE are both set: keep one")]
    TwoPrevious,
    #[error(
        "the master key and the one before it are the same: leave JETON_MASTER_KEY_PREVIOUS out, or set the new one"
    )]
    SameTwice,
    #[error("{} can be read by others: run chmod 600 {}", path.display(), path.display())]
    Exposed { path: PathBuf },
    #[error("{} does not hold 32 bytes in base64", path.display())]
    Malformed { path: PathBuf },
    #[error("the master key's file {} cannot be read: {source}", path.display())]
    Unread { path: PathBuf, source: io::Error },
    #[error(
        "the master key's file {} cannot be made: {source}. Let this process write that folder, or name another place with \
         --master-key-file (JETON_MASTER_KEY_FILE)", path.display()
    )]
    Unmade { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// `jeton.key` beside an embedded database, otherwise in this folder.
pub(super) fn default_file(database_url: &str) -> PathBuf {
    let path = database_url.strip_prefix("sqlite:").unwrap_or_default();
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or_default();
    Path::new(path).with_file_name("jeton.key")
}

pub(super) fn from_settings(
    loaded: &Loaded,
    setting: &Optional<Zeroizing<String>>,
) -> Result<Option<MasterKey>, ConfigError> {
    let Some(text) = loaded.optional(setting)? else {
        return Ok(None);
    };
    let key = decode(&text);
    loaded.require(
        setting,
        key.is_some(),
        "is not 32 bytes in base64: make one with openssl rand -base64 32",
    )?;
    Ok(key)
}

/// Reads the file, or makes it with a new key where nothing needs an old one.
pub(super) fn open_or_make(
    path: &Path,
    already_sealed: bool,
    random: &dyn Random,
) -> Result<MasterKey, MasterKeyError> {
    match read(path)? {
        Some(key) => Ok(key),
        None if already_sealed => Err(MasterKeyError::Missing {
            path: path.to_owned(),
        }),
        None => {
            make(path, random)?;
            // Another process may have been first: what counts is what is there.
            read(path)?.ok_or_else(|| MasterKeyError::Missing {
                path: path.to_owned(),
            })
        }
    }
}

/// Reads a file that must be there.
pub(super) fn open(path: &Path) -> Result<MasterKey, MasterKeyError> {
    read(path)?.ok_or_else(|| MasterKeyError::NoPrevious {
        path: path.to_owned(),
    })
}

fn read(path: &Path) -> Result<Option<MasterKey>, MasterKeyError> {
    let io = |source| MasterKeyError::Unread {
        path: path.to_owned(),
        source,
    };
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(MasterKeyError::Exposed {
            path: path.to_owned(),
        });
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(io)?);
    decode(text.trim())
        .map(Some)
        .ok_or_else(|| MasterKeyError::Malformed {
            path: path.to_owned(),
        })
}

/// Writes the key beside its place and links it there whole: no other process ever reads half a key, and the
/// first to link wins.
fn make(path: &Path, random: &dyn Random) -> Result<(), MasterKeyError> {
    let io = |source| MasterKeyError::Unmade {
        path: path.to_owned(),
        source,
    };
    let key = Zeroizing::new(random.bytes::<{ MasterKey::BYTES }>()?);
    let text = Zeroizing::new(base64_simd::STANDARD.encode_to_string(&key[..]) + "\n");
    let name: [u8; 8] = random.bytes()?;
    let draft = path.with_extension(format!("new-{:016x}", u64::from_be_bytes(name)));
    let written = write_durably(&draft, text.as_bytes());
    let linked = written.and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => sync_folder(path),
    });
    let removed = fs::remove_file(&draft);
    linked.and(removed).map_err(io)
}

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A name in a folder is durable once the folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn decode(text: &str) -> Option<MasterKey> {
    let bytes = Zeroizing::new(base64_simd::forgiving_decode_to_vec(text.trim().as_bytes()).ok()?);
    Some(MasterKey::new(bytes[..].try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::machinery::random::SystemRandom;

    #[test]
    fn the_file_is_beside_an_embedded_database() {
        assert_eq!(default_file("sqlite://jeton.db"), Path::new("jeton.key"));
        assert_eq!(
            default_file("sqlite:///var/lib/jeton/a.db?mode=rwc"),
            Path::new("/var/lib/jeton/jeton.key")
        );
        assert_eq!(default_file("postgres://db/jeton"), Path::new("jeton.key"));
    }

    #[test]
    fn it_is_made_once_for_its_owner_alone_and_never_again_when_it_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jeton.key");
        let made = open_or_make(&path, false, &SystemRandom).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(
            made.expose(),
            open_or_make(&path, true, &SystemRandom).unwrap().expose()
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

        fs::remove_file(&path).unwrap();
        assert!(matches!(
            open_or_make(&path, true, &SystemRandom),
            Err(MasterKeyError::Missing { .. })
        ));
        assert!(!path.exists());
    }

    #[test]
    fn a_file_others_can_read_or_that_holds_no_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jeton.key");
        open_or_make(&path, false, &SystemRandom).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            open_or_make(&path, false, &SystemRandom),
            Err(MasterKeyError::Exposed { .. })
        ));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "too short").unwrap();
        assert!(matches!(
            open_or_make(&path, false, &SystemRandom),
            Err(MasterKeyError::Malformed { .. })
        ));
    }
}
