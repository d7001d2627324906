//! Whom the measurements log in as. Logins are limited by account and by address, so each try that is to fail has an
//! account and an address of its own: this is the one place to change when the limits do.

use anyhow::Result;
use cc_lite::identity::password::{COST, Passwords};
use secrecy::SecretString;
use sqlx::AnyConnection;
use std::net::{IpAddr, Ipv4Addr};

pub(crate) const ADMIN: &str = "admin@localhost";
pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const WRONG_PASSWORD: &str = "wrong horse battery";
/// How many accounts there are beside the administrator's.
pub(crate) const KNOWN: usize = 400;

/// The address of an account that there is.
pub(crate) fn known(number: usize) -> String {
    format!("agent-{}@example.com", number % KNOWN)
}

/// The address of an account that there is not; as long as the others.
pub(crate) fn unknown(number: usize) -> String {
    format!("other-{number}@example.com")
}

/// Where a try comes from: 250 loopback addresses a network, none twice in a row of thousands.
pub(crate) fn source(number: usize) -> IpAddr {
    let octet = |value: usize| u8::try_from(value % 250 + 1).unwrap_or(1);
    IpAddr::V4(Ipv4Addr::new(127, 1, octet(number / 250), octet(number)))
}

/// The hash of [`PASSWORD`] at the cost that both sides use.
pub(crate) async fn hash() -> Result<String> {
    Ok(Passwords::new(COST).hash(SecretString::from(PASSWORD)).await?)
}

/// Adds the known accounts to a database of cc-lite.
pub(crate) async fn add(connection: &mut AnyConnection, hash: &str) -> Result<(), sqlx::Error> {
    for number in 0..KNOWN {
        sqlx::query(
            "INSERT INTO users (id, organization_id, email, role, password_hash, created_at, updated_at) \
             VALUES ($1, 'default', $2, 'agent', $3, 0, 0)",
        )
        .bind(format!("agent-{number}"))
        .bind(known(number))
        .bind(hash)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Makes the peer's database with them in it, as its own code would.
pub(crate) async fn add_to_peer(connection: &mut AnyConnection, hash: &str) -> Result<(), sqlx::Error> {
    for statement in [
        "PRAGMA journal_mode = WAL",
        "CREATE TABLE users(id TEXT, email TEXT PRIMARY KEY, hash BLOB, role TEXT)",
        "CREATE TABLE calls(id TEXT PRIMARY KEY, org TEXT, status TEXT, body TEXT, at REAL)",
        "BEGIN",
    ] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    for number in 0..KNOWN {
        sqlx::query("INSERT INTO users (id, email, hash, role) VALUES ($1, $2, $3, 'agent')")
            .bind(format!("agent-{number}"))
            .bind(known(number))
            .bind(hash.as_bytes())
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query("COMMIT").execute(&mut *connection).await?;
    Ok(())
}
