//! The steps that bring a database's tables to the form that this release needs.
//!
//! A step, once released, never changes; later ones add what is new first and drop what is old in a later release, so
//! that processes of the previous release go on working beside this one.

use super::DatabaseKind;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyPool, AssertSqlSafe, SqlSafeStr};

const STEPS: &[(i64, &str, &str)] = &[
    (1, "initial", include_str!("migrations/0001_initial.sql")),
    (2, "accounts", include_str!("migrations/0002_accounts.sql")),
    (3, "calls", include_str!("migrations/0003_calls.sql")),
    (4, "campaigns", include_str!("migrations/0004_campaigns.sql")),
    (5, "transcripts", include_str!("migrations/0005_transcripts.sql")),
    (6, "sentiment", include_str!("migrations/0006_sentiment.sql")),
    (7, "idempotency", include_str!("migrations/0007_idempotency.sql")),
    (8, "stream", include_str!("migrations/0008_stream.sql")),
    (9, "stats", include_str!("migrations/0009_stats.sql")),
    (10, "data protection", include_str!("migrations/0010_data_protection.sql")),
    (11, "audit", include_str!("migrations/0011_audit.sql")),
    (12, "call lists", include_str!("migrations/0012_call_lists.sql")),
    (13, "accounts, erasures, counts", include_str!("migrations/0013_api.sql")),
    (14, "delivery", include_str!("migrations/0014_delivery.sql")),
];

/// What a step does besides in one kind of database alone.
const ADDITIONS: &[(i64, DatabaseKind, &str)] = &[
    (5, DatabaseKind::Sqlite, include_str!("migrations/0005_transcripts_sqlite.sql")),
    (5, DatabaseKind::Postgres, include_str!("migrations/0005_transcripts_postgres.sql")),
    (13, DatabaseKind::Sqlite, include_str!("migrations/0013_api_sqlite.sql")),
    (13, DatabaseKind::Postgres, include_str!("migrations/0013_api_postgres.sql")),
];

/// The version of a database that this release has brought up to date.
pub(super) fn latest() -> i64 {
    STEPS.iter().map(|(version, ..)| *version).max().unwrap_or_default()
}

/// Does the steps that are not done yet, one process at a time: PostgreSQL by an advisory lock, SQLite by the lock
/// on its file.
pub(super) async fn run(pool: &AnyPool, kind: DatabaseKind) -> Result<(), MigrateError> {
    let steps = STEPS
        .iter()
        .map(|(version, name, sql)| {
            let addition = ADDITIONS.iter().find(|(of, in_kind, _)| of == version && *in_kind == kind);
            let sql = match addition {
                None => sql.into_sql_str(),
                Some((.., addition)) => AssertSqlSafe(format!("{sql}\n{addition}")).into_sql_str(),
            };
            Migration::new(*version, (*name).into(), MigrationType::Simple, sql, false)
        })
        .collect();
    let mut migrator = Migrator::with_migrations(steps);
    // A later release may have been here: its additions do not harm this one.
    migrator.set_ignore_missing(true);
    migrator.run(pool).await
}
