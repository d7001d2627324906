//! Where the data is kept.

use super::SettingError;
use secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};
use url::Url;

/// The database that the service keeps its data in.
#[derive(Debug, Clone)]
pub enum DatabaseSettings {
    /// The embedded SQLite in a file.
    Sqlite {
        /// The file; it is created when missing.
        file: PathBuf,
    },
    /// A PostgreSQL server.
    Postgres {
        /// `postgres://…`; may hold a password.
        url: SecretString,
    },
}

const NAME: &str = "DATABASE_URL";
const EXPECTED: &str = "`sqlite://<file>` or `postgres://user:password@host/database`";

impl DatabaseSettings {
    /// Reads a `sqlite:` or `postgres:` URL. `authorities` is a PEM file to check the server's certificate with.
    pub(super) fn parse(value: &SecretString, authorities: Option<&Path>) -> Result<Self, SettingError> {
        let text = value.expose_secret();
        if let Some(rest) = text.strip_prefix("sqlite:") {
            if authorities.is_some() {
                return Err(SettingError::Contradiction(
                    "DATABASE_CA_FILE is set, but the embedded database makes no connection: unset it, or give a \
                     postgres:// DATABASE_URL.",
                ));
            }
            return sqlite_file(rest).map(|file| Self::Sqlite { file });
        }
        let unfit = || SettingError::InvalidSecret { name: NAME, expected: EXPECTED };
        let mut url = Url::parse(text).map_err(|_| unfit())?;
        if !matches!(url.scheme(), "postgres" | "postgresql") || !url.has_host() || url.path().len() < 2 {
            return Err(unfit());
        }
        if let Some(file) = authorities {
            let stated = url.query_pairs().any(|(key, _)| key == "sslmode" || key == "ssl-mode");
            let mut query = url.query_pairs_mut();
            if !stated {
                query.append_pair("sslmode", "verify-full");
            }
            query.append_pair("sslrootcert", &file.to_string_lossy());
        }
        Ok(Self::Postgres { url: SecretString::from(url.as_str()) })
    }
}

fn sqlite_file(rest: &str) -> Result<PathBuf, SettingError> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let invalid = |expected| SettingError::Invalid { name: NAME, value: format!("sqlite:{rest}"), expected };
    if path.contains(":memory:") {
        return Err(invalid("a file, since the data has to outlive the process"));
    }
    if path.is_empty() || path.ends_with('/') || path.contains(['?', '#', '\0']) {
        return Err(invalid("`sqlite://` and the path of a file, without parameters"));
    }
    Ok(PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Result<DatabaseSettings, String> {
        DatabaseSettings::parse(&SecretString::from(value), None).map_err(|error| error.to_string())
    }

    fn file(value: &str) -> Option<PathBuf> {
        match parse(value) {
            Ok(DatabaseSettings::Sqlite { file }) => Some(file),
            _ => None,
        }
    }

    #[test]
    fn a_sqlite_url_names_a_file() {
        assert_eq!(file("sqlite://cc-lite.db"), Some("cc-lite.db".into()));
        assert_eq!(file("sqlite:///var/lib/cc-lite/cc-lite.db"), Some("/var/lib/cc-lite/cc-lite.db".into()));
        assert_eq!(file("sqlite:data/x.db"), Some("data/x.db".into()));
        for bad in ["sqlite::memory:", "sqlite://", "sqlite:///var/", "sqlite://x.db?mode=ro"] {
            let error = parse(bad).unwrap_err();
            assert!(error.starts_with(&format!("DATABASE_URL is `{bad}`, which does not fit")), "{error}");
        }
    }

    #[test]
    fn a_postgres_url_needs_a_host_and_a_database_and_is_never_shown() {
        assert!(matches!(parse("postgres://u:hush@localhost/voice"), Ok(DatabaseSettings::Postgres { .. })));
        for bad in ["postgres://u:hush@localhost", "mysql://u:hush@h/d", "postgres://u:hush@h:port/d", "hush"]
        {
            let error = parse(bad).unwrap_err();
            assert!(error.starts_with("DATABASE_URL has a value that does not fit"), "{error}");
            assert!(!error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn given_authorities_make_the_connection_verified() {
        let url = SecretString::from("postgres://u:hush@localhost/voice");
        let Ok(DatabaseSettings::Postgres { url }) =
            DatabaseSettings::parse(&url, Some(Path::new("/ca.pem")))
        else {
            panic!("expected PostgreSQL");
        };
        assert_eq!(
            url.expose_secret(),
            "postgres://u:hush@localhost/voice?sslmode=verify-full&sslrootcert=%2Fca.pem"
        );
        let sqlite = SecretString::from("sqlite://cc-lite.db");
        assert!(DatabaseSettings::parse(&sqlite, Some(Path::new("/ca.pem"))).is_err());
    }
}
