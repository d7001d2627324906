//! A running module seen from outside: its address, its administrator, its answers.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use k8s_openapi::api::core::v1::{Secret, Service};
use kube::api::Api;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// One module's HTTP side.
#[derive(Debug, Clone)]
pub struct Module {
    base: String,
    http: reqwest::Client,
}

/// What an endpoint answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body; `null` where there is none or it is not JSON.
    pub body: Value,
}

impl Module {
    /// The module at `base`, a URL without a slash at its end.
    pub fn at(base: impl Into<String>) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).no_proxy().build()?;
        Ok(Self { base: base.into(), http })
    }

    /// The module that the Service `name` leads to, by its cluster address.
    pub async fn behind_service(client: &kube::Client, namespace: &str, name: &str) -> Result<Self> {
        let service = Api::<Service>::namespaced(client.clone(), namespace).get(name).await?;
        let spec = service.spec.context("the Service has no spec")?;
        let address = spec.cluster_ip.context("the Service has no cluster address yet")?;
        let ports = spec.ports.unwrap_or_default();
        let port = ports
            .iter()
            .find(|port| port.name.as_deref() == Some("http"))
            .context("the Service has no port http")?;
        Self::at(format!("http://{address}:{}", port.port))
    }

    /// Where it is.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Asks, with a bearer token where one is given.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let status = response.status();
        let body = serde_json::from_slice(&response.bytes().await?).unwrap_or(Value::Null);
        Ok(Answer { status, body })
    }

    /// `GET` with a token, which has to succeed.
    pub async fn get(&self, path: &str, token: &str) -> Result<Value> {
        expect(StatusCode::OK, self.call(Method::GET, path, Some(token), None).await?, path)
    }

    /// `POST` with a token, which has to be answered with `status`.
    pub async fn post(&self, path: &str, token: &str, body: &Value, status: StatusCode) -> Result<Value> {
        expect(status, self.call(Method::POST, path, Some(token), Some(body)).await?, path)
    }

    /// Logs in and gives the access token.
    pub async fn login(&self, account: &Account) -> Result<String> {
        let body = json!({"email": account.email, "password": account.password});
        let answer = self.call(Method::POST, "/auth/login", None, Some(&body)).await?;
        let body = expect(StatusCode::OK, answer, "/auth/login")?;
        Ok(body["access_token"].as_str().context("the login's answer holds no access_token")?.to_owned())
    }
}

/// Who logs in.
#[derive(Debug, Clone)]
pub struct Account {
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
}

impl Account {
    /// The administrator of module `name`, from the Secret that the operator made.
    pub async fn admin_of(client: &kube::Client, namespace: &str, name: &str) -> Result<Self> {
        let secret =
            Api::<Secret>::namespaced(client.clone(), namespace).get(&format!("{name}-admin")).await?;
        let data = secret.data.unwrap_or_default();
        let text = |key: &str| -> Result<String> {
            let value = data.get(key).with_context(|| format!("Secret {name}-admin has no {key}"))?;
            Ok(String::from_utf8(value.0.clone())?)
        };
        Ok(Self { email: text("email")?, password: text("password")? })
    }
}

/// Header and claims of a JWT, unchecked: to be looked at.
pub fn token_parts(token: &str) -> Result<(Value, Value)> {
    let mut parts = token
        .split('.')
        .map(|part| -> Result<Value> { Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part)?)?) });
    let mut next = || parts.next().context("the token is not a JWT")?;
    Ok((next()?, next()?))
}

fn expect(status: StatusCode, answer: Answer, path: &str) -> Result<Value> {
    ensure!(
        answer.status == status,
        "{path} was to answer {status} and answered {}: {}",
        answer.status,
        answer.body
    );
    Ok(answer.body)
}
