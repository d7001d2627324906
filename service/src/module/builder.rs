//! What a module is built from.

use super::{BuildError, CommsModule, assemble};
use crate::clock::{Clock, SystemClock};
use crate::events::publisher::EventPublisher;
use crate::identity::keys::LOOK_INTERVAL;
use crate::identity::password::{COST, Passwords};
use crate::ids::{IdSource, RandomIds};
use crate::sentiments::analyzer::SentimentAnalyzer;
use crate::sentiments::english::English;
use crate::settings::{Arguments, DatabaseSettings, GatewaySettings, IdentitySettings, Settings};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Settings of a module to be built.
#[derive(Default)]
pub struct Builder {
    settings: Option<Settings>,
    platform_mode: Option<bool>,
    database: Option<DatabaseSettings>,
    keys_dir: Option<PathBuf>,
    publisher: Option<Arc<dyn EventPublisher>>,
    analyzer: Option<Arc<dyn SentimentAnalyzer>>,
    clock: Option<Arc<dyn Clock>>,
    ids: Option<Arc<dyn IdSource>>,
    password_cost: Option<u32>,
    keys_interval: Option<Duration>,
}

impl Builder {
    /// All settings at once; without them, the defaults of the binary hold.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = Some(settings);
        self
    }

    /// Whether the host, or the gateway in front of it, proves who users are (`true`), or the module's own accounts
    /// and tokens do (`false`).
    #[must_use]
    pub fn platform_mode(mut self, platform: bool) -> Self {
        self.platform_mode = Some(platform);
        self
    }

    /// Where the data is kept.
    #[must_use]
    pub fn database(mut self, database: DatabaseSettings) -> Self {
        self.database = Some(database);
        self
    }

    /// Directory of the signing keys, in standalone mode.
    #[must_use]
    pub fn keys_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.keys_dir = Some(directory.into());
        self
    }

    /// What publishes events, in place of RabbitMQ; events are on then, whatever the settings say.
    #[must_use]
    pub fn event_publisher(mut self, publisher: Arc<dyn EventPublisher>) -> Self {
        self.publisher = Some(publisher);
        self
    }

    /// What tells moods from text, in place of the built-in analyser, which knows English.
    #[must_use]
    pub fn sentiment_analyzer(mut self, analyzer: Arc<dyn SentimentAnalyzer>) -> Self {
        self.analyzer = Some(analyzer);
        self
    }

    /// Where the time comes from, in place of the machine's clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Where new identifiers come from, in place of `UUIDv7`.
    #[must_use]
    pub fn ids(mut self, ids: Arc<dyn IdSource>) -> Self {
        self.ids = Some(ids);
        self
    }

    /// bcrypt's work factor, from 4 to 31, in place of 12: for tests of hosts, where hashing need not be slow.
    #[must_use]
    pub fn password_cost(mut self, cost: u32) -> Self {
        self.password_cost = Some(cost.clamp(4, 31));
        self
    }

    /// How often the key directory is looked at, in place of every 250 ms: for tests of hosts that change keys.
    #[must_use]
    pub fn keys_interval(mut self, interval: Duration) -> Self {
        self.keys_interval = Some(interval);
        self
    }

    /// Opens the database, loads or makes the keys and the first administrator, and begins to publish.
    pub async fn build(self) -> Result<CommsModule, BuildError> {
        let mut settings = match self.settings {
            Some(settings) => settings,
            None => Settings::check(&Arguments::default())?,
        };
        match (self.platform_mode, &settings.identity) {
            (Some(true), IdentitySettings::Standalone(_)) => {
                settings.identity = IdentitySettings::Platform(GatewaySettings::default());
            }
            (Some(false), IdentitySettings::Platform(_)) => {
                settings.identity = Settings::check(&Arguments::default())?.identity;
            }
            _ => {}
        }
        if let (Some(directory), IdentitySettings::Standalone(standalone)) =
            (self.keys_dir, &mut settings.identity)
        {
            standalone.keys_dir = directory;
        }
        if let Some(database) = self.database {
            settings.database = database;
        }
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock));
        let ids = self.ids.unwrap_or_else(|| Arc::new(RandomIds));
        let passwords = Passwords::new(self.password_cost.unwrap_or(COST));
        let publisher = self.publisher;
        let analyzer = self.analyzer.unwrap_or_else(|| Arc::new(English));
        let keys_interval = self.keys_interval.unwrap_or(LOOK_INTERVAL);
        assemble(settings, publisher, analyzer, clock, ids, passwords, keys_interval).await
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").finish_non_exhaustive()
    }
}
