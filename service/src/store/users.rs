//! Accounts.

use super::StoreError;
use crate::identity::Role;
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

/// An account.
#[derive(Debug, Clone)]
pub struct User {
    /// `UUIDv7`.
    pub id: String,
    /// Their organisation.
    pub organization_id: String,
    /// Lower case.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// bcrypt.
    pub password_hash: String,
    /// Whether they may not log in.
    pub disabled: bool,
}

const COLUMNS: &str = "id, organization_id, email, role, password_hash, disabled_at";

/// The account with this address.
pub async fn by_email(connection: &mut AnyConnection, email: &str) -> Result<Option<User>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM users WHERE email = $1"));
    sqlx::query(sql).bind(email).fetch_optional(connection).await?.as_ref().map(user).transpose()
}

/// The account with this id.
pub async fn by_id(connection: &mut AnyConnection, id: &str) -> Result<Option<User>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM users WHERE id = $1"));
    sqlx::query(sql).bind(id).fetch_optional(connection).await?.as_ref().map(user).transpose()
}

/// Whether anyone is an administrator.
pub async fn any_admin(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT id FROM users WHERE role = $1 LIMIT 1")
        .bind(Role::Admin.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Adds an account; `false` when there is one with this address already.
pub async fn insert(connection: &mut AnyConnection, user: &User, now: Timestamp) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO users (id, organization_id, email, role, password_hash, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email) DO NOTHING",
    )
    .bind(&user.id)
    .bind(&user.organization_id)
    .bind(&user.email)
    .bind(user.role.as_str())
    .bind(&user.password_hash)
    .bind(now.as_microsecond())
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

fn user(row: &AnyRow) -> Result<User, StoreError> {
    let role: String = row.try_get("role")?;
    Ok(User {
        id: row.try_get("id")?,
        organization_id: row.try_get("organization_id")?,
        email: row.try_get("email")?,
        role: Role::from_name(&role).ok_or(StoreError::Content("role"))?,
        password_hash: row.try_get("password_hash")?,
        disabled: row.try_get::<Option<i64>, _>("disabled_at")?.is_some(),
    })
}
