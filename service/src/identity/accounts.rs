//! The accounts of an organisation: what administrators do with them, and what users do with their own.

use super::Identity;
use super::login_limit::{Allowance, Subjects, seconds_until};
use super::parts::AccountParts;
use super::password::{PasswordError, PasswordRefusal, check_password, random_password};
use crate::ledger::Expected;
use crate::scope;
use crate::store::notifications::{Channel, notify};
use crate::store::users::{self, User, UserFilter, UserOrder};
use crate::store::{StoreError, login_limits, organizations, sessions};
use crate::wording::{Sentence, Spoken, say, shown_in_english};
use jiff::Timestamp;
use secrecy::SecretString;
use sqlx::AnyConnection;
use std::sync::Arc;
use token::Role;

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// In normal form.
    pub email: String,
    /// What they are called; may be empty.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Their first password; one is made when none is given.
    pub password: Option<SecretString>,
}

/// What is to change about an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChange {
    /// What they are called.
    pub name: Option<String>,
    /// What they may do.
    pub role: Option<Role>,
    /// Whether they may not log in.
    pub disabled: Option<bool>,
}

/// Why an account was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The organisation has no such account.
    Unknown,
    /// It has been changed since.
    Stale {
        /// Its version now.
        current: i64,
    },
    /// Somebody has this address.
    AddressTaken,
    /// Nobody would be left to manage the organisation.
    LastAdmin,
    /// The password cannot be taken.
    Unfit(#[from] PasswordRefusal),
    /// The present password is not this one.
    WrongPassword,
    /// Too many wrong ones.
    Limited {
        /// Seconds until there is another attempt.
        wait: i64,
    },
    /// Others keep changing it at the same time.
    Contended,
    /// Hashing failed.
    Password(#[from] PasswordError),
    /// The database failed.
    Store(#[from] StoreError),
}

impl Spoken for AccountError {
    fn sentence(&self) -> Sentence {
        match self {
            Self::Unknown => say!("path-unknown"),
            Self::Stale { current } => say!("user-stale", version = *current),
            Self::AddressTaken => say!("address-taken"),
            Self::LastAdmin => say!("last-admin"),
            Self::Unfit(refusal) => refusal.sentence(),
            Self::WrongPassword => say!("password-wrong"),
            Self::Limited { wait } => say!("attempts-used-up", seconds = *wait),
            Self::Contended => say!("user-contended"),
            Self::Password(error) => error.sentence(),
            Self::Store(error) => error.sentence(),
        }
    }
}

shown_in_english!(AccountError);

/// Makes, reads and changes accounts.
#[derive(Clone)]
pub struct Accounts(AccountParts);

/// What changes of somebody's sessions together with their account.
#[derive(Debug, Clone, Copy)]
enum Sessions<'a> {
    /// They go on.
    Kept,
    /// All end but the one with this id.
    Ended { but: Option<&'a str> },
}

impl Accounts {
    /// Over the accounts that `parts` lead to.
    pub fn new(parts: AccountParts) -> Self {
        Self(parts)
    }

    /// Makes an account in the administrator's organisation. The password comes back when it was made here.
    pub async fn create(
        &self,
        admin: &Identity,
        new: NewUser,
    ) -> Result<(User, Option<SecretString>), AccountError> {
        let (password, made) = given_or_made(new.password)?;
        let now = self.0.clock.now();
        let hash = self.0.passwords.hash(password).await?;
        let id = self.0.ids.next_id().to_string();
        let user =
            User { name: new.name, ..User::new(id, &admin.organization_id, &new.email, new.role, hash, now) };
        let added = user.clone();
        let of_request = scope::of_change(now);
        let (entry_id, about) = (self.0.ids.next_id().to_string(), format!("/users/{}", user.id));
        self.0
            .store
            .write::<_, AccountError, _>(move |tx| {
                Box::pin(async move {
                    of_request.begin(tx, now).await?;
                    if !users::insert(tx, &added).await? {
                        return Err(AccountError::AddressTaken);
                    }
                    Ok(of_request.end(tx, entry_id, Some(about)).await?)
                })
            })
            .await?;
        Ok((user, made))
    }

    /// The account with this id.
    pub async fn find(&self, admin: &Identity, id: &str) -> Result<User, AccountError> {
        let found = users::find(&mut *self.0.store.reader().await?, &admin.organization_id, id).await?;
        found.ok_or(AccountError::Unknown)
    }

    /// The organisation's accounts, at most `limit`.
    pub async fn list(
        &self,
        admin: &Identity,
        filter: UserFilter,
        order: &UserOrder,
        limit: i64,
    ) -> Result<Vec<User>, AccountError> {
        let mut reader = self.0.store.reader().await?;
        Ok(users::list(&mut reader, &admin.organization_id, filter, order, limit).await?)
    }

    /// Changes an account. Who is disabled is out at once; who gets another role goes on with a new access token.
    pub async fn change(
        &self,
        admin: &Identity,
        id: &str,
        expected: &Expected,
        change: UserChange,
    ) -> Result<User, AccountError> {
        let disabling = change.disabled == Some(true);
        let sessions = if disabling { Sessions::Ended { but: None } } else { Sessions::Kept };
        let decide = move |user: &User, times: Times| {
            let mut next = user.clone();
            next.name = change.name.clone().unwrap_or(next.name);
            next.role = change.role.unwrap_or(next.role);
            next.disabled_at = match change.disabled {
                None => next.disabled_at,
                Some(true) => next.disabled_at.or(Some(times.now)),
                Some(false) => None,
            };
            if next.role != user.role || (disabling && !user.is_disabled()) {
                next.not_before = times.first_of_new_tokens();
            }
            next
        };
        self.keep(&admin.organization_id, id, expected, sessions, decide).await
    }

    /// Gives somebody another password and ends their sessions. It comes back when it was made here.
    pub async fn reset_password(
        &self,
        admin: &Identity,
        id: &str,
        password: Option<SecretString>,
    ) -> Result<Option<SecretString>, AccountError> {
        let (password, made) = given_or_made(password)?;
        // Before the work of a hash, so that an id of nobody costs nothing.
        self.find(admin, id).await?;
        let hash = self.0.passwords.hash(password).await?;
        let decide = move |user: &User, times: Times| User {
            password_hash: hash.clone(),
            not_before: times.first_of_new_tokens(),
            ..user.clone()
        };
        let sessions = Sessions::Ended { but: None };
        self.keep(&admin.organization_id, id, &Expected::Any, sessions, decide).await?;
        Ok(made)
    }

    /// Changes one's own password and ends one's other sessions.
    pub async fn change_own_password(
        &self,
        identity: &Identity,
        current: SecretString,
        new: SecretString,
    ) -> Result<(), AccountError> {
        check_password(&new)?;
        let user = self.find(identity, &identity.user_id).await?;
        let now = self.0.clock.now();
        let account = Subjects::of(&user.email, None).account;
        let subject = account.clone();
        let again = self
            .0
            .store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move { login_limits::take(tx, &subject, Allowance::ACCOUNT, now).await })
            })
            .await?;
        if let Some(again) = again {
            return Err(AccountError::Limited { wait: seconds_until(again, now) });
        }
        if !self.0.passwords.verify(current, Some(user.password_hash)).await? {
            return Err(AccountError::WrongPassword);
        }
        let hash = self.0.passwords.hash(new).await?;
        let decide = move |user: &User, _| User { password_hash: hash.clone(), ..user.clone() };
        let sessions = Sessions::Ended { but: identity.session_id.as_deref() };
        let organization = &identity.organization_id;
        self.keep(organization, &identity.user_id, &Expected::Any, sessions, decide).await?;
        self.0
            .store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move { login_limits::restore(tx, &account).await })
            })
            .await?;
        Ok(())
    }

    /// Keeps what `decide` makes of the account, ends its sessions as asked, and lets all processes know.
    async fn keep(
        &self,
        organization_id: &str,
        id: &str,
        expected: &Expected,
        ending: Sessions<'_>,
        decide: impl Fn(&User, Times) -> User + Send + 'static,
    ) -> Result<User, AccountError> {
        let (organization, id, expected) = (organization_id.to_owned(), id.to_owned(), expected.clone());
        let (end, but) = match ending {
            Sessions::Kept => (false, None),
            Sessions::Ended { but } => (true, but.map(str::to_owned)),
        };
        let (kind, clock) = (self.0.store.kind(), Arc::clone(&self.0.clock));
        let (of_request, entry_id) = (scope::of_change(self.0.clock.now()), self.0.ids.next_id().to_string());
        let (user, ended, now) = self
            .0
            .store
            .write::<_, AccountError, _>(move |tx| {
                Box::pin(async move {
                    of_request.begin(tx, clock.now()).await?;
                    organizations::lock(tx, &organization).await?;
                    users::lock(tx, &id).await?;
                    // After the locks: no token is made meanwhile from what is about to change.
                    let now = clock.now();
                    let user = users::find(tx, &organization, &id).await?.ok_or(AccountError::Unknown)?;
                    if !expected.fits(user.version) {
                        return Err(AccountError::Stale { current: user.version });
                    }
                    // Another process, whose clock is ahead, may have made tokens that count as made after `now`.
                    let newest_token = sessions::newest_issue(tx, &id).await?;
                    let next = User {
                        version: user.version + 1,
                        updated_at: now,
                        ..decide(&user, Times { now, newest_token })
                    };
                    leaves_an_admin(tx, &user, &next).await?;
                    if !users::update(tx, &next, user.version).await? {
                        return Err(AccountError::Contended);
                    }
                    let ended = if end {
                        sessions::end_all_of(tx, &next.id, but.as_deref(), now).await?
                    } else {
                        Vec::new()
                    };
                    notify(tx, kind, Channel::Revocations).await?;
                    of_request.end(tx, entry_id, None).await?;
                    Ok((next, ended, now))
                })
            })
            .await?;
        for session in &ended {
            self.0.revocations.end_session(session, now);
        }
        if user.not_before > 0 {
            self.0.revocations.refuse_before(&user.id, user.not_before);
        }
        Ok(user)
    }
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Accounts").finish_non_exhaustive()
    }
}

