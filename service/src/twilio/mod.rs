//! Twilio's word on calls: who may give it, and what it means.

pub mod callback;

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use subtle::{Choice, ConstantTimeEq};
use url::Url;

/// Path of the status callback below the API's base path.
pub const STATUS_PATH: &str = "/providers/twilio/status";

/// Whose callbacks count, and where Twilio sends them.
#[derive(Debug, Clone)]
pub struct TwilioSettings {
    /// The API's address as Twilio calls it.
    pub public_url: Url,
    /// The accounts; one SID may stand there twice while its token changes.
    pub accounts: Vec<TwilioAccount>,
}

/// An account at Twilio.
#[derive(Debug, Clone)]
pub struct TwilioAccount {
    /// `AC` and 32 hexadecimal digits.
    pub sid: String,
    /// What Twilio signs with.
    pub auth_token: SecretString,
    /// The organisation that its calls belong to.
    pub organization_id: String,
}

impl TwilioSettings {
    /// The organisation whose calls a callback is about, if the signature is that of one of its accounts. `query` is
    /// the request's, `parameters` those of its body.
    ///
    /// Source: Twilio, "Validating Signatures from Twilio": HMAC-SHA1 over the address as called, followed by each
    /// parameter's name and value, ordered by name.
    pub fn organization(
        &self,
        query: Option<&str>,
        parameters: &[(String, String)],
        signature: &str,
    ) -> Option<&str> {
        let sid =
            parameters.iter().find(|(name, _)| name == "AccountSid").map(|(_, value)| value.as_str())?;
        let given = BASE64_STANDARD.decode(signature).ok()?;
        let accounts = self.accounts.iter().filter(|account| account.sid == sid);
        let mut found = None;
        for account in accounts {
            let fits = self.addresses(query).iter().fold(Choice::from(0), |fits, address| {
                fits | sign(&account.auth_token, address, parameters).ct_eq(given.as_slice())
            });
            if bool::from(fits) {
                found = Some(account.organization_id.as_str());
            }
        }
        found
    }

    /// The address as Twilio may have written it: with the scheme's own port, or without.
    fn addresses(&self, query: Option<&str>) -> [String; 2] {
        let base = self.public_url.as_str().trim_end_matches('/');
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let plain = format!("{base}{STATUS_PATH}{query}");
        let (host, port) = (self.public_url.host_str(), self.public_url.port_or_known_default());
        let with_port = match (host, port) {
            (Some(host), Some(port)) if self.public_url.port().is_none() => {
                plain.replacen(host, &format!("{host}:{port}"), 1)
            }
            _ => plain.clone(),
        };
        [plain, with_port]
    }
}

fn sign(token: &SecretString, address: &str, parameters: &[(String, String)]) -> Vec<u8> {
    let mut sorted: Vec<&(String, String)> = parameters.iter().collect();
    sorted.sort();
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(token.expose_secret().as_bytes()) else {
        return Vec::new();
    };
    mac.update(address.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str) -> TwilioSettings {
        let account = |token: &str| TwilioAccount {
            sid: "AC1".into(),
            auth_token: SecretString::from(token),
            organization_id: "o1".into(),
        };
        TwilioSettings {
            public_url: url.parse().unwrap(),
            accounts: vec![account("12345"), account("the next one")],
        }
    }

    fn parameters() -> Vec<(String, String)> {
        [("To", "+18005551212"), ("AccountSid", "AC1"), ("CallSid", "CA1"), ("From", "+14158675310")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec()
    }

    fn signed(token: &str, address: &str) -> String {
        BASE64_STANDARD.encode(sign(&SecretString::from(token), address, &parameters()))
    }

    /// The example of Twilio's documentation.
    #[test]
    fn the_signature_is_that_of_twilios_documentation() {
        let parameters = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let signature =
            sign(&SecretString::from("12345"), "https://mycompany.com/myapp.php?foo=1&bar=2", &parameters);
        assert_eq!(BASE64_STANDARD.encode(signature), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }

    #[test]
    fn each_token_counts_with_and_without_the_port_and_nothing_else_does() {
        let settings = settings("https://voice.example.com/api/");
        let path = "/api/providers/twilio/status";
        let organization =
            |signature: &str| settings.organization(Some("call_id=1"), &parameters(), signature).is_some();
        for token in ["12345", "the next one"] {
            for host in ["voice.example.com", "voice.example.com:443"] {
                assert!(organization(&signed(token, &format!("https://{host}{path}?call_id=1"))), "{host}");
            }
        }
        let good = signed("12345", &format!("https://voice.example.com{path}?call_id=1"));
        for bad in [
            signed("another", &format!("https://voice.example.com{path}?call_id=1")),
            signed("12345", &format!("https://voice.example.com{path}?call_id=2")),
            signed("12345", &format!("https://voice.example.com{path}")),
            signed("12345", &format!("http://voice.example.com{path}?call_id=1")),
            String::new(),
            "!".to_owned(),
            good[1..].to_owned(),
        ] {
            assert!(!organization(&bad), "{bad}");
        }
        let mut changed = parameters();
        changed[0].1 = "+18005551213".into();
        assert!(settings.organization(Some("call_id=1"), &changed, &good).is_none());
    }
}
