//! Tokens: compact JWS (RFC 7515) signed with Ed25519 (RFC 8037), carrying JWT claims (RFC 7519).
//!
//! Verification takes what [`TokenRules::issue`] makes and nothing else: every header parameter and claim is required,
//! typed and checked, and anything optional in the RFCs is refused. That leaves less than a general JWT library has
//! to offer, so none is used: the signature itself is `keyset`'s. Everything here is pure: keys and time come in as
//! values.

mod role;

pub use role::{Role, is_identifier};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use keyset::KeySet;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::time::Duration;

/// How far clocks of issuer and verifier may be apart, in seconds.
const LEEWAY: i64 = 5;
/// The longest life of an access token that any setting allows, in seconds.
pub const LONGEST_ACCESS_LIFE: i64 = 24 * 3600;
/// The longest token read, in bytes.
pub const MAX_TOKEN_BYTES: usize = 4096;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "String")]
pub enum TokenType {
    /// Goes with each request.
    Access,
    /// Is given for the next pair of tokens, once.
    Refresh,
}

impl TokenType {
    /// The longest life that any setting allows, in seconds.
    fn longest_life(self) -> i64 {
        match self {
            Self::Access => LONGEST_ACCESS_LIFE,
            Self::Refresh => 366 * 24 * 3600,
        }
    }
}

/// Takes a string alone: an enum's name is otherwise also read from `{"access":null}`.
impl TryFrom<String> for TokenType {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, &'static str> {
        match name.as_str() {
            "access" => Ok(Self::Access),
            "refresh" => Ok(Self::Refresh),
            _ => Err("a token's type is `access` or `refresh`"),
        }
    }
}

/// The claims of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The user.
    pub sub: String,
    /// Their address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Their organisation.
    pub org: String,
    /// The session: all tokens that came of one login.
    pub sid: String,
    /// What the token is for.
    #[serde(rename = "type")]
    pub token_type: TokenType,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// When it begins to be valid, in seconds since 1970.
    pub nbf: i64,
    /// Who made it.
    pub iss: String,
    /// Whom it is for.
    pub aud: String,
    /// The token's own id.
    pub jti: String,
}

impl Claims {
    /// Whether they hold at the time `now`, give or take how far clocks may be apart. It is the last thing that
    /// [`TokenRules::verify`] asks, and all that has to be asked again of a token that it accepted with the same keys.
    pub fn check_time(&self, now: Timestamp) -> Result<(), TokenRefusal> {
        let now = now.as_second();
        if now + LEEWAY < self.nbf || now + LEEWAY < self.iat {
            return Err(TokenRefusal::NotYet);
        }
        if now - LEEWAY >= self.exp {
            return Err(TokenRefusal::Expired);
        }
        Ok(())
    }
}

/// Whose token is to be made.
#[derive(Debug, Clone, Copy)]
pub struct Bearer<'a> {
    /// The user.
    pub user_id: &'a str,
    /// Their address.
    pub email: &'a str,
    /// What they may do.
    pub role: Role,
    /// Their organisation.
    pub organization_id: &'a str,
    /// Their session.
    pub session_id: &'a str,
}

/// The header that tokens are made with.
#[derive(Serialize)]
struct OutgoingHeader<'a> {
    alg: &'static str,
    typ: &'static str,
    kid: &'a str,
}

/// The header that tokens may have: a parameter more, such as `crit` or `jwk`, is one that nothing here honours.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IncomingHeader {
    alg: String,
    typ: String,
    kid: String,
}

impl IncomingHeader {
    /// Two names of one algorithm are known: RFC 8037 section 3.1, and RFC 9864 section 2.2.
    fn is_ours(&self) -> bool {
        matches!(self.alg.as_str(), "EdDSA" | "Ed25519") && self.typ == "JWT"
    }
}

/// Why a token is refused. Callers are told no more than whether it has expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// It is not three parts of base64url, or longer than any of ours.
    #[error("the token is not a compact JWS")]
    Form,
    /// The header is not one of ours.
    #[error("the token's header is not `alg` EdDSA or Ed25519, `typ` JWT and a `kid`, and nothing else")]
    Header,
    /// No accepted key has this id.
    #[error("the token's key is not accepted")]
    Key,
    /// It was not signed with the key that it names.
    #[error("the token's signature is wrong")]
    Signature,
    /// A claim is missing, twice there, of another type or not what it has to be.
    #[error("the token's claims are not what they have to be")]
    Claims,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    NotYet,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
}

