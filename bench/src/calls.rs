//! Calls that are in the databases before anything is measured.

use sqlx::AnyConnection;

/// How many there are where nothing else is said.
pub(crate) const SOME: i64 = 1_000;

/// Numbers from 1 to `count`, as a table `n(n)`.
fn numbers(count: i64) -> String {
    format!("WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count})")
}

/// Adds so many to a database of cc-lite, of one organisation: all have ended, one in ten because of a busy line.
pub(crate) async fn add(connection: &mut AnyConnection, count: i64) -> Result<(), sqlx::Error> {
    let sql = format!(
        "INSERT INTO calls (id, organization_id, status, version, event_sequence, direction, from_number, to_number, \
         campaign_id, agent_id, language, metadata, outcome, created_at, updated_at, started_at, answered_at, ended_at) \
         {} SELECT printf('%08x-0000-7000-8000-%012x', n, n * 2654435761 % 281474976710656), 'default', \
         CASE WHEN n % 10 THEN 'completed' ELSE 'busy' END, 3, 2, \
         CASE WHEN n % 3 THEN 'inbound' ELSE 'outbound' END, printf('+420601%06d', n % 1000000), '+420222333444', \
         CASE WHEN n % 2 THEN printf('campaign-%d', n % 40) END, printf('agent-%d', n % 40), 'cs', \
         '{{\"order\":\"7\"}}', 'done', n * 1000000, n * 1000000, \
         n * 1000000, n * 1000000, \
         (n + n % 300) * 1000000 FROM n",
        numbers(count)
    );
    // `numbers` begins with one.
    if count > 0 {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *connection).await?;
    }
    // A week's minutes, as if these calls had been now.
    let minutes = format!(
        "INSERT INTO call_minutes (organization_id, minute, started, completed, failed, no_answer, busy, rejected, \
         canceled, answered, duration_seconds, talk_seconds) \
         {} SELECT 'default', unixepoch() / 60 - n, 100, 90, 0, 0, 10, 0, 0, 90, 15000, 13500 FROM n",
        numbers(7 * 24 * 60)
    );
    sqlx::query(sqlx::AssertSqlSafe(minutes)).execute(&mut *connection).await?;
    sqlx::query("ANALYZE").execute(connection).await?;
    Ok(())
}

/// Adds so many events to a database of cc-lite that are still to be published: the begin and the end of each call.
pub(crate) async fn add_events(connection: &mut AnyConnection, count: i64) -> Result<(), sqlx::Error> {
    let sql = format!(
        "INSERT INTO outbox (id, subject, sequence, organization_id, type, body, created_at, delivery, attempts, \
         next_attempt_at, position) \
         {} SELECT printf('%08x-0000-7000-8000-%012x', n, n), printf('call:%d', (n + 1) / 2), 2 - n % 2, 'default', \
         CASE WHEN n % 2 THEN 'call.started' ELSE 'call.ended' END, \
         json_object('id', printf('%08x-0000-7000-8000-%012x', n, n), 'type', 'call.ended', 'source', 'communications', \
         'timestamp', '2026-01-05T10:00:00Z', 'organizationId', 'default', 'userId', 'bench', 'data', \
         json_object('call_id', printf('%08x-0000-7000-8000-000000000000', n), 'status', 'completed', 'outcome', 'resolved', \
         'answered', json('true'), 'duration', 180, 'talk_seconds', 170, 'started_at', '2026-01-05T10:00:00Z', \
         'ended_at', '2026-01-05T10:03:00Z', 'recording_url', NULL, 'sequence', 2, 'resource_version', 3), \
         'metadata', json_object('version', '1.0.0', 'module', 'cc-lite')), n * 1000000, 'pending', 0, 0, n FROM n",
        numbers(count.max(1))
    );
    if count > 0 {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *connection).await?;
        let reached = "UPDATE stream_state SET last_position = $1, counted_position = $1";
        sqlx::query(reached).bind(count).execute(connection).await?;
    }
    Ok(())
}

/// Adds so many to the peer's database.
pub(crate) async fn add_to_peer(connection: &mut AnyConnection, count: i64) -> Result<(), sqlx::Error> {
    let body = "{\"direction\":\"inbound\",\"from\":\"+420601123456\",\"to\":\"+420222333444\"}";
    let sql = format!(
        "INSERT INTO calls (id, org, status, body, at) {} \
         SELECT printf('%08x-0000-7000-8000-000000000000', n), 'default', 'completed', '{body}', n FROM n",
        numbers(count)
    );
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(connection).await?;
    Ok(())
}
