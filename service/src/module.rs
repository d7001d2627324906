//! The module as a whole, for the binary and for hosts that mount it in a program of their own.

mod builder;
mod delivery;

pub use builder::Builder;
use delivery::{ToldOfEvents, deliver};

use crate::audit::ReadLog;
use crate::calls::Calls;
use crate::campaigns::Campaigns;
use crate::clock::Clock;
use crate::data_retention::DataRetention;
use crate::deliveries::Deliveries;
use crate::erasure::Erasures;
use crate::events::amqp::AmqpPublisher;
use crate::events::backlog::Backlog;
use crate::events::destination::Destination;
use crate::events::publisher::EventPublisher;
use crate::http::rate_limit::Allowances;
use crate::identity::accounts::Accounts;
use crate::identity::admin::{AdminError, Bootstrap, bootstrap};
use crate::identity::keys::{KeyRing, KeyWatch};
use crate::identity::parts::AccountParts;
use crate::identity::password::Passwords;
use crate::identity::retention as account_retention;
use crate::identity::revocation::Revocations;
use crate::identity::session::Sessions;
use crate::ids::IdSource;
use crate::ledger::Ledger;
use crate::metrics::Metrics;
use crate::sentiments::Sentiments;
use crate::sentiments::analyzer::SentimentAnalyzer;
use crate::settings::{IdentitySettings, SettingError, Settings, StandaloneSettings};
use crate::shared::{AccountService, Identification, Shared};
use crate::store::outbox::Delivery;
use crate::store::{OpenError, Store, StoreError};
use crate::stream::hub::Hub;
use crate::transcripts::Transcripts;
use crate::upkeep::{Chores, MINUTE, repeat};
use crate::{http, management};
use axum::Router;
use jiff::SignedDuration;
use keyset::directory::DirectoryError;
use std::sync::Arc;
use std::time::Duration;
use token::TokenType;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long events that are on their way get to arrive when the module stops.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// Why the module cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A setting does not fit.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// What the database holds cannot be read.
    #[error("The sessions cannot be read: {0}.")]
    Sessions(#[from] StoreError),
    /// The signing keys cannot be used.
    #[error("The signing keys cannot be used: {0}.")]
    Keys(#[from] DirectoryError),
    /// There is no administrator.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// Looking after the keys' files failed.
    #[error("The signing keys could not be looked after: start the service again.")]
    Interrupted,
}

/// The communications module: its routes, and its work behind them.
///
/// ```no_run
/// # async fn host(publisher: std::sync::Arc<dyn cc_lite::EventPublisher>) -> Result<(), cc_lite::BuildError> {
/// let comms = cc_lite::CommsModule::builder().platform_mode(true).event_publisher(publisher).build().await?;
/// let app: axum::Router = axum::Router::new().nest("/api/communications", comms.router());
/// // Serve `app`, and when that has ended:
/// comms.shutdown().await;
/// # Ok(())
/// # }
/// ```
pub struct CommsModule {
    shared: Arc<Shared>,
    bootstrap: Option<Bootstrap>,
    publisher: Option<Arc<dyn EventPublisher>>,
    stop: CancellationToken,
    tasks: Mutex<JoinSet<()>>,
}

impl CommsModule {
    /// Begins to build a module.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The API, to be served at the root or nested under a path.
    pub fn router(&self) -> Router {
        http::router(Arc::clone(&self.shared))
    }

    /// Probes, metrics and status, to be served where the public does not reach.
    pub fn management_router(&self) -> Router {
        management::router(Arc::clone(&self.shared))
    }

    /// How the first administrator gets to know their password; none in platform mode.
    pub fn bootstrap(&self) -> Option<&Bootstrap> {
        self.bootstrap.as_ref()
    }

    /// From now on the module says that it is not ready, while it serves everything as before.
    pub fn announce_drain(&self) {
        self.shared.draining.cancel();
    }

    /// From now on the module says that it is not ready and ends its streams, while it still answers.
    pub fn announce_shutdown(&self) {
        self.shared.leaving.cancel();
    }

    /// Ends the work behind the routes: events on their way get up to 5 seconds to be confirmed, the rest is kept for
    /// the next start; the connection to the broker then gets up to 2 seconds to end. To be called when the routes are no longer served.
    pub async fn shutdown(&self) {
        self.announce_shutdown();
        self.stop.cancel();
        let mut tasks = self.tasks.lock().await;
        let ended = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN_TIME, ended).await.is_err() {
            tracing::warn!("events were still on their way; they are published again at the next start");
            tasks.shutdown().await;
        }
        if let Some(publisher) = &self.publisher {
            publisher.close().await;
        }
        if let Err(error) = self.shared.reads.write_down().await {
            tracing::warn!(%error, "who read what in the last second could not be written down");
        }
        self.shared.store.close().await;
    }
}

