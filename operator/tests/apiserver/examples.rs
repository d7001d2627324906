//! The examples, applied as they are.

use anyhow::Result;
use k8s_openapi::api::apps::v1::Deployment;
use testbed::product::repository;

use crate::trial::Trial;

async fn apply(trial: &Trial, example: &str) -> Result<()> {
    let path = repository().join("examples").join(example).display().to_string();
    trial.server.kubectl(&["apply", "--namespace", &trial.namespace, "--filename", &path]).await.map(drop)
}

#[tokio::test]
async fn minimal_runs_without_anything_else() -> Result<()> {
    let trial = Trial::begin().await?;
    apply(&trial, "minimal.yaml").await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    trial.until("comms", "EventsReady", "False", "NotConfigured").await?;
    trial.get::<Deployment>("comms").await.map(drop)
}

#[tokio::test]
async fn commsmodule_runs_with_its_secret() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.secret("rabbitmq", "uri", "amqp://user:password@rabbitmq:5672/%2f").await?;
    apply(&trial, "commsmodule.yaml").await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    trial.get::<Deployment>("comms").await.map(drop)
}

#[tokio::test]
async fn platform_runs_with_its_secrets() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.secret("rabbitmq", "uri", "amqp://user:password@rabbitmq:5672/%2f").await?;
    trial.secret("gateway", "proof", "0123456789abcdef0123456789abcdef").await?;
    apply(&trial, "platform.yaml").await?;
    trial.until("communications", "Ready", "False", "RollingOut").await?;
    trial.get::<Deployment>("communications").await.map(drop)
}

#[tokio::test]
async fn postgres_runs_with_its_secret() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.secret("database", "uri", "postgres://user:password@postgres:5432/comms").await?;
    apply(&trial, "postgres.yaml").await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    trial.get::<Deployment>("comms").await.map(drop)
}
