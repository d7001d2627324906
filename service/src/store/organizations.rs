//! Organisations: what keeps accounts apart.

use super::StoreError;
use jiff::Timestamp;
use sqlx::AnyConnection;

/// Adds an organisation; `false` when there is one of this id already.
pub async fn insert(connection: &mut AnyConnection, id: &str, now: Timestamp) -> Result<bool, StoreError> {
    let done =
        sqlx::query("INSERT INTO organizations (id, created_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
            .bind(id)
            .bind(now.as_microsecond())
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Lets no other transaction change the organisation's accounts before this one has ended: for decisions that look at
/// several of them.
pub async fn lock(connection: &mut AnyConnection, id: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE organizations SET created_at = created_at WHERE id = $1")
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}
