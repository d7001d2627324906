//! Accounts.

use super::listing::{ListQuery, Order, Position, SortKey, SortValue};
use super::{StoreError, optional_time, time};
use crate::identity::Role;
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

/// An account.
#[derive(Debug, Clone)]
pub struct User {
    /// `UUIDv7`.
    pub id: String,
    /// Their organisation.
    pub organization_id: String,
    /// Lower case.
    pub email: String,
    /// What they are called; may be empty.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// bcrypt.
    pub password_hash: String,
    /// Rises with each change.
    pub version: i64,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Since when they may not log in, if so.
    pub disabled_at: Option<Timestamp>,
    /// Access tokens made before this are refused, in seconds since 1970.
    pub not_before: i64,
}

impl User {
    /// A new account in its first version.
    pub fn new(
        id: String,
        organization_id: &str,
        email: &str,
        role: Role,
        password_hash: String,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            organization_id: organization_id.to_owned(),
            email: email.to_owned(),
            name: String::new(),
            role,
            password_hash,
            version: 1,
            created_at: now,
            updated_at: now,
            disabled_at: None,
            not_before: 0,
        }
    }

    /// Whether they may not log in.
    pub fn is_disabled(&self) -> bool {
        self.disabled_at.is_some()
    }
}

/// Which accounts of an organisation are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct UserFilter {
    /// Those with this role.
    pub role: Option<Role>,
    /// Those that may not log in, or those that may.
    pub disabled: Option<bool>,
}

/// What accounts are ordered by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UserKey {
    /// When they were made.
    #[default]
    CreatedAt,
    /// Their addresses.
    Email,
}

/// In which order accounts are listed, and from where on.
pub type UserOrder = Order<UserKey>;

impl SortKey for UserKey {
    type Item = User;

    fn sql(self) -> Option<&'static str> {
        Some(match self {
            Self::CreatedAt => "created_at",
            Self::Email => "email",
        })
    }

    fn is_text(self) -> bool {
        self == Self::Email
    }

    fn position(self, user: &User) -> Position {
        let value = match self {
            Self::CreatedAt => SortValue::Number(user.created_at.as_microsecond()),
            Self::Email => SortValue::Text(user.email.clone()),
        };
        Position { value: Some(value), id: user.id.clone() }
    }
}

const COLUMNS: &str = "id, organization_id, email, name, role, password_hash, version, created_at, updated_at, \
                       disabled_at, not_before";

/// The account with this address.
pub async fn by_email(connection: &mut AnyConnection, email: &str) -> Result<Option<User>, StoreError> {
    let sql = AssertSqlSafe(format!("SELECT {COLUMNS} FROM users WHERE email = $1"));
    sqlx::query(sql).bind(email).fetch_optional(connection).await?.as_ref().map(user).transpose()
}

/// The account with this id.
pub async fn by_id(connection: &mut AnyConnection, id: &str) -> Result<Option<User>, StoreError> {
    let sql = AssertSqlSafe(format!("SELECT {COLUMNS} FROM users WHERE id = $1"));
    sqlx::query(sql).bind(id).fetch_optional(connection).await?.as_ref().map(user).transpose()
}

/// The organisation's account with this id.
pub async fn find(
    connection: &mut AnyConnection,
    organization_id: &str,
    id: &str,
) -> Result<Option<User>, StoreError> {
    Ok(by_id(connection, id).await?.filter(|user| user.organization_id == organization_id))
}

/// The organisation's accounts, at most `limit`.
pub async fn list(
    connection: &mut AnyConnection,
    organization_id: &str,
    filter: UserFilter,
    order: &UserOrder,
    limit: i64,
) -> Result<Vec<User>, StoreError> {
    list_query(organization_id, filter, order, limit).rows(connection).await?.iter().map(user).collect()
}