async fn assemble(
    settings: Settings,
    injected: Option<Arc<dyn EventPublisher>>,
    analyzer: Arc<dyn SentimentAnalyzer>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    passwords: Passwords,
    keys_interval: Duration,
) -> Result<CommsModule, BuildError> {
    let store = Store::open(&settings.database).await?;
    let metrics = Metrics::new();
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    let (identification, bootstrap) = match settings.identity {
        IdentitySettings::Platform(gateway) => (Identification::Platform(gateway), None),
        IdentitySettings::Standalone(standalone) => {
            let parts = AccountParts {
                store: store.clone(),
                passwords,
                revocations: Revocations::default(),
                clock: Arc::clone(&clock),
                ids: Arc::clone(&ids),
            };
            let (service, made) =
                accounts(standalone, parts, keys_interval, &metrics, &mut tasks, &stop).await?;
            (Identification::Standalone(Arc::new(service)), Some(made))
        }
    };
    let destination = Destination::of(&settings.events, injected.is_some());
    let publisher = injected.or_else(|| {
        settings
            .events
            .enabled
            .then(|| Arc::new(AmqpPublisher::start(&settings.events)) as Arc<dyn EventPublisher>)
    });
    let delivery = if publisher.is_some() { Delivery::Broker } else { Delivery::Local };
    let backlog = Backlog::new(settings.events.backlog_limit);
    let told = ToldOfEvents::default();
    let counters = metrics.delivery.clone();
    let background = (&mut tasks, &stop);
    let delivery_report =
        deliver(&store, publisher.as_ref(), &clock, &told, &backlog, counters, background).await?;
    let epoch = format!("{:016x}", rand::random::<u64>());
    let hub = Hub::new(store.clone(), epoch, metrics.stream_listeners.clone()).await?;
    tasks.spawn(hub.clone().run(Arc::clone(&told.placed), Arc::clone(&told.to_publish), stop.clone()));
    let ledger = Ledger::new(
        store.clone(),
        Arc::clone(&clock),
        Arc::clone(&ids),
        delivery,
        backlog.clone(),
        [Arc::clone(&told.unplaced)],
    );
    let transcripts = Transcripts::new(ledger.clone());
    let sentiments = Sentiments::new(ledger.clone(), analyzer, settings.allow_agent_audio_sentiment);
    let calls = Calls::new(ledger.clone());
    let campaigns = Campaigns::new(ledger.clone());
    let data_retention = DataRetention::new(ledger.clone());
    let erasures = Erasures::new(ledger.clone());
    let deliveries = Deliveries::new(ledger, backlog.clone(), told.to_publish);
    let reads = ReadLog::new(store.clone(), Arc::clone(&ids));
    let allowances = settings.rate_limit.map(|limit| Arc::new(Allowances::new(limit)));
    let chores = Chores {
        allowances: allowances.clone(),
        reads: reads.clone(),
        store: store.clone(),
        clock: Arc::clone(&clock),
        events_kept: settings.events.retention,
        calls: calls.clone(),
        campaigns: campaigns.clone(),
        stale_call_timeout: settings.stale_call_timeout,
        data_retention: data_retention.clone(),
        erasures: erasures.clone(),
    };
    chores.begin(&mut tasks, &stop);
    let leaving = CancellationToken::new();
    let shared = Arc::new(Shared {
        store,
        clock,
        ids,
        identification,
        reads,
        calls,
        transcripts,
        sentiments,
        campaigns,
        data_retention,
        erasures,
        deliveries,
        hub,
        twilio: settings.twilio,
        metrics,
        events: destination,
        delivery_report,
        backlog,
        pod_uid: settings.pod_uid,
        allowances,
        cors_origins: settings.cors_origins,
        trusted_proxies: settings.trusted_proxies,
        draining: leaving.child_token(),
        leaving,
    });
    Ok(CommsModule { shared, bootstrap, publisher, stop, tasks: Mutex::new(tasks) })
}

/// Own accounts, and what goes on behind them.
async fn accounts(
    settings: StandaloneSettings,
    parts: AccountParts,
    keys_interval: Duration,
    metrics: &Metrics,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> Result<(AccountService, Bootstrap), BuildError> {
    let keys = KeyRing::new(keys(&settings).await?);
    let made = bootstrap(&parts.store, &parts.passwords, &settings, &*parts.clock, &*parts.ids).await?;
    parts.revocations.load(&parts.store, parts.clock.now()).await?;
    let rules = settings.token_rules();
    let verifier_cache_ttl = settings.verifier_cache_ttl;
    let refresh_life = SignedDuration::from_secs(rules.life_seconds(TokenType::Refresh));
    let (store, clock) = (parts.store.clone(), Arc::clone(&parts.clock));
    tasks.spawn(parts.revocations.clone().follow(store.clone(), Arc::clone(&clock), stop.clone()));
    tasks.spawn(repeat("deleting old sessions", MINUTE, stop.clone(), async move || {
        account_retention::prune(&store, clock.now(), refresh_life).await
    }));
    let watch = KeyWatch::new(settings.keys_dir, keys.clone(), keys_interval);
    tasks.spawn(watch.run(metrics.keys.clone(), stop.clone()));
    let accounts = Accounts::new(parts.clone());
    let sessions = Sessions::new(parts, rules, keys);
    Ok((AccountService { accounts, sessions, verifier_cache_ttl }, made))
}

async fn keys(settings: &StandaloneSettings) -> Result<keyset::KeySet, BuildError> {
    let directory = settings.keys_dir.clone();
    let loaded = tokio::task::spawn_blocking(move || {
        keyset::directory::load_or_generate(&directory, &mut rand::rng())
    })
    .await;
    Ok(loaded.map_err(|_| BuildError::Interrupted)??)
}

impl std::fmt::Debug for CommsModule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CommsModule").finish_non_exhaustive()
    }
}
