//! The network between the program and its broker, cut.

use super::{CALLS, UNDER_WAY, Victim, committed, complete, plan_with_waiting};
use crate::events::Inbox;
use crate::fixture::Database;
use testbed::RabbitMq;
use testbed::namespace::Namespace;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_is_cut_amid_a_batch_delays_events_and_loses_none() {
    let machine = Namespace::start().await.unwrap();
    let (to_broker, to_test) = (machine.link().await.unwrap(), machine.link().await.unwrap());
    let broker = RabbitMq::builder().bind(to_broker.here()).start().await.unwrap();
    Inbox::open(&broker.url()).await;
    let plan = plan_with_waiting(Database::Sqlite, 20_000).await;

    let enter = machine.enter();
    let enter: Vec<&str> = enter.iter().map(String::as_str).collect();
    let victim = Victim::spawn(&enter, &to_test.there().to_string(), &plan, &broker.url()).await;
    victim.until_confirmed(500).await;
    to_broker.cut().await.unwrap();
    let status = victim.status().await;
    assert!(status["events"]["backlog"].as_u64() > Some(0), "all were delivered already: {status}");
    // Nothing says that the other end is gone: packets vanish.
    victim.calls().await;
    victim.until("it gives the connection up", |status| status["events"]["state"] != "connected").await;
    to_broker.mend().await.unwrap();

    let repeated = complete(&victim, &plan, &broker).await;
    assert_eq!(committed(&plan).await.len(), 10_000 + CALLS);
    assert!(repeated <= UNDER_WAY, "{repeated} events came again");
}
