//! The embedded database: its file, and connections to it.

use super::{OpenError, pool_options, quiet};
use rustix::fs::{FlockOperation, flock};
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyPool, Executor};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf, absolute};
use std::time::Duration;
use url::Url;

/// How often and after how long a lock that somebody holds is tried again.
const TRIES: (u32, Duration) = (20, Duration::from_millis(50));

/// Keeps other processes away from the embedded database for as long as it lives.
#[derive(Debug)]
pub(super) struct FileLock {
    _file: File,
}

/// Makes the database file and its folder when missing, readable by their owner alone, and locks them.
pub(super) async fn prepare(file: &Path) -> Result<FileLock, OpenError> {
    let lock = lock(file).await?;
    open(file).map_err(|source| OpenError::File { path: file.to_owned(), source })?;
    Ok(lock)
}

/// Locks the database file, which need not be there, and makes its folder when missing.
///
/// A lock that was just given up may be held for a moment still: a process that is being started has a copy of each open
/// file until it runs its own program.
pub(super) async fn lock(file: &Path) -> Result<FileLock, OpenError> {
    let refused = |source| OpenError::File { path: file.to_owned(), source };
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(refused)?;
    }
    let lock = open(&lock_file(file)).map_err(refused)?;
    let mut tries = TRIES.0;
    while let Err(error) = flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        match error {
            rustix::io::Errno::WOULDBLOCK if tries == 0 => return Err(OpenError::InUse(file.to_owned())),
            rustix::io::Errno::WOULDBLOCK => tries -= 1,
            error => return Err(refused(error.into())),
        }
        tokio::time::sleep(TRIES.1).await;
    }
    Ok(FileLock { _file: lock })
}

fn lock_file(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

pub(super) fn url(file: &Path) -> Result<Url, OpenError> {
    let name = || OpenError::Name(file.to_owned());
    let whole = absolute(file).map_err(|source| OpenError::File { path: file.to_owned(), source })?;
    let as_file = whole.to_str().and_then(|_| Url::from_file_path(&whole).ok()).ok_or_else(name)?;
    Url::parse(&format!("sqlite://{}", as_file.path())).map_err(|_| name())
}

/// One connection to a file that is there, with nothing set that would change it.
pub(super) async fn bare_pool(url: &Url) -> Result<AnyPool, sqlx::Error> {
    let options: AnyConnectOptions = url.as_str().parse()?;
    pool_options(1).connect_with(quiet(options)).await
}

pub(super) async fn pool(url: &Url, connections: u32) -> Result<AnyPool, sqlx::Error> {
    let options: AnyConnectOptions = url.as_str().parse()?;
    pool_options(connections)
        // Connections to a file do not go stale.
        .max_lifetime(None)
        .idle_timeout(None)
        .test_before_acquire(false)
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection
                    .execute(
                        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                         PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY; \
                         PRAGMA wal_autocheckpoint = 4000;",
                    )
                    .await?;
                Ok(())
            })
        })
        .connect_with(quiet(options))
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[tokio::test]
    async fn a_second_opener_is_refused_until_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/voice.db");
        let first = prepare(&file).await.unwrap();
        let sentence = prepare(&file).await.unwrap_err().to_string();
        assert_eq!(
            sentence,
            format!(
                "The database `{}` is in use by another process: stop that one, or give another DATABASE_URL.",
                file.display()
            )
        );
        drop(first);
        prepare(&file).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_made_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/voice.db");
        prepare(&file).await.unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(&folder.path().join("new"))), (0o600, 0o700));
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_is_named() {
        let sentence = prepare(Path::new("/dev/null/voice.db")).await.unwrap_err().to_string();
        assert!(
            sentence.starts_with("The database file `/dev/null/voice.db` cannot be opened ("),
            "{sentence}"
        );
    }

    #[tokio::test]
    async fn odd_names_are_kept_as_they_are() {
        sqlx::any::install_default_drivers();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("50% žluť?#.db");
        let _lock = prepare(&file).await.unwrap();
        let pool = pool(&url(&file).unwrap(), 1).await.unwrap();
        sqlx::query("CREATE TABLE t (x BIGINT)").execute(&pool).await.unwrap();
        pool.close().await;
        assert!(file.metadata().unwrap().len() > 0);
    }
}
