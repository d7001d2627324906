//! The first administrator: made when there is none, and never again.

use super::Role;
use super::password::{PasswordError, Passwords, random_password};
use crate::clock::Clock;
use crate::ids::IdSource;
use crate::settings::StandaloneSettings;
use crate::store::users::{self, User};
use crate::store::{Store, StoreError, organizations};
use secrecy::{ExposeSecret, SecretString};
use std::fs::{OpenOptions, remove_file};
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// File in the key directory that a made password is left in when there is no terminal to show it on.
pub const PASSWORD_FILE: &str = "admin_password";

/// Why there is no administrator.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The made password cannot be left for anyone to find.
    #[error(
        "The administrator's password cannot be left in `{path}` ({source}): give one with CC_LITE_ADMIN_PASSWORD or \
         CC_LITE_ADMIN_PASSWORD_FILE."
    )]
    PasswordFile {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The address belongs to someone who is no administrator.
    #[error(
        "{0} has an account that is not an administrator's: give another address with CC_LITE_ADMIN_EMAIL."
    )]
    AddressTaken(String),
    /// Hashing failed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The database failed.
    #[error("The administrator cannot be looked up or made: {0}.")]
    Store(#[from] StoreError),
}

/// Why an organisation was not added.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationError {
    /// There is one.
    #[error("There is an organisation `{0}` already: give another id.")]
    Present(String),
    /// The address belongs to someone.
    #[error("{0} has an account already: give another address with --admin-email.")]
    AddressTaken(String),
    /// Hashing failed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The database failed.
    #[error("The organisation cannot be added: {0}.")]
    Store(#[from] StoreError),
}

/// How the first administrator gets to know their password.
#[derive(Debug, PartialEq, Eq)]
pub enum Bootstrap {
    /// There is an administrator already.
    Present,
    /// Made, with the password given in the settings.
    Given,
    /// Made, with a password that was printed to the terminal.
    Printed,
    /// Made, with a password that lies in this file.
    Left(PathBuf),
}

/// Makes the first administrator when there is none.
pub async fn bootstrap(
    store: &Store,
    passwords: &Passwords,
    settings: &StandaloneSettings,
    clock: &dyn Clock,
    ids: &dyn IdSource,
) -> Result<Bootstrap, AdminError> {
    if users::any_admin(&mut *store.reader().await?).await? {
        return Ok(Bootstrap::Present);
    }
    let made = settings.admin_password.is_none();
    let password = settings.admin_password.clone().unwrap_or_else(random_password);
    let hash = passwords.hash(password.clone()).await?;
    // The file comes first: a crash in between leaves a file too many rather than a password that nobody knows.
    let left = if made && !io::stdout().is_terminal() {
        let path = settings.keys_dir.join(PASSWORD_FILE);
        leave(&path, &password).map_err(|source| AdminError::PasswordFile { path: path.clone(), source })?;
        Some(path)
    } else {
        None
    };
    let now = clock.now();
    let id = ids.next_id().to_string();
    let admin = User::new(id, &settings.organization_id, &settings.admin_email, Role::Admin, hash, now);
    let added = store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                organizations::insert(tx, &admin.organization_id, now).await?;
                users::insert(tx, &admin).await
            })
        })
        .await?;
    if added {
        return Ok(match left {
            Some(path) => Bootstrap::Left(path),
            None if made => {
                show(&settings.admin_email, &password);
                Bootstrap::Printed
            }
            None => Bootstrap::Given,
        });
    }
    if let Some(path) = left {
        // What cannot be removed names a password that does not work: harmless.
        let _ = remove_file(path);
    }
    if users::any_admin(&mut *store.reader().await?).await? {
        return Ok(Bootstrap::Present);
    }
    Err(AdminError::AddressTaken(settings.admin_email.clone()))
}

/// Adds an organisation with its administrator: the one way to have more than the first.
pub async fn add_organization(
    store: &Store,
    passwords: &Passwords,
    organization_id: &str,
    email: &str,
    password: SecretString,
    clock: &dyn Clock,
    ids: &dyn IdSource,
) -> Result<(), OrganizationError> {
    let hash = passwords.hash(password).await?;
    let now = clock.now();
    let admin = User::new(ids.next_id().to_string(), organization_id, email, Role::Admin, hash, now);
    store
        .write(move |tx| {
            Box::pin(async move {
                if !organizations::insert(tx, &admin.organization_id, now).await? {
                    return Err(OrganizationError::Present(admin.organization_id));
                }
                if users::insert(tx, &admin).await? {
                    Ok(())
                } else {
                    Err(OrganizationError::AddressTaken(admin.email))
                }
            })
        })
        .await
}

fn leave(path: &Path, password: &SecretString) -> io::Result<()> {
    match remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{}", password.expose_secret())?;
    file.sync_all()
}

fn show(email: &str, password: &SecretString) {
    let mut terminal = io::stdout().lock();
    // A terminal that is gone cannot be told that it is.
    let _ = writeln!(
        terminal,
        "\nThe first administrator is {email}, with the password\n\n    {}\n\nIt is shown this once: keep it.\n",
        password.expose_secret()
    );
}
