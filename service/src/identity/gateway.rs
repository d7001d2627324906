//! Platform mode: the gateway in front has checked the user and says who it is in headers.
//!
//! What a client sends may reach this place beside what the gateway sets, in every form that some program on the way
//! takes for the same header. So nothing is chosen among several: there is one of each, by its exact name, or nobody.

use super::{Identity, Role, is_identifier, normal_email};
use crate::settings::GatewaySettings;
use crate::wording::{Sentence, Spoken, say, shown_in_english};
use axum::http::HeaderMap;
use axum::http::header::CONNECTION;
use secrecy::ExposeSecret;
use subtle::{Choice, ConstantTimeEq};

/// The headers that are the gateway's to set.
const OURS: [&str; 5] = ["X-User-Id", "X-Org-Id", "X-User-Role", "X-User-Email", "X-Gateway-Secret"];

/// Why the headers identify nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GatewayRefusal {
    /// The gateway did not prove itself.
    Unproven,
    /// A header has the name of one of ours but for underscores, as CGI (RFC 3875 section 4.1.18) and programs that
    /// follow it write names: some read it as ours, and some let it pass where they replace ours.
    Lookalike(&'static str),
    /// A header is listed in `Connection`, by which a sender has the next hop drop it (RFC 9110 section 7.6.1).
    Dropped(&'static str),
    /// A header is missing.
    Missing(&'static str),
    /// A header is there more than once.
    Repeated(&'static str),
    /// A header's value is not of the form it has to have.
    Unfit(&'static str),
}

impl Spoken for GatewayRefusal {
    fn sentence(&self) -> Sentence {
        match self {
            Self::Unproven => say!("gateway-unproven"),
            Self::Lookalike(header) => say!("gateway-underscore", header = *header),
            Self::Dropped(header) => say!("gateway-connection", header = *header),
            Self::Missing(header) => say!("gateway-missing", header = *header),
            Self::Repeated(header) => say!("gateway-repeated", header = *header),
            Self::Unfit(header) => say!("gateway-unfit", header = *header),
        }
    }
}

shown_in_english!(GatewayRefusal);

/// The user that the gateway's headers name: `X-User-Id` and `X-Org-Id`, and where given `X-User-Role` (else an agent)
/// and `X-User-Email`, proved by `X-Gateway-Secret` where the settings hold a secret.
///
/// The secret is compared in a time that depends on lengths alone: on that of what is shown, which its sender knows,
/// and on those of the accepted ones. So patient callers may learn how long a secret is, and of its characters nothing,
/// not even which of two it is that fits. At 16 random characters or more the length is of no use.
pub fn identify(headers: &HeaderMap, settings: &GatewaySettings) -> Result<Identity, GatewayRefusal> {
    refuse_tricks(headers)?;
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

/// Refuses what only somebody sends who wants one of our headers to be read, or not to be, behind the gateway's back.
fn refuse_tricks(headers: &HeaderMap) -> Result<(), GatewayRefusal> {
    let lookalike = headers.keys().find_map(|name| {
        let name = name.as_str().as_bytes();
        meant(name).filter(|ours| !name.eq_ignore_ascii_case(ours.as_bytes()))
    });
    if let Some(name) = lookalike {
        return Err(GatewayRefusal::Lookalike(name));
    }
    let mut options =
        headers.get_all(CONNECTION).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    match options.find_map(|option| meant(option.trim_ascii())) {
        Some(name) => Err(GatewayRefusal::Dropped(name)),
        None => Ok(()),
    }
}

/// The header of ours that this name stands for where case and the difference of `_` and `-` do not count.
fn meant(name: &[u8]) -> Option<&'static str> {
    let hyphened = |byte: &u8| if *byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    OURS.into_iter().find(|ours| {
        ours.len() == name.len()
            && ours.bytes().zip(name).all(|(own, byte)| own.to_ascii_lowercase() == hyphened(byte))
    })
}

fn prove(headers: &HeaderMap, settings: &GatewaySettings) -> Result<(), GatewayRefusal> {
    if settings.secrets.is_empty() {
        return Ok(());
    }
    let shown = single(headers, "X-Gateway-Secret")?.unwrap_or_default().as_bytes();
    // Each is compared, also after one that fits, so that the time taken tells nothing.
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
    fn a_name_with_underscores_is_not_taken_for_ours_and_refuses_the_request() {
        let (user, org) = (("x-user-id", "u1"), ("x-org-id", "o1"));
        for (name, ours) in [
            ("x_user_id", "X-User-Id"),
            ("x-user_id", "X-User-Id"),
            ("X_Org-Id", "X-Org-Id"),
            ("x_user_role", "X-User-Role"),
            ("x-user_email", "X-User-Email"),
            ("x-gateway_secret", "X-Gateway-Secret"),
        ] {
            assert_eq!(outcome(&[user, org, (name, "v")]), Err(GatewayRefusal::Lookalike(ours)), "{name}");
        }
        for name in ["x_request_id", "x_user_ids", "x__user_id", "user_id"] {
            assert!(outcome(&[user, org, (name, "v")]).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_header_that_the_sender_wants_dropped_refuses_the_request() {
        let (user, org) = (("x-user-id", "u1"), ("x-org-id", "o1"));
        for (options, ours) in [
            ("x-user-id", "X-User-Id"),
            ("close, X-ORG-ID", "X-Org-Id"),
            ("keep-alive,\tx-user-role ,te", "X-User-Role"),
            (",,x_user_email", "X-User-Email"),
            ("x-gateway-secret;q=1, x-gateway-secret", "X-Gateway-Secret"),
        ] {
            let refused = outcome(&[user, org, ("connection", options)]);
            assert_eq!(refused, Err(GatewayRefusal::Dropped(ours)), "{options}");
            let second = outcome(&[user, org, ("connection", "close"), ("connection", options)]);
            assert_eq!(second, Err(GatewayRefusal::Dropped(ours)), "{options}");
        }
        for options in ["", "close", "keep-alive, upgrade", "x-user", "x-user-id-2"] {
            assert!(outcome(&[user, org, ("connection", options)]).is_ok(), "{options}");
        }
    }

    #[test]
    fn tricks_with_the_proof_are_told_even_where_it_is_missing() {
        let settings =
            GatewaySettings { secrets: vec![SecretString::from("0123456789abcdef")], trust_everyone: false };
        let refused = identify(&headers(&[("x_gateway_secret", "0123456789abcdef")]), &settings);
        assert_eq!(refused, Err(GatewayRefusal::Lookalike("X-Gateway-Secret")));
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
