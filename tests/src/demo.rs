//! Shows a module at work: the resource, a login, a call, its events.

use std::time::Duration;

use anyhow::Result;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::module::{Account, Module, token_parts};
use crate::subscriber::Subscriber;

/// What is shown of which module.
#[derive(Debug)]
pub struct Demo<'a> {
    /// The module's HTTP side.
    pub module: &'a Module,
    /// Its administrator.
    pub admin: &'a Account,
    /// The broker as seen from here, and the exchange; without them the events are left out.
    pub events: Option<(&'a str, &'a str)>,
}

impl Demo<'_> {
    /// Logs in, starts and ends a call, and prints each answer and both events.
    pub async fn show(&self) -> Result<()> {
        let mut events = match self.events {
            Some((url, exchange)) => Some(Subscriber::bind(url, exchange, "comms.#").await?),
            None => None,
        };
        println!("\nA login, answered with an EdDSA token:");
        let token = self.module.login(self.admin).await?;
        let (header, claims) = token_parts(&token)?;
        println!("  POST {}/auth/login → 200", self.module.base());
        println!("  header {header}\n  claims {claims}");

        println!("\nA call, from its start to its end:");
        let call = json!({"direction": "inbound", "from": "+420601234567", "to": "+420221111111"});
        let call = self.post("/calls", &token, &call, StatusCode::CREATED).await?;
        let path = format!("/calls/{}", call["id"].as_str().unwrap_or_default());
        self.post(&format!("{path}/start"), &token, &json!({}), StatusCode::OK).await?;
        self.post(&format!("{path}/end"), &token, &json!({"outcome": "resolved"}), StatusCode::OK).await?;

        if let Some(events) = &mut events {
            println!("\nIts events, as a consumer received them from RabbitMQ:");
            // Other calls may be under way; each event is shown until both of this call's have come.
            let mut missing = 2;
            while missing > 0 {
                let event = events.next(Duration::from_secs(15)).await?;
                if event.body["data"]["call_id"] == call["id"] {
                    missing -= 1;
                    println!("  {}\n    {}", event.routing_key, event.body);
                }
            }
        }
        Ok(())
    }

    async fn post(&self, path: &str, token: &str, body: &Value, status: StatusCode) -> Result<Value> {
        let answer = self.module.post(path, token, body, status).await?;
        println!("  POST {path} {body} → {} {}", status.as_u16(), answer["status"]);
        Ok(answer)
    }
}
