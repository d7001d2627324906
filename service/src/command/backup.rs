//! `cc-lite backup` and `cc-lite restore`: copies of the embedded database.

use crate::clock::Clock;
use crate::settings::{DatabaseSettings, Settings};
use crate::store::backup::{self, BackupError};
use clap::Args;
use std::path::PathBuf;

/// Where the copy goes.
#[derive(Debug, Clone, Args)]
pub struct BackUp {
    /// File to be made; it must not be there
    pub file: PathBuf,
}

/// Which copy is put back.
#[derive(Debug, Clone, Args)]
pub struct Restore {
    /// File that `cc-lite backup` made
    pub file: PathBuf,
}

/// Why a copy was not made or put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupCommandError {
    /// PostgreSQL has tools of its own.
    #[error(
        "The data is in PostgreSQL: copy it with pg_dump, and put it back with pg_restore (docs/backup.md)."
    )]
    Postgres,
    /// It failed.
    #[error(transparent)]
    Backup(#[from] BackupError),
}

/// Copies the database of `settings`, also beside a service that runs on it, and gives what to tell the person who
/// asked.
pub async fn back_up(settings: &Settings, asked: &BackUp) -> Result<String, BackupCommandError> {
    let DatabaseSettings::Sqlite { file } = &settings.database else {
        return Err(BackupCommandError::Postgres);
    };
    let copied = backup::back_up(file, &asked.file).await?;
    Ok(format!(
        "{} holds all of `{}` as it was just now: {} calls, {} bytes, checked. Keep it away from this machine, and the \
         signing keys with it.\n",
        asked.file.display(),
        file.display(),
        copied.calls,
        copied.bytes
    ))
}

/// Puts a copy in the place of the database of `settings`, and gives what to tell the person who asked.
pub async fn restore(
    settings: &Settings,
    asked: &Restore,
    clock: &dyn Clock,
) -> Result<String, BackupCommandError> {
    let DatabaseSettings::Sqlite { file } = &settings.database else {
        return Err(BackupCommandError::Postgres);
    };
    let kept = format!("before-{}", clock.now().strftime("%Y%m%dT%H%M%SZ"));
    let (copied, before) = backup::restore(&asked.file, file, &kept).await?;
    let told =
        format!("`{}` is now the copy, with {} calls: start the service.\n", file.display(), copied.calls);
    let Some(before) = before else { return Ok(told) };
    Ok(format!("{told}What was there is kept as `{}`: delete it when all is well.\n", before.display()))
}
