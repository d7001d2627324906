//! A way to the broker that can be closed in either direction.

use std::net::SocketAddr;
use testbed::RabbitMq;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

/// The way to the broker, on which either direction can be held back.
pub(super) struct Way {
    pub(super) url: String,
    /// What the service sends arrives.
    pub(super) there: watch::Sender<bool>,
    /// What the broker answers arrives.
    pub(super) back: watch::Sender<bool>,
    _task: AbortOnDropHandle<()>,
}

impl Way {
    /// Opens one that leads to this URL of the broker's.
    pub(super) async fn to(broker: &RabbitMq, url: &str) -> Self {
        let broker = broker.address().to_string();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here: SocketAddr = listener.local_addr().unwrap();
        let (there, back) = (watch::Sender::new(true), watch::Sender::new(true));
        let (open_there, open_back) = (there.subscribe(), back.subscribe());
        let target = broker.clone();
        let task = tokio::spawn(async move {
            while let Ok((service, _)) = listener.accept().await {
                let Ok(broker) = TcpStream::connect(&target).await else { continue };
                let ((from_service, to_service), (from_broker, to_broker)) =
                    (service.into_split(), broker.into_split());
                tokio::spawn(pass(from_service, to_broker, open_there.clone()));
                tokio::spawn(pass(from_broker, to_service, open_back.clone()));
            }
        });
        let url = url.replace(&broker, &here.to_string());
        Self { url, there, back, _task: AbortOnDropHandle::new(task) }
    }
}

/// Passes on what comes, as long as the way is open.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut open: watch::Receiver<bool>) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if open.wait_for(|open| *open).await.is_err() || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
