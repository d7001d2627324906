//! `spec.auth`: tokens and the first administrator.

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use super::{GoDuration, SecretKeyRef};

/// Tokens and the first administrator.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, PartialEq)]
#[x_kube(
    validation = Rule::new("!self.refreshTokenTtl.matches('^([0-9]+h)?([0-9]+m)?([0-9]+s)?$') || !self.accessTokenTtl.matches('^([0-9]+h)?([0-9]+m)?([0-9]+s)?$') || duration(self.refreshTokenTtl) >= duration(self.accessTokenTtl)")
        .message("refresh tokens must not end before access tokens: make spec.auth.refreshTokenTtl at least as long as spec.auth.accessTokenTtl")
)]
#[serde(rename_all = "camelCase")]
pub struct Auth {
    /// How long an access token is valid, such as `15m`.
    #[serde(default = "default_access_token_ttl")]
    #[x_kube(validation = Rule::new("!self.matches('^([0-9]+h)?([0-9]+m)?([0-9]+s)?$') || (duration(self) >= duration('1m') && duration(self) <= duration('24h'))")
        .message("an access token lives from 1m to 24h: set spec.auth.accessTokenTtl to a duration between, such as 15m"))]
    pub access_token_ttl: GoDuration,
    /// How long a session can be refreshed, such as `168h`.
    #[serde(default = "default_refresh_token_ttl")]
    #[x_kube(validation = Rule::new("!self.matches('^([0-9]+h)?([0-9]+m)?([0-9]+s)?$') || (duration(self) >= duration('1m') && duration(self) <= duration('8784h'))")
        .message("a session lives from 1m to 8784h: set spec.auth.refreshTokenTtl to a duration between, such as 168h"))]
    pub refresh_token_ttl: GoDuration,
    /// The `iss` claim of tokens.
    #[serde(default = "default_party")]
    #[schemars(length(min = 1, max = 255))]
    #[x_kube(validation = Rule::new("self.matches('^[!-~]+$')")
        .message("write spec.auth.issuer with visible ASCII characters and no spaces"))]
    pub issuer: String,
    /// The `aud` claim of tokens.
    #[serde(default = "default_party")]
    #[schemars(length(min = 1, max = 255))]
    #[x_kube(validation = Rule::new("self.matches('^[!-~]+$')")
        .message("write spec.auth.audience with visible ASCII characters and no spaces"))]
    pub audience: String,
    /// The organisation of the first administrator.
    #[serde(default = "default_organization")]
    #[schemars(length(min = 1, max = 128))]
    #[x_kube(validation = Rule::new("self.matches('^[A-Za-z0-9._:@|+~-]+$')")
        .message("write spec.auth.organizationId with letters, digits and . _ : @ | + ~ - only"))]
    pub organization_id: String,
    /// The administrator that the module makes when it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin: Option<Admin>,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            access_token_ttl: default_access_token_ttl(),
            refresh_token_ttl: default_refresh_token_ttl(),
            issuer: default_party(),
            audience: default_party(),
            organization_id: default_organization(),
            admin: None,
        }
    }
}

/// The administrator that the module makes when it has none.
#[derive(Deserialize, Serialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Admin {
    /// The e-mail address to log in with.
    #[serde(default = "default_email")]
    #[schemars(length(min = 3, max = 254))]
    #[x_kube(validation = Rule::new("self.matches('^[^@ ]+@[^@ ]+$')")
        .message("write spec.auth.admin.email as name@domain"))]
    pub email: String,
    /// The entry with the first password. Without it the operator makes one, once, in the Secret `<name>-admin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_secret_ref: Option<SecretKeyRef>,
}

impl Default for Admin {
    fn default() -> Self {
        Self { email: default_email(), password_secret_ref: None }
    }
}

fn default_access_token_ttl() -> GoDuration {
    GoDuration::new("15m")
}

fn default_refresh_token_ttl() -> GoDuration {
    GoDuration::new("168h")
}

fn default_party() -> String {
    "cc-lite".into()
}

fn default_organization() -> String {
    "default".into()
}

fn default_email() -> String {
    "admin@localhost".into()
}
