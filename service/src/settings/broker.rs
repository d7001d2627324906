//! The broker's address and the authorities that vouch for it, which may change while the service runs.

use super::secret::{content, in_place_or_file};
use super::{Arguments, SettingError, certificates, given};
use lapin::uri::AMQPUri;
use secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};

const URL: &str = "RABBITMQ_URL";
const AUTHORITIES: &str = "RABBITMQ_CA_FILE";

/// Where the broker is, and how it is known to be the right one.
#[derive(Debug, Clone)]
pub struct BrokerSettings {
    url: SecretString,
    /// Where the address stands, when it is given by file.
    url_file: Option<PathBuf>,
    /// PEM of the authorities that vouch for the broker's certificate.
    authorities: Option<String>,
    authorities_file: Option<PathBuf>,
}

impl BrokerSettings {
    pub(super) fn check(arguments: &Arguments) -> Result<Self, SettingError> {
        let url =
            in_place_or_file(URL, arguments.rabbitmq_url.as_ref(), arguments.rabbitmq_url_file.as_ref())?
                .unwrap_or_else(|| SecretString::from("amqp://127.0.0.1:5672"));
        uri(&url)?;
        let authorities_file = given(arguments.rabbitmq_ca_file.as_ref()).map(PathBuf::from);
        let authorities = authorities_file.as_deref().map(authorities).transpose()?;
        let url_file = given(arguments.rabbitmq_url_file.as_ref()).map(PathBuf::from);
        Ok(Self { url, url_file, authorities, authorities_file })
    }

    /// The same with what the files hold now, which may be another password or another authority.
    pub fn read_again(&self) -> Result<Self, SettingError> {
        let url = match &self.url_file {
            None => self.url.clone(),
            Some(file) => content(URL, file)?,
        };
        uri(&url)?;
        let authorities = self.authorities_file.as_deref().map(authorities).transpose()?;
        Ok(Self { url, authorities, ..self.clone() })
    }

    /// The address; may hold a password.
    pub fn url(&self) -> &SecretString {
        &self.url
    }

    /// The address in parts; may hold a password.
    pub fn uri(&self) -> Result<AMQPUri, SettingError> {
        uri(&self.url)
    }

    /// PEM of the authorities that vouch for the broker's certificate, besides the public ones.
    pub fn authorities(&self) -> Option<&str> {
        self.authorities.as_deref()
    }
}

fn uri(url: &SecretString) -> Result<AMQPUri, SettingError> {
    url.expose_secret().parse().map_err(|_| SettingError::InvalidSecret {
        name: URL,
        expected: "`amqp://user:password@host:5672/%2f`, or `amqps://` for TLS",
    })
}

fn authorities(file: &Path) -> Result<String, SettingError> {
    certificates(AUTHORITIES, file)
}
