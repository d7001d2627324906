//! The first administrator: made when there is none, and never again.

use super::Role;
use super::password::{PasswordError, Passwords};
use crate::clock::Clock;
use crate::ids::IdSource;
use crate::settings::StandaloneSettings;
use crate::store::users::{self, User};
use crate::store::{Store, StoreError};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::Rng;
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
    let admin = User {
        id: ids.next_id().to_string(),
        organization_id: settings.organization_id.clone(),
        email: settings.admin_email.clone(),
        role: Role::Admin,
        password_hash: hash,
        disabled: false,
    };
    let now = clock.now();
    let added = store
        .write::<_, StoreError, _>(move |tx| Box::pin(async move { users::insert(tx, &admin, now).await }))
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

/// 144 bits of chance in 24 characters.
fn random_password() -> SecretString {
    let mut bytes = [0; 18];
    rand::rng().fill_bytes(&mut bytes);
    SecretString::from(BASE64_URL_SAFE_NO_PAD.encode(bytes))
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
