//! Entries of Secrets that the spec refers to: are they there, and are they what they should be?

use std::{borrow::Cow, collections::BTreeMap};

use k8s_openapi::api::core::v1::Secret;
use url::Url;

use crate::api::SecretKeyRef;

use super::{
    BrokerAddress, Hold, HoldReason, Module,
    module::{AdminPassword, Broker, Database, Gateway, Identity, Postgres, broker_url},
};

/// What an entry is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// The first administrator's password, read when there is no administrator.
    AdminPassword,
    /// The broker's address.
    Broker,
    /// The database's address.
    Database,
    /// What the gateway proves itself by.
    GatewayProof,
    /// The authorities that vouch for the broker, read for each connection.
    BrokerAuthority,
    /// The authorities that vouch for the database, read for each connection.
    DatabaseAuthority,
    /// The auth token of the Twilio account at this place.
    TwilioToken(usize),
}

impl Use {
    /// The field of the spec that refers to it.
    fn field(self) -> Cow<'static, str> {
        match self {
            Self::AdminPassword => "spec.auth.admin.passwordSecretRef".into(),
            Self::Broker => "spec.events.rabbitmq.uriSecretRef".into(),
            Self::BrokerAuthority => "spec.events.rabbitmq.caSecretRef".into(),
            Self::Database => "spec.database.postgres.uriSecretRef".into(),
            Self::DatabaseAuthority => "spec.database.postgres.caSecretRef".into(),
            Self::GatewayProof => "spec.gateway.proofSecretRef".into(),
            Self::TwilioToken(index) => format!("spec.providers.twilio[{index}].authTokenSecretRef").into(),
        }
    }

    /// Says what is wrong with a value, without telling the value.
    fn fault(self, value: &[u8]) -> Option<&'static str> {
        // A line break at the end is what `echo` and editors leave; the module trims it, too.
        let Some(text) = str::from_utf8(value).ok().map(|text| text.trim_end_matches(['\r', '\n'])) else {
            return Some("is not UTF-8 text");
        };
        match self {
            _ if text.is_empty() => Some("is empty"),
            Self::AdminPassword if text.chars().count() < 8 || text.len() > 71 => {
                Some("is not a password of at least 8 characters and at most 71 bytes")
            }
            Self::Broker if broker_url(text).is_none() => {
                Some("does not parse as amqp://user:password@host:port/vhost or amqps://…")
            }
            Self::Database if !is_postgres_url(text) => {
                Some("does not parse as postgres://user:password@host:port/database")
            }
            Self::GatewayProof if !are_gateway_secrets(text) => Some(
                "is neither one secret of 16 to 512 visible ASCII characters nor two separated by a comma",
            ),
            Self::BrokerAuthority | Self::DatabaseAuthority
                if !text.contains("-----BEGIN CERTIFICATE-----") =>
            {
                Some("holds no certificate as PEM")
            }
            Self::TwilioToken(_) if !is_twilio_token(text) => {
                Some("is not an auth token of 16 to 128 letters and digits")
            }
            _ => None,
        }
    }
}

/// An entry in use.
pub(super) struct Entry<'a> {
    /// The UID of its Secret; empty only where a Secret was not read from an API server.
    pub(super) secret_uid: &'a str,
    /// What it holds.
    pub(super) value: Cow<'a, [u8]>,
}

/// The entries in use, by use.
pub(super) type Entries<'a> = BTreeMap<Use, Entry<'a>>;

/// Finds every entry that the module uses.
pub(super) fn resolve<'a>(
    module: &Module,
    secrets: &'a BTreeMap<String, Secret>,
    broker: Option<&'a BrokerAddress>,
) -> Result<Entries<'a>, Hold> {
    let mut entries = used_by(module)
        .map(|(used_as, reference)| Ok((used_as, entry(used_as, reference, &module.namespace, secrets)?)))
        .collect::<Result<Entries<'a>, Hold>>()?;
    if let Some(BrokerAddress { uri, secret_uid }) = broker {
        entries.insert(Use::Broker, Entry { secret_uid, value: uri.as_bytes().into() });
    }
    Ok(entries)
}

fn used_by(module: &Module) -> impl Iterator<Item = (Use, &SecretKeyRef)> {
    let identity = match &module.identity {
        Identity::Standalone(auth) => match &auth.admin_password {
            AdminPassword::Given(reference) => Some((Use::AdminPassword, reference)),
            AdminPassword::Generated => None,
        },
        Identity::Platform(Gateway::Proof(reference)) => Some((Use::GatewayProof, reference)),
        Identity::Platform(Gateway::Network | Gateway::Everyone) => None,
    };
    let broker = match &module.events.broker {
        Broker::Secret(reference) => Some((Use::Broker, reference)),
        Broker::Address(_) | Broker::Cluster(_) | Broker::Disabled | Broker::NotConfigured => None,
    };
    let broker_authority =
        module.events.authority.as_ref().map(|reference| (Use::BrokerAuthority, reference));
    let (database, database_authority) = match &module.database {
        Database::Postgres(Postgres { uri, authority }) => (
            Some((Use::Database, uri)),
            authority.as_ref().map(|reference| (Use::DatabaseAuthority, reference)),
        ),
        Database::Embedded { .. } => (None, None),
    };
    let twilio = module.service.twilio.iter().enumerate();
    let tokens = twilio.map(|(index, account)| (Use::TwilioToken(index), &account.auth_token));
    let of_one = [identity, broker, broker_authority, database, database_authority];
    of_one.into_iter().flatten().chain(tokens)
}

fn entry<'a>(
    used_as: Use,
    SecretKeyRef { name, key }: &SecretKeyRef,
    namespace: &str,
    secrets: &'a BTreeMap<String, Secret>,
) -> Result<Entry<'a>, Hold> {
    let field = used_as.field();
    let Some(secret) = secrets.get(name) else {
        return Err(Hold::new(
            HoldReason::SecretNotFound,
            format!(
                "{field} names Secret {name}, which is not in namespace {namespace}: create it with the key {key}, \
                 or correct the name"
            ),
        ));
    };
    let Some(value) = secret.data.as_ref().and_then(|data| data.get(key)) else {
        return Err(Hold::new(
            HoldReason::SecretNotFound,
            format!(
                "{field} names key {key} of Secret {name}, which has no such key: add it, or correct the key"
            ),
        ));
    };
    match used_as.fault(&value.0) {
        None => Ok(Entry {
            secret_uid: secret.metadata.uid.as_deref().unwrap_or_default(),
            value: value.0.as_slice().into(),
        }),
        Some(fault) => Err(Hold::new(
            HoldReason::InvalidSecret,
            format!("key {key} of Secret {name}, named by {field}, {fault}: write a proper value into it"),
        )),
    }
}

fn is_postgres_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "postgres" | "postgresql"))
}

fn is_twilio_token(text: &str) -> bool {
    (16..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Two, so that the gateway can change from one to the other.
fn are_gateway_secrets(text: &str) -> bool {
    let fits = |secret: &str| {
        (16..=512).contains(&secret.len()) && secret.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let mut secrets = text.split([',', '\n']).map(str::trim);
    secrets.clone().count() <= 2 && secrets.all(fits)
}
