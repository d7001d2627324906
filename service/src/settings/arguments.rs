//! The settings as they are given: flags and environment variables, not yet checked.

use clap::Args;

/// What `cc-lite` can be told. An environment variable stands for the flag beside it; a flag wins.
#[expect(clippy::doc_markdown, reason = "these words are the help that people read, as they are")]
#[derive(Default, Clone, Args)]
pub struct Arguments {
    /// Port of the API; 0 takes a free one (default: 3018)
    #[arg(long, alias = "cc-lite-port", env = "CC_LITE_PORT", hide_env_values = true)]
    pub port: Option<String>,
    /// Port of the probes, metrics and status; 0 takes a free one (default: 9018)
    #[arg(long, alias = "cc-lite-management-port", env = "CC_LITE_MANAGEMENT_PORT", hide_env_values = true)]
    pub management_port: Option<String>,
    /// Who proves users' identity: standalone (own accounts and tokens) or platform (the gateway's headers)
    /// (default: standalone)
    #[arg(long, alias = "cc-lite-mode", env = "CC_LITE_MODE", hide_env_values = true)]
    pub mode: Option<String>,
    /// Path under which the API is served (default: / standalone, /api/communications platform)
    #[arg(long, alias = "cc-lite-base-path", env = "CC_LITE_BASE_PATH", hide_env_values = true)]
    pub base_path: Option<String>,
    /// Directory of the signing keys (default: .keys)
    #[arg(long, alias = "cc-lite-keys-dir", env = "CC_LITE_KEYS_DIR", hide_env_values = true)]
    pub keys_dir: Option<String>,
    /// Where the data is kept: sqlite://FILE or postgres://… (default: sqlite://cc-lite.db)
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// File that holds DATABASE_URL
    #[arg(long, env = "DATABASE_URL_FILE", hide_env_values = true)]
    pub database_url_file: Option<String>,
    /// PEM file of the authorities that vouch for PostgreSQL's certificate, besides the public ones
    #[arg(long, env = "DATABASE_CA_FILE", hide_env_values = true)]
    pub database_ca_file: Option<String>,
    /// Whether events are published to RabbitMQ (default: true)
    #[arg(long, env = "ENABLE_EVENTS", hide_env_values = true)]
    pub enable_events: Option<String>,
    /// The broker: amqp://… or amqps://… (default: amqp://127.0.0.1:5672)
    #[arg(long, env = "RABBITMQ_URL", hide_env_values = true)]
    pub rabbitmq_url: Option<String>,
    /// File that holds RABBITMQ_URL
    #[arg(long, env = "RABBITMQ_URL_FILE", hide_env_values = true)]
    pub rabbitmq_url_file: Option<String>,
    /// PEM file of the authorities that vouch for the broker's certificate, besides the public ones
    #[arg(long, env = "RABBITMQ_CA_FILE", hide_env_values = true)]
    pub rabbitmq_ca_file: Option<String>,
    /// Topic exchange that takes the events (default: ocelot.events)
    #[arg(long, env = "EVENTS_EXCHANGE", hide_env_values = true)]
    pub events_exchange: Option<String>,
    /// How long delivered events are kept (default: 24h)
    #[arg(long, env = "EVENTS_RETENTION", hide_env_values = true)]
    pub events_retention: Option<String>,
    /// Undelivered events that may pile up before writes are refused: a number, a size such as 512Mi, or off (default)
    #[arg(long, env = "EVENTS_BACKLOG_LIMIT", hide_env_values = true)]
    pub events_backlog_limit: Option<String>,
    /// Life of an access token (default: 15m)
    #[arg(
        long,
        alias = "cc-lite-access-token-ttl",
        env = "CC_LITE_ACCESS_TOKEN_TTL",
        hide_env_values = true
    )]
    pub access_token_ttl: Option<String>,
    /// Life of a refresh token (default: 168h)
    #[arg(
        long,
        alias = "cc-lite-refresh-token-ttl",
        env = "CC_LITE_REFRESH_TOKEN_TTL",
        hide_env_values = true
    )]
    pub refresh_token_ttl: Option<String>,
    /// How long verifiers elsewhere may go on with the keys that they have read (default: 60s)
    #[arg(
        long,
        alias = "cc-lite-verifier-cache-ttl",
        env = "CC_LITE_VERIFIER_CACHE_TTL",
        hide_env_values = true
    )]
    pub verifier_cache_ttl: Option<String>,
    /// Issuer (iss) of the tokens (default: cc-lite)
    #[arg(long, alias = "cc-lite-issuer", env = "CC_LITE_ISSUER", hide_env_values = true)]
    pub issuer: Option<String>,
    /// Audience (aud) of the tokens (default: cc-lite)
    #[arg(long, alias = "cc-lite-audience", env = "CC_LITE_AUDIENCE", hide_env_values = true)]
    pub audience: Option<String>,
    /// Organisation that the first administrator belongs to (default: default)
    #[arg(long, alias = "cc-lite-org-id", env = "CC_LITE_ORG_ID", hide_env_values = true)]
    pub org_id: Option<String>,
    /// Address that the first administrator logs in with (default: admin@localhost)
    #[arg(long, alias = "cc-lite-admin-email", env = "CC_LITE_ADMIN_EMAIL", hide_env_values = true)]
    pub admin_email: Option<String>,
    /// Password of the first administrator; without one, one is made and shown once
    #[arg(long, alias = "cc-lite-admin-password", env = "CC_LITE_ADMIN_PASSWORD", hide_env_values = true)]
    pub admin_password: Option<String>,
    /// File that holds CC_LITE_ADMIN_PASSWORD
    #[arg(
        long,
        alias = "cc-lite-admin-password-file",
        env = "CC_LITE_ADMIN_PASSWORD_FILE",
        hide_env_values = true
    )]
    pub admin_password_file: Option<String>,
    /// Secret that the gateway proves itself with in X-Gateway-Secret; two, separated by a comma, while it changes
    #[arg(long, alias = "cc-lite-gateway-secret", env = "CC_LITE_GATEWAY_SECRET", hide_env_values = true)]
    pub gateway_secret: Option<String>,
    /// File that holds CC_LITE_GATEWAY_SECRET
    #[arg(
        long,
        alias = "cc-lite-gateway-secret-file",
        env = "CC_LITE_GATEWAY_SECRET_FILE",
        hide_env_values = true
    )]
    pub gateway_secret_file: Option<String>,
    /// Whether whoever reaches the port counts as the gateway (default: false)
    #[arg(
        long,
        alias = "cc-lite-gateway-trust-everyone",
        env = "CC_LITE_GATEWAY_TRUST_EVERYONE",
        hide_env_values = true
    )]
    pub gateway_trust_everyone: Option<String>,
    /// Address of this service as the outside sees it
    #[arg(long, alias = "cc-lite-public-url", env = "CC_LITE_PUBLIC_URL", hide_env_values = true)]
    pub public_url: Option<String>,
    /// Twilio's accounts whose status callbacks count: <account SID>:<auth token>:<organisation>, separated by commas
    #[arg(long, alias = "cc-lite-twilio-accounts", env = "CC_LITE_TWILIO_ACCOUNTS", hide_env_values = true)]
    pub twilio_accounts: Option<String>,
    /// File that holds CC_LITE_TWILIO_ACCOUNTS
    #[arg(
        long,
        alias = "cc-lite-twilio-accounts-file",
        env = "CC_LITE_TWILIO_ACCOUNTS_FILE",
        hide_env_values = true
    )]
    pub twilio_accounts_file: Option<String>,
    /// Addresses or networks of the proxies in front, separated by commas
    #[arg(long, alias = "cc-lite-trusted-proxies", env = "CC_LITE_TRUSTED_PROXIES", hide_env_values = true)]
    pub trusted_proxies: Option<String>,
    /// Origins of the web pages that may call the API, separated by commas
    #[arg(long, alias = "cc-lite-cors-origins", env = "CC_LITE_CORS_ORIGINS", hide_env_values = true)]
    pub cors_origins: Option<String>,
    /// How many requests each user may make in how much time, such as 600/1m (default: as many as they like)
    #[arg(long, alias = "cc-lite-rate-limit", env = "CC_LITE_RATE_LIMIT", hide_env_values = true)]
    pub rate_limit: Option<String>,
    /// How long a call may stay without news before it is ended (default: 4h)
    #[arg(
        long,
        alias = "cc-lite-stale-call-timeout",
        env = "CC_LITE_STALE_CALL_TIMEOUT",
        hide_env_values = true
    )]
    pub stale_call_timeout: Option<String>,
    /// How long the service goes on serving after the signal to stop, for whoever leads to it to notice (default: 0s)
    #[arg(long, alias = "cc-lite-drain-delay", env = "CC_LITE_DRAIN_DELAY", hide_env_values = true)]
    pub drain_delay: Option<String>,
    /// Whether agents' sentiment may be judged from their voice (default: false)
    #[arg(
        long,
        alias = "cc-lite-allow-agent-audio-sentiment",
        env = "CC_LITE_ALLOW_AGENT_AUDIO_SENTIMENT",
        hide_env_values = true
    )]
    pub allow_agent_audio_sentiment: Option<String>,
    /// What is logged, such as info or cc_lite=debug,info (default: info)
    #[arg(long = "log", alias = "rust-log", env = "RUST_LOG", hide_env_values = true)]
    pub rust_log: Option<String>,
    /// Collector that traces are sent to by OTLP over HTTP, such as http://127.0.0.1:4318 (default: no traces)
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", hide_env_values = true)]
    pub otel_exporter_otlp_endpoint: Option<String>,
    /// Identity of the pod that this runs in, shown by /keys
    #[arg(long, env = "POD_UID", hide_env_values = true)]
    pub pod_uid: Option<String>,
}

