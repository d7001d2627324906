//! Somebody else's verifier, which goes by the published keys.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use testbed::venv::Venv;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use super::ledger::{Judge, Ledger};

/// What PyJWT needs, at the versions that the service's own tests go by.
const LOCK_FILES: [(&str, &str); 3] = [
    ("requirements.txt", include_str!("../../../../service/tests/interop/requirements.txt")),
    ("package.json", include_str!("../../../../service/tests/interop/package.json")),
    ("package-lock.json", include_str!("../../../../service/tests/interop/package-lock.json")),
];
/// How long it remembers keys: `verifierCacheTtl`.
const REMEMBERS: Duration = Duration::from_secs(2);

/// Has tokens verified one after the other.
pub(super) async fn verify_outside(base: String, ledger: Arc<Ledger>, stop: CancellationToken) -> Result<()> {
    let venv = Venv::ready("interop", &LOCK_FILES).await?;
    let mut child = Command::new(venv.python())
        .args(["-c", include_str!("verifier.py"), &format!("{base}/.well-known/jwks.json")])
        .arg(REMEMBERS.as_secs().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut to = child.stdin.take().context("no input")?;
    let mut from = BufReader::new(child.stdout.take().context("no output")?).lines();
    let judge = Judge::Outside(REMEMBERS);
    while !stop.is_cancelled() {
        tokio::time::sleep(Duration::from_millis(30)).await;
        // The newest first of all: that is the one whose key may not be known.
        let Some(token) = ledger.newest_or_any() else { continue };
        let fate = ledger.fate(&token, judge);
        to.write_all(format!("{}\n", token.text).as_bytes()).await?;
        let said = from.next_line().await?.context("the verifier ended")?;
        match said.as_str() {
            "unanswered" => ledger.unanswered(),
            said => {
                ensure!(said == "accepted" || said.starts_with("refused"), "the verifier said {said:?}");
                ledger.judged(&token, judge, fate, said == "accepted", said)?;
            }
        }
    }
    Ok(())
}