/// What tokens have to say, and for how long they are valid.
#[derive(Debug, Clone)]
pub struct TokenRules {
    /// `iss` of the tokens.
    pub issuer: String,
    /// `aud` of the tokens.
    pub audience: String,
    /// Life of an access token, at most 24 hours.
    pub access_life: Duration,
    /// Life of a refresh token, at most 366 days.
    pub refresh_life: Duration,
}

impl TokenRules {
    /// Life of a token of this type, in whole seconds.
    pub fn life_seconds(&self, token_type: TokenType) -> i64 {
        let life = match token_type {
            TokenType::Access => self.access_life,
            TokenType::Refresh => self.refresh_life,
        };
        i64::try_from(life.as_secs()).unwrap_or(i64::MAX)
    }

    /// Makes a token. The same arguments and keys give the same token: Ed25519 signatures have no chance in them
    /// (RFC 8032 section 5.1.6).
    pub fn issue(
        &self,
        keys: &KeySet,
        token_type: TokenType,
        bearer: &Bearer<'_>,
        jti: &str,
        issued_at: Timestamp,
    ) -> String {
        let iat = issued_at.as_second();
        let claims = Claims {
            sub: bearer.user_id.to_owned(),
            email: bearer.email.to_owned(),
            role: bearer.role,
            org: bearer.organization_id.to_owned(),
            sid: bearer.session_id.to_owned(),
            token_type,
            exp: iat + self.life_seconds(token_type),
            iat,
            nbf: iat,
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            jti: jti.to_owned(),
        };
        let header = OutgoingHeader { alg: "EdDSA", typ: "JWT", kid: keys.signing_kid().as_str() };
        let signing_input = format!("{}.{}", part(&header), part(&claims));
        let signature = keys.sign(signing_input.as_bytes());
        format!("{signing_input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    /// The claims of a token that is ours, of this type, and valid at the time `now`.
    pub fn verify(
        &self,
        keys: &KeySet,
        token: &str,
        token_type: TokenType,
        now: Timestamp,
    ) -> Result<Claims, TokenRefusal> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenRefusal::Form);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(TokenRefusal::Form)?;
        let (header, payload) = signing_input.split_once('.').ok_or(TokenRefusal::Form)?;
        let header = object::<IncomingHeader>(&decode(header)?)
            .filter(IncomingHeader::is_ours)
            .ok_or(TokenRefusal::Header)?;
        let key = keys.verifier(&header.kid).ok_or(TokenRefusal::Key)?;
        key.verify(signing_input.as_bytes(), &decode(signature)?).map_err(|_| TokenRefusal::Signature)?;
        let claims = object::<Claims>(&decode(payload)?).ok_or(TokenRefusal::Claims)?;
        self.check(&claims, token_type)?;
        claims.check_time(now)?;
        Ok(claims)
    }

    fn check(&self, claims: &Claims, token_type: TokenType) -> Result<(), TokenRefusal> {
        let times = [claims.exp, claims.iat, claims.nbf];
        let ours = claims.iss == self.issuer
            && claims.aud == self.audience
            && claims.token_type == token_type
            && times.iter().all(|time| (0..=i64::from(u32::MAX)).contains(time))
            && claims.iat < claims.exp
            && claims.nbf < claims.exp
            && claims.exp - claims.iat <= token_type.longest_life()
            && [&claims.sub, &claims.org, &claims.sid, &claims.jti].iter().all(|id| is_identifier(id));
        if ours { Ok(()) } else { Err(TokenRefusal::Claims) }
    }
}

fn part(json: &impl Serialize) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(json).unwrap_or_default())
}

fn decode(part: &str) -> Result<Vec<u8>, TokenRefusal> {
    BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenRefusal::Form)
}

/// Reads a JSON object in UTF-8 (RFC 7519 section 7.2). Without a look at its beginning, members would be taken from an
/// array in their order as well, and without one at the whole text, what is skipped could be any bytes.
fn object<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let text = str::from_utf8(bytes).ok().filter(|text| text.trim_ascii_start().starts_with('{'))?;
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests;
