//! What all requests share.

use crate::audit::ReadLog;
use crate::calls::Calls;
use crate::campaigns::Campaigns;
use crate::clock::Clock;
use crate::data_retention::DataRetention;
use crate::deliveries::Deliveries;
use crate::erasure::Erasures;
use crate::events::backlog::Backlog;
use crate::events::destination::Destination;
use crate::events::dispatcher::DeliveryReport;
use crate::events::publisher::BrokerConnection;
use crate::http::rate_limit::Allowances;
use crate::identity::accounts::Accounts;
use crate::identity::session::Sessions;
use crate::ids::IdSource;
use crate::metrics::Metrics;
use crate::sentiments::Sentiments;
use crate::settings::GatewaySettings;
use crate::store::Store;
use crate::stream::hub::Hub;
use crate::transcripts::Transcripts;
use crate::twilio::TwilioSettings;
use ipnet::IpNet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// What all requests share.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) identification: Identification,
    pub(crate) reads: ReadLog,
    pub(crate) calls: Calls,
    pub(crate) transcripts: Transcripts,
    pub(crate) sentiments: Sentiments,
    pub(crate) campaigns: Campaigns,
    pub(crate) data_retention: DataRetention,
    pub(crate) erasures: Erasures,
    pub(crate) deliveries: Deliveries,
    pub(crate) hub: Hub,
    /// Whose callbacks count, where any do.
    pub(crate) twilio: Option<TwilioSettings>,
    pub(crate) metrics: Metrics,
    /// Where events go.
    pub(crate) events: Destination,
    pub(crate) backlog: Backlog,
    /// None when events are off.
    pub(crate) delivery_report: Option<watch::Receiver<DeliveryReport>>,
    pub(crate) pod_uid: Option<String>,
    /// How much each user may ask for, where that is limited.
    pub(crate) allowances: Option<Arc<Allowances>>,
    /// Origins whose pages may call.
    pub(crate) cors_origins: Vec<String>,
    /// Networks of the proxies whose word about the client's address counts.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Set when the module is about to stop, while it still answers: streams end.
    pub(crate) leaving: CancellationToken,
    /// Set before that, or with it: the module says that nobody should come to it any more.
    pub(crate) draining: CancellationToken,
}

/// Accounts of our own, and their sessions.
pub(crate) struct AccountService {
    pub(crate) accounts: Accounts,
    pub(crate) sessions: Sessions,
    /// How long verifiers elsewhere may go on with the keys that they have read.
    pub(crate) verifier_cache_ttl: Duration,
}

/// How a request's user is known.
pub(crate) enum Identification {
    Standalone(Arc<AccountService>),
    Platform(GatewaySettings),
}

impl Shared {
    pub(crate) fn is_connected(&self) -> bool {
        self.delivery_report
            .as_ref()
            .is_some_and(|report| report.borrow().connection == BrokerConnection::Connected)
    }
}
