//! Platform mode: the gateway in front has checked the user and says who it is in headers.

use super::{Identity, Role, is_identifier, normal_email};
use crate::settings::GatewaySettings;
use axum::http::HeaderMap;
use secrecy::ExposeSecret;
use subtle::{Choice, ConstantTimeEq};

/// Why the headers identify nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GatewayRefusal {
    /// The gateway did not prove itself.
    #[error("The request does not come through the gateway: call the platform's address instead.")]
    Unproven,
    /// A header is missing.
    #[error("The header {0} is missing: the gateway has to set it.")]
    Missing(&'static str),
    /// A header is there more than once.
    #[error("The header {0} is there more than once: the gateway has to replace what a client sends.")]
    Repeated(&'static str),
    /// A header's value is not of the form it has to have.
    #[error("The header {0} has a value that does not fit: the gateway has to set it anew.")]
    Unfit(&'static str),
}

/// The user that the gateway's headers name.
pub fn identify(headers: &HeaderMap, settings: &GatewaySettings) -> Result<Identity, GatewayRefusal> {
    prove(headers, settings)?;
    let user_id = identifier(headers, "X-User-Id")?;
    if user_id.starts_with("system:") {
        return Err(GatewayRefusal::Unfit("X-User-Id"));
    }
    let role = match single(headers, "X-User-Role")? {
        None => Role::Agent,
        Some(name) => Role::from_name(name).ok_or(GatewayRefusal::Unfit("X-User-Role"))?,
    };
    let email = match single(headers, "X-User-Email")? {
        None => None,
        Some(text) => Some(normal_email(text).ok_or(GatewayRefusal::Unfit("X-User-Email"))?),
    };
    let organization_id = identifier(headers, "X-Org-Id")?;
    Ok(Identity { user_id, organization_id, role, email, session_id: None })
}

fn prove(headers: &HeaderMap, settings: &GatewaySettings) -> Result<(), GatewayRefusal> {
    if settings.secrets.is_empty() {
        return Ok(());
    }
    let shown = single(headers, "X-Gateway-Secret")?.unwrap_or_default().as_bytes();
    // Every secret is compared, whole, so that the time taken tells nothing.
    let equal = settings
        .secrets
        .iter()
        .fold(Choice::from(0), |equal, secret| equal | secret.expose_secret().as_bytes().ct_eq(shown));
    if equal.into() { Ok(()) } else { Err(GatewayRefusal::Unproven) }
}

fn identifier(headers: &HeaderMap, name: &'static str) -> Result<String, GatewayRefusal> {
    let value = single(headers, name)?.ok_or(GatewayRefusal::Missing(name))?;
    if is_identifier(value) { Ok(value.to_owned()) } else { Err(GatewayRefusal::Unfit(name)) }
}

fn single<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, GatewayRefusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| GatewayRefusal::Unfit(name)),
        (Some(_), Some(_)) => Err(GatewayRefusal::Repeated(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};
    use secrecy::SecretString;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
                (name, HeaderValue::from_bytes(value.as_bytes()).unwrap())
            })
            .collect()
    }

    fn open() -> GatewaySettings {
        GatewaySettings::default()
    }

    fn outcome(pairs: &[(&'static str, &str)]) -> Result<Identity, GatewayRefusal> {
        identify(&headers(pairs), &open())
    }

    #[test]
    fn user_and_organisation_are_enough_and_make_an_agent() {
        assert_eq!(
            outcome(&[("x-user-id", "u1"), ("x-org-id", "o1")]),
            Ok(Identity {
                user_id: "u1".into(),
                organization_id: "o1".into(),
                role: Role::Agent,
                email: None,
                session_id: None
            })
        );
    }

    #[test]
    fn role_and_address_are_taken_when_given() {
        let identity = outcome(&[
            ("x-user-id", "u1"),
            ("x-org-id", "o1"),
            ("x-user-role", "supervisor"),
            ("x-user-email", "Eva@Example.com"),
        ])
        .unwrap();
        assert_eq!((identity.role, identity.email), (Role::Supervisor, Some("eva@example.com".to_owned())));
    }

    #[test]
    fn each_header_is_there_once_and_well_formed() {
        use GatewayRefusal::{Missing, Repeated, Unfit};
        let (user, org) = (("x-user-id", "u1"), ("x-org-id", "o1"));
        assert_eq!(outcome(&[org]), Err(Missing("X-User-Id")));
        assert_eq!(outcome(&[user]), Err(Missing("X-Org-Id")));
        assert_eq!(outcome(&[user, user, org]), Err(Repeated("X-User-Id")));
        assert_eq!(outcome(&[user, org, org]), Err(Repeated("X-Org-Id")));
        assert_eq!(
            outcome(&[user, org, ("x-user-role", "agent"), ("x-user-role", "admin")]),
            Err(Repeated("X-User-Role"))
        );
        assert_eq!(outcome(&[("x-user-id", ""), org]), Err(Unfit("X-User-Id")));
        assert_eq!(outcome(&[("x-user-id", "u1, u2"), org]), Err(Unfit("X-User-Id")));
        assert_eq!(outcome(&[("x-user-id", "ž"), org]), Err(Unfit("X-User-Id")));
        assert_eq!(outcome(&[("x-user-id", "system:watchdog"), org]), Err(Unfit("X-User-Id")));
        assert_eq!(outcome(&[user, ("x-org-id", "a b")]), Err(Unfit("X-Org-Id")));
        assert_eq!(outcome(&[user, org, ("x-user-role", "root")]), Err(Unfit("X-User-Role")));
        assert_eq!(outcome(&[user, org, ("x-user-email", "me")]), Err(Unfit("X-User-Email")));
    }

    #[test]
    fn with_a_secret_only_the_gateway_gets_through_and_two_are_valid_while_it_changes() {
        let settings = GatewaySettings {
            secrets: ["0123456789abcdef", "fedcba9876543210"].map(SecretString::from).to_vec(),
            trust_everyone: false,
        };
        let with = |secret: &str| {
            let mut all = headers(&[("x-user-id", "u1"), ("x-org-id", "o1")]);
            all.append("x-gateway-secret", HeaderValue::from_str(secret).unwrap());
            identify(&all, &settings).map(|_| ())
        };
        assert_eq!(with("0123456789abcdef"), Ok(()));
        assert_eq!(with("fedcba9876543210"), Ok(()));
        for wrong in ["", "0123456789abcde", "0123456789abcdeg", "0123456789abcdef,fedcba9876543210"] {
            assert_eq!(with(wrong), Err(GatewayRefusal::Unproven), "{wrong}");
        }
        let without = identify(&headers(&[("x-user-id", "u1"), ("x-org-id", "o1")]), &settings);
        assert_eq!(without, Err(GatewayRefusal::Unproven));
    }
}
