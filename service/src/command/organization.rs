//! `cc-lite org create`: another organisation with its administrator.

use crate::clock::Clock;
use crate::identity::admin::{OrganizationError, add_organization};
use crate::identity::password::{COST, Passwords, random_password};
use crate::identity::{check_password, is_identifier, normal_email};
use crate::ids::IdSource;
use crate::settings::{IdentitySettings, Settings};
use crate::store::{OpenError, Store};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use std::path::PathBuf;

/// What the organisation is to be.
#[derive(Debug, Clone, Args)]
pub struct CreateOrganization {
    /// Its id: 1 to 128 letters, digits or any of -_.:@|+~
    pub id: String,
    /// Address that its administrator logs in with
    #[arg(long)]
    pub admin_email: String,
    /// File that holds the administrator's password; without it one is made and shown once
    #[arg(long)]
    pub admin_password_file: Option<PathBuf>,
}

/// Why there is no new organisation.
#[derive(Debug, thiserror::Error)]
pub enum CreateOrganizationError {
    /// There are no organisations of our own.
    #[error("In platform mode organisations are the gateway's: make it there.")]
    Platform,
    /// The id is none.
    #[error("`{0}` cannot be an organisation's id: give 1 to 128 letters, digits or any of -_.:@|+~")]
    Id(String),
    /// The address is none.
    #[error("`{0}` is not an address of mail: give one such as admin@example.com with --admin-email.")]
    Email(String),
    /// The password's file cannot be read.
    #[error("The password file `{0}` cannot be read ({1}): give a file that this process may read.")]
    PasswordFile(PathBuf, std::io::Error),
    /// The password cannot be taken.
    #[error(transparent)]
    Password(#[from] crate::identity::password::PasswordRefusal),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// It was not added.
    #[error(transparent)]
    Organization(#[from] OrganizationError),
}

/// Adds the organisation to the database of `settings`, also beside a service that runs on it, and gives what to tell
/// the person who asked.
pub async fn create_organization(
    settings: &Settings,
    asked: &CreateOrganization,
    clock: &dyn Clock,
    ids: &dyn IdSource,
) -> Result<String, CreateOrganizationError> {
    if matches!(settings.identity, IdentitySettings::Platform(_)) {
        return Err(CreateOrganizationError::Platform);
    }
    if !is_identifier(&asked.id) {
        return Err(CreateOrganizationError::Id(asked.id.clone()));
    }
    let email = normal_email(&asked.admin_email)
        .ok_or_else(|| CreateOrganizationError::Email(asked.admin_email.clone()))?;
    let given = asked.admin_password_file.as_ref().map(|path| {
        let text = std::fs::read_to_string(path)
            .map_err(|error| CreateOrganizationError::PasswordFile(path.clone(), error))?;
        let password = SecretString::from(text.trim_end_matches(['\r', '\n']));
        check_password(&password)?;
        Ok::<_, CreateOrganizationError>(password)
    });
    let given = given.transpose()?;
    let password = given.clone().unwrap_or_else(random_password);

    let store = Store::open_beside(&settings.database).await?;
    let passwords = Passwords::new(COST);
    let added = add_organization(&store, &passwords, &asked.id, &email, password.clone(), clock, ids).await;
    store.close().await;
    added?;
    let made = match given {
        Some(_) => String::new(),
        None => format!("The password, shown this once:\n\n    {}\n", password.expose_secret()),
    };
    Ok(format!("Organisation {} was added, with the administrator {email}.\n{made}", asked.id))
}
