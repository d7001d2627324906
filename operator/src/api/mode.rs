//! `spec.mode` and `spec.logLevel`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who checks the identity of a request.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The module itself, by tokens that it signs with its own Ed25519 key.
    #[default]
    Standalone,
    /// The gateway before it, whose identity headers the module trusts.
    Platform,
}

/// The least severe level that is logged.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Failures only.
    Error,
    /// Failures and what may become one.
    Warn,
    /// Each request and each change of state.
    #[default]
    Info,
    /// Decisions, too.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// The directive as `RUST_LOG` takes it.
    pub fn as_directive(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}
