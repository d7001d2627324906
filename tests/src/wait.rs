//! Waiting for conditions, with deadlines.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// Asks `attempt` again and again until it succeeds. Fails after `within`, or at once when the attempt
/// [gives up](give_up), with what was awaited and what was last seen.
pub async fn eventually<T>(
    within: Duration,
    what: &str,
    mut attempt: impl AsyncFnMut() -> Result<T>,
) -> Result<T> {
    let begun = Instant::now();
    let mut pause = Duration::from_millis(5);
    loop {
        match attempt().await {
            Ok(value) => return Ok(value),
            Err(error) if error.is::<Hopeless>() || begun.elapsed() >= within => {
                return Err(error).with_context(|| format!("waited {:.1?} until {what}", begun.elapsed()));
            }
            Err(_) => {}
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(200));
    }
}

/// An attempt's answer when waiting on is of no use.
pub fn give_up<T>(why: impl Into<String>) -> Result<T> {
    Err(Hopeless(why.into()).into())
}

#[derive(Debug)]
struct Hopeless(String);

impl fmt::Display for Hopeless {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Hopeless {}
