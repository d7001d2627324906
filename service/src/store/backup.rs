//! Copies of the embedded database: made while a service uses it, checked before they count, and put back.

use super::sqlite;
use sqlx::{AnyPool, Row};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// What SQLite keeps beside a database that is in use.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// Why there is no copy, or it was not put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no database to copy.
    #[error("There is no database `{0}`: set DATABASE_URL to the one that the service uses.")]
    NoDatabase(PathBuf),
    /// Something is there already.
    #[error("`{0}` is there already: give another name, or move it away.")]
    Exists(PathBuf),
    /// A file cannot be read or written.
    #[error("`{path}` cannot be used ({source}): give a place where this user may write.")]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// SQLite failed.
    #[error("The copy could not be made ({0}): make sure that there is room for it, then try again.")]
    Database(#[from] sqlx::Error),
    /// What is to be put back is not whole.
    #[error("`{0}` is not a whole copy of a cc-lite database ({1}): give another copy. Nothing was changed.")]
    Damaged(PathBuf, String),
    /// What is to be put back is of a later release.
    #[error("`{0}` was made by a later release of cc-lite: put it back with that. Nothing was changed.")]
    Later(PathBuf),
    /// The database is in use, or cannot be opened.
    #[error(transparent)]
    Open(#[from] super::OpenError),
}

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Its size in bytes.
    pub bytes: u64,
    /// How many calls are in it.
    pub calls: i64,
}

/// Copies the database in `file` to `target`, as it is at one moment, also while a service uses it. The copy is checked,
/// and has its name only when it is whole and on the disk.
pub async fn back_up(file: &Path, target: &Path) -> Result<Copied, BackupError> {
    if !file.is_file() {
        return Err(BackupError::NoDatabase(file.to_owned()));
    }
    if target.exists() {
        return Err(BackupError::Exists(target.to_owned()));
    }
    let partial = beside(target, ".partial");
    let _ = fs::remove_file(&partial);
    // SQLite takes an empty file as the place to write to; its owner alone may read it.
    create(&partial)?;
    let outcome = copy(file, &partial).await;
    let copied = match outcome {
        Ok(copied) => copied,
        Err(error) => {
            let _ = fs::remove_file(&partial);
            return Err(error);
        }
    };
    sync(&partial)?;
    fs::rename(&partial, target).map_err(refused(target))?;
    sync_folder(target)?;
    Ok(copied)
}

async fn copy(file: &Path, partial: &Path) -> Result<Copied, BackupError> {
    let pool = open(file).await?;
    let copied =
        sqlx::query("VACUUM INTO $1").bind(partial.to_string_lossy().into_owned()).execute(&pool).await;
    pool.close().await;
    copied?;
    check(partial).await
}

/// Puts the copy `source` in the place of the database `file`, which no service may be using. The database that was
/// there is kept beside it, under the name that is given back.
pub async fn restore(
    source: &Path,
    file: &Path,
    kept: &str,
) -> Result<(Copied, Option<PathBuf>), BackupError> {
    if !source.is_file() {
        return Err(BackupError::NoDatabase(source.to_owned()));
    }
    let copied = check(source).await?;
    let _lock = sqlite::lock(file).await?;
    let partial = beside(file, ".partial");
    let _ = fs::remove_file(&partial);
    create(&partial)?;
    fs::copy(source, &partial).map_err(refused(&partial))?;
    begin_anew(&partial).await?;
    sync(&partial)?;
    let mut before = None;
    if file.exists() {
        let old = beside(file, &format!(".{kept}"));
        if old.exists() {
            return Err(BackupError::Exists(old));
        }
        empty_log(file).await;
        for companion in COMPANIONS {
            let (from, to) = (beside(file, companion), beside(&old, companion));
            if from.exists() {
                fs::rename(&from, &to).map_err(refused(&to))?;
            }
        }
        fs::rename(file, &old).map_err(refused(&old))?;
        before = Some(old);
    }
    fs::rename(&partial, file).map_err(refused(file))?;
    sync_folder(file)?;
    Ok((copied, before))
}

/// Listeners' positions in the stream of events are of the database as it was: in one that is put back they mean nothing.
async fn begin_anew(copy: &Path) -> Result<(), BackupError> {
    let pool = open(copy).await?;
    let outcome = async {
        let known = sqlx::query("SELECT name FROM sqlite_master WHERE name = 'stream_state'");
        if known.fetch_optional(&pool).await?.is_some() {
            sqlx::query("UPDATE stream_state SET epoch = ''").execute(&pool).await?;
        }
        Ok::<_, sqlx::Error>(())
    }
    .await;
    pool.close().await;
    Ok(outcome?)
}

/// What a service that was killed left in the log goes into the file, so that the file alone is all of the database
/// while both get other names. One that is damaged keeps its log.
async fn empty_log(file: &Path) {
    let Ok(pool) = open(file).await else { return };
    if let Err(error) = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&pool).await {
        tracing::warn!(%error, "the log of the old database could not be written into it");
    }
    pool.close().await;
}

/// Whether a copy is whole and of a release that this one can go on with.
async fn check(file: &Path) -> Result<Copied, BackupError> {
    let damaged = |reason: String| BackupError::Damaged(file.to_owned(), reason);
    let bytes = file.metadata().map_err(refused(file))?.len();
    let pool = open(file).await?;
    let outcome = async {
        let row = sqlx::query("PRAGMA integrity_check").fetch_one(&pool).await?;
        let verdict: String = row.try_get(0)?;
        if verdict != "ok" {
            return Err(sqlx::Error::Protocol(verdict));
        }
        let row = sqlx::query("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(&pool).await?;
        let version: i64 = row.try_get(0)?;
        let row = sqlx::query("SELECT COUNT(*) FROM calls").fetch_one(&pool).await?;
        Ok((version, row.try_get::<i64, _>(0)?))
    }
    .await;
    pool.close().await;
    let (version, calls) = outcome.map_err(|error: sqlx::Error| damaged(error.to_string()))?;
    if version > super::migrations::latest() {
        return Err(BackupError::Later(file.to_owned()));
    }
    Ok(Copied { bytes, calls })
}

/// A connection that changes nothing about the database.
async fn open(file: &Path) -> Result<AnyPool, BackupError> {
    sqlx::any::install_default_drivers();
    let url = sqlite::url(file)?;
    Ok(sqlite::bare_pool(&url).await?)
}

fn create(path: &Path) -> Result<(), BackupError> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.map(drop).map_err(refused(path))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn sync(path: &Path) -> Result<(), BackupError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(refused(path))
}

fn sync_folder(path: &Path) -> Result<(), BackupError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    sync(folder)
}

fn refused(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::File { path, source }
}
