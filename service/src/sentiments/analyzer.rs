//! What tells moods from text.

use crate::domain::sentiment::Verdict;
use futures::future::BoxFuture;

/// Why an analyser gave no verdicts. The text is shown to callers and must hold nothing of what was analysed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnalyzerError {
    /// It took too long.
    #[error("the analysis took too long")]
    TooLong,
    /// It failed.
    #[error("{0}")]
    Failed(String),
}

/// Tells moods from text. A host may bring its own in place of the built-in one.
pub trait SentimentAnalyzer: Send + Sync + 'static {
    /// What analyses by it are known by.
    fn method(&self) -> &str;

    /// Its version: another one may judge otherwise.
    fn version(&self) -> &str;

    /// Whether it knows the language, a BCP 47 tag. Text of other languages is never given to it.
    fn knows(&self, language: &str) -> bool;

    /// A verdict on each of the texts, in their order. It must not keep an async thread busy for longer than
    /// milliseconds.
    fn analyze(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Verdict>, AnalyzerError>>;
}