/// How the database would find them, in its own words: for tests.
pub async fn explain(
    connection: &mut AnyConnection,
    prefix: &str,
    organization_id: &str,
    filter: UserFilter,
    order: &UserOrder,
) -> Result<Vec<AnyRow>, StoreError> {
    list_query(organization_id, filter, order, 21).explain(prefix, connection).await
}

fn list_query<'a>(
    organization_id: &'a str,
    filter: UserFilter,
    order: &'a UserOrder,
    limit: i64,
) -> ListQuery<'a> {
    let mut query = ListQuery::of("users", organization_id);
    query.text("role =", filter.role.map(Role::as_str));
    match filter.disabled {
        None => {}
        Some(true) => query.only("disabled_at IS NOT NULL"),
        Some(false) => query.only("disabled_at IS NULL"),
    }
    query.page(order, limit);
    query
}

/// Whether anyone is an administrator.
pub async fn any_admin(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT id FROM users WHERE role = $1 LIMIT 1")
        .bind(Role::Admin.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Whether the organisation has an administrator who may log in, besides the account with this id.
pub async fn another_admin(
    connection: &mut AnyConnection,
    organization_id: &str,
    id: &str,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT id FROM users WHERE organization_id = $1 AND role = $2 AND disabled_at IS NULL AND id <> $3 LIMIT 1",
    )
    .bind(organization_id)
    .bind(Role::Admin.as_str())
    .bind(id)
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

/// Lets no other transaction change the account, or make tokens for it, before this one has ended.
pub async fn lock(connection: &mut AnyConnection, id: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE users SET version = version WHERE id = $1").bind(id).execute(connection).await?;
    Ok(())
}

/// Adds an account; `false` when there is one with this address already, in whichever organisation.
pub async fn insert(connection: &mut AnyConnection, user: &User) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO users (id, organization_id, email, name, role, password_hash, version, created_at, updated_at, \
         disabled_at, not_before) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT (email) DO NOTHING",
    )
    .bind(&user.id)
    .bind(&user.organization_id)
    .bind(&user.email)
    .bind(&user.name)
    .bind(user.role.as_str())
    .bind(&user.password_hash)
    .bind(user.version)
    .bind(user.created_at.as_microsecond())
    .bind(user.updated_at.as_microsecond())
    .bind(user.disabled_at.map(Timestamp::as_microsecond))
    .bind(user.not_before)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps a changed account, unless someone else changed it since `version`: then `false`.
pub async fn update(connection: &mut AnyConnection, user: &User, version: i64) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE users SET name = $3, role = $4, password_hash = $5, version = $6, updated_at = $7, disabled_at = $8, \
         not_before = $9 WHERE id = $1 AND version = $2",
    )
    .bind(&user.id)
    .bind(version)
    .bind(&user.name)
    .bind(user.role.as_str())
    .bind(&user.password_hash)
    .bind(user.version)
    .bind(user.updated_at.as_microsecond())
    .bind(user.disabled_at.map(Timestamp::as_microsecond))
    .bind(user.not_before)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ids and `not_before` of the accounts whose `not_before` is `since` or later, in seconds since 1970.
pub async fn not_before_since(
    connection: &mut AnyConnection,
    since: i64,
) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = sqlx::query("SELECT id, not_before FROM users WHERE not_before > 0 AND not_before >= $1")
        .bind(since)
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok((row.try_get("id")?, row.try_get("not_before")?))).collect()
}

fn user(row: &AnyRow) -> Result<User, StoreError> {
    let role: String = row.try_get("role")?;
    Ok(User {
        id: row.try_get("id")?,
        organization_id: row.try_get("organization_id")?,
        email: row.try_get("email")?,
        name: row.try_get("name")?,
        role: Role::from_name(&role).ok_or(StoreError::Content("role"))?,
        password_hash: row.try_get("password_hash")?,
        version: row.try_get("version")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
        disabled_at: optional_time(row, "disabled_at")?,
        not_before: row.try_get("not_before")?,
    })
}