/// Passwords may be among them: nothing is shown.
impl std::fmt::Debug for Arguments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arguments").finish_non_exhaustive()
    }
}

/// Why the command line gave no settings.
#[derive(Debug)]
pub enum NoArguments {
    /// Help or the version was asked for: print this and end well.
    Asked(String),
    /// The command line cannot be read: one sentence that says so.
    Unreadable(String),
}

fn is_something(value: &clap::error::ContextValue) -> bool {
    !matches!(value, clap::error::ContextValue::String(text) if text.is_empty())
}

impl NoArguments {
    pub(crate) fn because_of(error: &clap::Error) -> Self {
        use clap::error::{ContextKind, ContextValue, ErrorKind};
        let culprit = match error.get(ContextKind::InvalidArg).or(error.get(ContextKind::InvalidSubcommand)) {
            Some(ContextValue::String(name)) => name.clone(),
            Some(ContextValue::Strings(names)) => names.join(", "),
            _ => "an argument".to_owned(),
        };
        match error.kind() {
            ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Self::Asked(error.to_string()),
            ErrorKind::UnknownArgument => Self::Unreadable(format!(
                "`{}` is not a setting of cc-lite: `cc-lite --help` lists them all.",
                culprit.split('=').next().unwrap_or_default()
            )),
            ErrorKind::InvalidSubcommand => Self::Unreadable(format!(
                "`{culprit}` is not a command of cc-lite: `cc-lite --help` lists them all.",
            )),
            ErrorKind::MissingRequiredArgument => Self::Unreadable(format!(
                "{culprit} is missing: give it, as `--help` behind the command shows."
            )),
            ErrorKind::InvalidUtf8 => Self::Unreadable(
                "A flag or an environment variable holds bytes that are not UTF-8: give text.".to_owned(),
            ),
            ErrorKind::ArgumentConflict => match error.get(ContextKind::PriorArg) {
                Some(ContextValue::String(other)) if *other != culprit => {
                    Self::Unreadable(format!("{culprit} and {other} exclude each other: give one of them."))
                }
                _ => Self::Unreadable(format!("{culprit} is given more than once: give it once.")),
            },
            ErrorKind::InvalidValue if error.get(ContextKind::InvalidValue).is_some_and(is_something) => {
                Self::Unreadable(format!(
                    "{culprit} does not take this value: `--help` shows those it takes."
                ))
            }
            _ => Self::Unreadable(format!("{culprit} lacks a value: give one, as `cc-lite --help` shows.")),
        }
    }
}
