//! Connections to PostgreSQL.

use super::{POSTGRES_CONNECTIONS, pool_options, quiet};
use secrecy::{ExposeSecret, SecretString};
use sqlx::AnyPool;
use sqlx::any::AnyConnectOptions;

pub(super) async fn pool(url: &SecretString) -> Result<AnyPool, sqlx::Error> {
    let options: AnyConnectOptions = url.expose_secret().parse()?;
    pool_options(POSTGRES_CONNECTIONS).connect_with(quiet(options)).await
}
