//! RabbitMQ and PostgreSQL over TLS, with an authority of one's own.

use crate::events::Inbox;
use crate::fixture::{Database, Plan, SOON};
use crate::program::{command, ending};
use anyhow::ensure;
use testbed::wait::eventually;
use testbed::{Postgres, RabbitMq};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_go_to_a_broker_that_the_given_authority_vouches_for_and_to_no_other() {
    let broker = RabbitMq::builder().tls().start().await.unwrap();
    let inbox = Inbox::open(&broker.url()).await;
    let mut plan = Plan::standalone(Database::Sqlite).await.events(&broker.tls_url());

    // Another broker's authority.
    let other = testbed::pki::Authority::new(&plan.folder().join("other")).unwrap();
    let authorities = plan.folder().join("authorities.pem");
    std::fs::copy(other.certificate(), &authorities).unwrap();
    plan.arguments.rabbitmq_ca_file = Some(authorities.display().to_string());
    let untrusting = plan.start().await;
    eventually(SOON, "the certificate is refused", async || {
        let events = untrusting.status().await["events"].clone();
        let error = events["last_error"].as_str().unwrap_or_default().to_owned();
        ensure!(events["state"] == "connecting" && !error.is_empty(), "got {events}");
        assert!(
            error.starts_with("the broker's certificate is of an authority that is not known here")
                && error.ends_with("give that authority's certificate as RABBITMQ_CA_FILE"),
            "{error}"
        );
        Ok(())
    })
    .await
    .unwrap();

    // The right authority is taken up without a restart, as it is when a mounted file changes.
    std::fs::copy(broker.authority().unwrap(), &authorities).unwrap();
    let service = untrusting;
    service.admin().await.whole_call().await;
    let types: Vec<String> = inbox
        .take(2)
        .await
        .iter()
        .map(|message| message.properties.kind().as_ref().unwrap().to_string())
        .collect();
    assert_eq!(types, ["call.started", "call.ended"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_is_kept_by_a_server_that_the_given_authority_vouches_for_and_by_no_other() {
    let postgres = Postgres::builder().tls().start().await.unwrap();
    let mut plan = Plan::standalone(Database::Sqlite).await;
    let url = postgres.database().await.unwrap();
    plan.arguments.database_url = Some(url.clone());
    plan.arguments.database_ca_file = Some(postgres.authority().unwrap().display().to_string());
    let service = plan.start().await;
    assert_eq!(service.status().await["database"]["kind"], "postgres");
    service.admin().await.whole_call().await;

    let verifying = format!("{url}?sslmode=verify-full");
    let (code, sentence) = ending(command(plan.folder(), &[("DATABASE_URL", &verifying)])).await;
    assert_eq!(code, Some(1), "{sentence}");
    assert!(sentence.starts_with("The database cannot be used ("), "{sentence}");
    assert!(sentence.contains("certificate") && sentence.lines().count() == 1, "{sentence}");

    let unprotected = format!("{url}?sslmode=disable");
    let (code, sentence) = ending(command(plan.folder(), &[("DATABASE_URL", &unprotected)])).await;
    assert_eq!(code, Some(1), "the server lets nobody in without TLS: {sentence}");
}