/// The organisation is locked, so the answer holds until the transaction ends.
async fn leaves_an_admin(tx: &mut AnyConnection, user: &User, next: &User) -> Result<(), AccountError> {
    let manages = |user: &User| user.role == Role::Admin && !user.is_disabled();
    if !manages(user) || manages(next) || users::another_admin(tx, &user.organization_id, &user.id).await? {
        return Ok(());
    }
    Err(AccountError::LastAdmin)
}

/// The times that a change of an account depends on.
#[derive(Debug, Clone, Copy)]
struct Times {
    now: Timestamp,
    /// When the newest of its tokens was made: after `now`, if that was by a process whose clock is ahead.
    newest_token: Option<Timestamp>,
}

impl Times {
    /// From which second on tokens count as made after the change. Tokens hold whole seconds: those of the present one
    /// are refused too. One that is made within it counts as made in the next, see [`super::refresh::issue_time`].
    fn first_of_new_tokens(self) -> i64 {
        self.newest_token.map_or(self.now, |made| made.max(self.now)).as_second() + 1
    }
}

fn given_or_made(
    given: Option<SecretString>,
) -> Result<(SecretString, Option<SecretString>), PasswordRefusal> {
    if let Some(password) = given {
        check_password(&password)?;
        return Ok((password, None));
    }
    let made = random_password();
    Ok((made.clone(), Some(made)))
}
