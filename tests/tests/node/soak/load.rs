//! Who gets tokens and uses them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::json;
use testbed::module::{Account, Module};
use tokio_util::sync::CancellationToken;

use super::ledger::{Fate, Judge, Ledger, Token};

/// Between two tokens.
const PACE: Duration = Duration::from_millis(150);
/// Between two uses.
const USE: Duration = Duration::from_millis(20);

/// Renews a session again and again. It may have to log in again only where its key was revoked.
pub(super) async fn issue_tokens(
    module: Module,
    account: Account,
    ledger: Arc<Ledger>,
    stop: CancellationToken,
) -> Result<()> {
    let login = json!({"email": account.email, "password": account.password});
    let mut session: Option<Token> = None;
    while !stop.is_cancelled() {
        let (path, body, fate) = match &session {
            Some(refresh) => (
                "/auth/refresh",
                json!({"refresh_token": refresh.text}),
                ledger.fate(refresh, Judge::Service),
            ),
            None => ("/auth/login", login.clone(), Fate::Accepted),
        };
        // Without an answer the same is asked again: the service gives the same successor then.
        let Ok(answer) = module.call(Method::POST, path, None, Some(&body)).await else {
            ledger.unanswered();
            tokio::time::sleep(PACE).await;
            continue;
        };
        let right = answer.status == StatusCode::OK || answer.status == StatusCode::UNAUTHORIZED;
        ensure!(right || answer.status.is_server_error(), "{path} was answered {answer:?}");
        if let Some(refresh) = &session
            && right
        {
            let accepted = answer.status == StatusCode::OK;
            ledger.judged(refresh, Judge::Service, fate, accepted, &format!("{path}: {answer:?}"))?;
        }
        session = if answer.status == StatusCode::OK {
            let text = |name: &str| answer.body[name].as_str().context("a token");
            ledger.issued(text("access_token")?)?;
            // Refresh tokens are no access tokens, so nobody else presents them.
            Some(Token::new(text("refresh_token")?)?)
        } else if right {
            None
        } else {
            session
        };
        tokio::time::sleep(PACE).await;
    }
    Ok(())
}

/// Presents tokens, old and new, by whichever pod the Service leads to.
pub(super) async fn check_tokens(module: Module, ledger: Arc<Ledger>, stop: CancellationToken) -> Result<()> {
    while !stop.is_cancelled() {
        tokio::time::sleep(USE).await;
        let Some(token) = ledger.any() else { continue };
        let fate = ledger.fate(&token, Judge::Service);
        let Ok(answer) = module.call(Method::GET, "/auth/me", Some(&token.text), None).await else {
            ledger.unanswered();
            continue;
        };
        match answer.status {
            StatusCode::OK | StatusCode::UNAUTHORIZED => {
                let accepted = answer.status == StatusCode::OK;
                ledger.judged(&token, Judge::Service, fate, accepted, &format!("{answer:?}"))?;
            }
            other => ensure!(other.is_server_error(), "/auth/me was answered {answer:?}"),
        }
    }
    Ok(())
}
