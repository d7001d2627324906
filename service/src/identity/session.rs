//! Sessions: login, refresh (see [`super::refresh`]) and logout.

use super::keys::KeyRing;
use super::login_limit::{Allowance, KNOWN_FOR, Subjects, seconds_until};
use super::parts::AccountParts;
use super::password::PasswordError;
use super::refresh::{Exchange, exchange, hashed, issue_time, successor_of};
use super::revocation::Revoked;
use super::verified::VerifiedTokens;
use super::{Identity, normal_email};
use crate::store::notifications::{Channel, notify};
use crate::store::sessions;
use crate::store::users::{self, User};
use crate::store::{StoreError, known_addresses, login_limits};
use crate::wording::{Sentence, Spoken, say, shown_in_english};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use sqlx::AnyConnection;
use std::net::IpAddr;
use std::sync::Arc;
use token::{Bearer, Claims, TokenRefusal, TokenRules, TokenType};

/// What a login or refresh gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenPair {
    /// Goes with each request.
    pub access_token: String,
    /// Is given for the next pair, once.
    pub refresh_token: String,
    /// Life of the access token, in seconds.
    pub expires_in: i64,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Unknown address, wrong password or disabled account: which of them is not told.
    Credentials,
    /// Too many wrong passwords, for this account or from this address.
    Limited {
        /// Seconds until there is another attempt.
        wait: i64,
    },
    /// The token is not one of ours, or not valid now.
    Token(#[from] TokenRefusal),
    /// The session was ended, or its user may not log in any more.
    Ended,
    /// The refresh token was used before.
    Replayed,
    /// Hashing failed.
    Password(#[from] PasswordError),
    /// The database failed.
    Store(#[from] StoreError),
}

impl Spoken for SessionError {
    fn sentence(&self) -> Sentence {
        match self {
            Self::Credentials => say!("credentials-rejected"),
            Self::Limited { wait } => say!("attempts-used-up", seconds = *wait),
            Self::Token(TokenRefusal::Expired) => say!("token-expired"),
            Self::Token(_) | Self::Ended | Self::Replayed => say!("log-in-again"),
            Self::Password(error) => error.sentence(),
            Self::Store(error) => error.sentence(),
        }
    }
}

shown_in_english!(SessionError);

/// Gives out and ends sessions.
#[derive(Clone)]
pub struct Sessions {
    parts: AccountParts,
    rules: TokenRules,
    keys: KeyRing,
    verified: VerifiedTokens,
}

impl Sessions {
    /// Over the accounts that `parts` lead to; tokens are made and verified by `rules` with `keys`.
    pub fn new(parts: AccountParts, rules: TokenRules, keys: KeyRing) -> Self {
        Self { parts, rules, keys, verified: VerifiedTokens::default() }
    }

    /// The keys in force.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Who the bearer of this access token is.
    pub fn authenticate(&self, access_token: &str) -> Result<Identity, SessionError> {
        let (keys, now) = (self.keys.in_force(), self.parts.clock.now());
        let claims = self.verified.claims(&self.rules, &keys, access_token, now)?;
        match self.parts.revocations.of(&claims) {
            None => Ok(Identity::from(&*claims)),
            Some(Revoked::Session) => Err(SessionError::Ended),
            // As if its time were over: a refresh gives one that says what is so now.
            Some(Revoked::Outdated) => Err(TokenRefusal::Expired.into()),
        }
    }

    /// Begins a session. `address` is where the caller is, if that is known.
    pub async fn login(
        &self,
        email: &str,
        password: SecretString,
        address: Option<IpAddr>,
    ) -> Result<TokenPair, SessionError> {
        let email = normal_email(email);
        let subjects = Subjects::of(email.as_deref().unwrap_or_default(), address);
        let counted = self.count_attempt(&subjects).await?;
        let user = match email {
            Some(email) => users::by_email(&mut *self.parts.store.reader().await?, &email).await?,
            None => None,
        };
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let equal = self.parts.passwords.verify(password, hash).await?;
        let user = user.filter(|user| equal && !user.is_disabled()).ok_or(SessionError::Credentials)?;

        let (session_id, jti) = (self.parts.ids.next_id().to_string(), self.parts.ids.next_id().to_string());
        let (clock, life) = (Arc::clone(&self.parts.clock), self.refresh_life());
        let (sid, jti_hash) = (session_id.clone(), hashed(&jti));
        let (user, issued_at) = self
            .parts
            .store
            .write::<_, SessionError, _>(move |tx| {
                Box::pin(async move {
                    users::lock(tx, &user.id).await?;
                    let verified = user.password_hash;
                    // The account may have changed while the password was being compared.
                    let user = users::by_id(tx, &user.id).await?;
                    let user = user.filter(|user| !user.is_disabled() && user.password_hash == verified);
                    let user = user.ok_or(SessionError::Credentials)?;
                    let now = clock.now();
                    let issued_at = issue_time(&user, now);
                    sessions::begin(tx, &sid, &user.id, now, now + life).await?;
                    sessions::record(tx, &jti_hash, &sid, issued_at).await?;
                    forgive(tx, &subjects, &counted, now).await?;
                    Ok((user, issued_at))
                })
            })
            .await?;
        Ok(self.pair(&user, &session_id, &jti, issued_at, issued_at))
    }

    /// Takes an attempt from the allowances of account and address, and gives what stands for the account.
    async fn count_attempt(&self, subjects: &Subjects) -> Result<String, SessionError> {
        let (subjects, clock) = (subjects.clone(), Arc::clone(&self.parts.clock));
        self.parts
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let now = clock.now();
                    let account = match subjects.pair {
                        Some(pair) if known_addresses::is_known(tx, &pair, now).await? => pair,
                        _ => subjects.account,
                    };
                    // A refusal undoes what was taken before it.
                    if let Some(again) = login_limits::take(tx, &account, Allowance::ACCOUNT, now).await? {
                        return Err(SessionError::Limited { wait: seconds_until(again, now) });
                    }
                    if let Some(address) = subjects.address
                        && let Some(again) = login_limits::take(tx, &address, Allowance::ADDRESS, now).await?
                    {
                        return Err(SessionError::Limited { wait: seconds_until(again, now) });
                    }
                    Ok(account)
                })
            })
            .await
    }

    /// Gives the next pair of tokens for a refresh token.
    pub async fn refresh(&self, refresh_token: &str) -> Result<TokenPair, SessionError> {
        let claims = self.verify_refresh_token(refresh_token, self.parts.clock.now())?;
        let successor = successor_of(&claims.jti);
        let (clock, life, kind) =
            (Arc::clone(&self.parts.clock), self.refresh_life(), self.parts.store.kind());
        let (presented, next) = (claims.clone(), successor.clone());
        let exchange = self
            .parts
            .store
            .write(move |tx| {
                Box::pin(async move { exchange(tx, &presented, &next, &*clock, life, kind).await })
            })
            .await?;
        match exchange {
            Exchange::Given { user, access_issued_at, issued_at } => {
                Ok(self.pair(&user, &claims.sid, &successor, access_issued_at, issued_at))
            }
            Exchange::Ended => Err(SessionError::Ended),
            Exchange::Replayed => Err(SessionError::Replayed),
            Exchange::Copied { ended_at } => {
                self.parts.revocations.end_session(&claims.sid, ended_at);
                Err(SessionError::Replayed)
            }
        }
    }

    /// Ends the session of a refresh token, or all sessions of its user. One that has ended already stays so.
    pub async fn logout(&self, refresh_token: &str, everywhere: bool) -> Result<(), SessionError> {
        let now = self.parts.clock.now();
        let claims = self.verify_refresh_token(refresh_token, now)?;
        let kind = self.parts.store.kind();
        let ended = self
            .parts
            .store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move {
                    let open = sessions::find(tx, &claims.sid).await?.filter(|session| !session.ended);
                    // Who holds a token of an ended session must not end others.
                    let Some(session) = open else { return Ok(vec![claims.sid]) };
                    let ended = if everywhere {
                        sessions::end_all_of(tx, &session.user_id, None, now).await?
                    } else {
                        sessions::end(tx, &session.id, now).await?;
                        vec![session.id]
                    };
                    notify(tx, kind, Channel::Revocations).await?;
                    Ok(ended)
                })
            })
            .await?;
        for session in &ended {
            self.parts.revocations.end_session(session, now);
        }
        Ok(())
    }

    /// The account of someone who is logged in, if it still may be used.
    pub async fn account(&self, identity: &Identity) -> Result<User, SessionError> {
        let user = users::by_id(&mut *self.parts.store.reader().await?, &identity.user_id).await?;
        user.filter(|user| !user.is_disabled()).ok_or(SessionError::Ended)
    }

    fn verify_refresh_token(&self, token: &str, now: Timestamp) -> Result<Claims, TokenRefusal> {
        self.rules.verify(&self.keys.in_force().set, token, TokenType::Refresh, now)
    }

    fn refresh_life(&self) -> SignedDuration {
        SignedDuration::from_secs(self.rules.life_seconds(TokenType::Refresh))
    }

    fn pair(
        &self,
        user: &User,
        session_id: &str,
        refresh_jti: &str,
        access_issued_at: Timestamp,
        refresh_issued_at: Timestamp,
    ) -> TokenPair {
        let bearer = Bearer {
            user_id: &user.id,
            email: &user.email,
            role: user.role,
            organization_id: &user.organization_id,
            session_id,
        };
        let access_jti = self.parts.ids.next_id().to_string();
        let keys = &self.keys.in_force().set;
        let age = self.parts.clock.now().duration_since(access_issued_at);
        TokenPair {
            access_token: self.rules.issue(keys, TokenType::Access, &bearer, &access_jti, access_issued_at),
            refresh_token: self.rules.issue(
                keys,
                TokenType::Refresh,
                &bearer,
                refresh_jti,
                refresh_issued_at,
            ),
            expires_in: self.rules.life_seconds(TokenType::Access) - age.as_secs().max(0),
        }
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

/// A right password gives back what its attempt took, and the whole allowance of the account from here.
async fn forgive(
    tx: &mut AnyConnection,
    subjects: &Subjects,
    counted: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    login_limits::restore(tx, counted).await?;
    if let Some(address) = &subjects.address {
        login_limits::give_back(tx, address, Allowance::ADDRESS).await?;
    }
    if let Some(pair) = &subjects.pair {
        known_addresses::remember(tx, pair, now + KNOWN_FOR).await?;
    }
    Ok(())
}
