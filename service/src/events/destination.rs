//! Where events go, as others may know it: without whoever logs in there.

use crate::settings::EventSettings;
use lapin::uri::AMQPScheme;

/// Where events go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// To RabbitMQ.
    Broker(BrokerPlace),
    /// To the publisher of the program that has the module in it.
    Host,
    /// They are not published.
    Nowhere,
}

/// An exchange of a broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerPlace {
    /// The broker's host name or address.
    pub host: String,
    /// The broker's port.
    pub port: u16,
    /// Whether it is spoken to over TLS.
    pub tls: bool,
    /// The virtual host.
    pub vhost: String,
    /// The topic exchange.
    pub exchange: String,
}

impl Destination {
    /// Where these settings have them go; `host` publishes them in its own way.
    pub fn of(settings: &EventSettings, host: bool) -> Self {
        if host {
            return Self::Host;
        }
        if !settings.enabled {
            return Self::Nowhere;
        }
        let uri = settings.broker.uri().unwrap_or_default();
        Self::Broker(BrokerPlace {
            host: uri.authority.host,
            port: uri.authority.port,
            tls: uri.scheme == AMQPScheme::AMQPS,
            vhost: uri.vhost,
            exchange: settings.exchange.clone(),
        })
    }
}
