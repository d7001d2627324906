//! Parameters of statements that have many of them.

use sqlx::{AnyConnection, AssertSqlSafe};

/// The statement, whose parameters `$1`, `$2` … come in this order and each once, as `connection`'s database reads it
/// soonest. SQLite takes `$1` for a name and seeks it among all others' each time, so that a statement of a thousand
/// parameters costs half a million comparisons; a bare `?` it counts.
pub(super) fn in_order(sql: &str, connection: &AnyConnection) -> AssertSqlSafe<String> {
    AssertSqlSafe(match connection.backend_name() {
        "SQLite" => counted(sql),
        _ => sql.to_owned(),
    })
}

/// `($1, $2), ($3, $4)` for two rows of two columns.
pub(super) fn rows(rows: usize, columns: usize) -> String {
    let row = |row: usize| format!("({})", places(row * columns + 1, columns));
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// `$2, $3` for two from the second on.
pub(super) fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

fn counted(sql: &str) -> String {
    let mut parts = sql.split('$');
    let before = parts.next().unwrap_or_default().to_owned();
    parts.enumerate().fold(before, |done, (index, part)| {
        let rest = part.trim_start_matches(|character: char| character.is_ascii_digit());
        debug_assert_eq!(
            part.strip_suffix(rest),
            Some((index + 1).to_string().as_str()),
            "out of order: {sql}"
        );
        done + "?" + rest
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_in_order_are_counted() {
        assert_eq!(counted("SELECT 1"), "SELECT 1");
        assert_eq!(counted(&rows(2, 2)), "(?, ?), (?, ?)");
        assert_eq!(counted("id IN ($1, $2) LIMIT $3"), "id IN (?, ?) LIMIT ?");
        assert_eq!(counted(&places(1, 1000)), vec!["?"; 1000].join(", "));
    }
}
