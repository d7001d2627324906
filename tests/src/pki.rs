//! A cluster's own certificate authority and what it signs. Everything is made anew for each cluster.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType,
};

/// The authority, and the folder where it puts certificates and keys as PEM.
#[derive(Debug)]
pub struct Authority {
    dir: PathBuf,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate with its key, as files.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The certificate's file.
    pub cert: PathBuf,
    /// The private key's file, mode 0600.
    pub key: PathBuf,
}

impl Authority {
    /// Makes an authority that keeps its files in `dir`.
    pub fn new(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir)?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "cc-lite local cluster");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let authority = Self { dir: dir.to_owned(), issuer };
        fs::write(authority.certificate(), authority.issuer.pem())?;
        Ok(authority)
    }

    /// The file of the authority's own certificate.
    pub fn certificate(&self) -> PathBuf {
        self.dir.join("ca.crt")
    }

    /// The authority's own certificate as PEM.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate by which a server at `names` and `addresses` shows itself; it may act as a client too.
    pub fn server(&self, common_name: &str, names: &[&str], addresses: &[IpAddr]) -> Result<Identity> {
        let mut params = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        params.subject_alt_names.extend(addresses.iter().copied().map(SanType::IpAddress));
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(common_name, None, params)
    }

    /// A certificate by which a client is known to Kubernetes: user `common_name`, member of `group`.
    pub fn client(&self, common_name: &str, group: Option<&str>) -> Result<Identity> {
        let mut params = CertificateParams::default();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(common_name, group, params)
    }

    /// A key pair without a certificate, for service accounts' tokens: the private half's file and the public one's.
    pub fn signing_key(&self, name: &str) -> Result<(PathBuf, PathBuf)> {
        let (private, public) = (self.dir.join(format!("{name}.key")), self.dir.join(format!("{name}.pub")));
        let key = KeyPair::generate()?;
        write_private(&private, &key.serialize_pem())?;
        fs::write(&public, key.public_key_pem())?;
        Ok((private, public))
    }

    fn sign(
        &self,
        common_name: &str,
        group: Option<&str>,
        mut params: CertificateParams,
    ) -> Result<Identity> {
        params.distinguished_name.push(DnType::CommonName, common_name);
        if let Some(group) = group {
            params.distinguished_name.push(DnType::OrganizationName, group);
        }
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate()?;
        let cert = params.signed_by(&key, &self.issuer)?;
        let stem = common_name.replace(':', "-");
        let identity = Identity {
            cert: self.dir.join(format!("{stem}.crt")),
            key: self.dir.join(format!("{stem}.key")),
        };
        fs::write(&identity.cert, cert.pem())?;
        write_private(&identity.key, &key.serialize_pem())?;
        Ok(identity)
    }
}

/// Writes a kubeconfig in which `identity` talks to `server`, with the certificates inside, so that the file can be
/// copied.
pub fn write_kubeconfig(path: &Path, server: &str, authority: &Authority, identity: &Identity) -> Result<()> {
    let config = serde_json::json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "local", "cluster": {
            "server": server,
            "certificate-authority-data": base64(authority.pem().as_bytes()),
        }}],
        "users": [{"name": "user", "user": {
            "client-certificate-data": base64(&fs::read(&identity.cert)?),
            "client-key-data": base64(&fs::read(&identity.key)?),
        }}],
        "contexts": [{"name": "local", "context": {"cluster": "local", "user": "user"}}],
        "current-context": "local",
    });
    // JSON is YAML.
    write_private(path, &serde_json::to_string_pretty(&config)?)
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn write_private(path: &Path, text: &str) -> Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    Ok(file.write_all(text.as_bytes())?)
}
