//! How often one may try to log in, by address and by account.
//!
//! An allowance is a number of attempts that come back one by one (the generic cell rate algorithm, ITU-T I.371). What
//! is used up for an account only delays: the next attempt is at most one step away, so nobody can lock an account by
//! trying. And an address from which the account was logged in to of late has an allowance of its own, so that the
//! attempts of others do not even delay its user. Addresses and accounts that do not exist count alike.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::net::{IpAddr, Ipv6Addr};

/// For how long an address stays known to an account after a login.
pub const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A number of attempts, and the time in which one of them comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Attempts at once.
    pub attempts: u32,
    /// Until one more.
    pub step: SignedDuration,
}

impl Allowance {
    /// For one address: a whole office may be behind it, and right passwords are given back.
    pub const ADDRESS: Self = Self { attempts: 50, step: SignedDuration::from_secs(2) };
    /// For one account.
    pub const ACCOUNT: Self = Self { attempts: 10, step: SignedDuration::from_secs(30) };

    /// What one attempt costs.
    pub(crate) fn price_microseconds(self) -> i64 {
        i64::try_from(self.step.as_micros()).unwrap_or(i64::MAX)
    }

    /// What all attempts cost together.
    pub(crate) fn total_microseconds(self) -> i64 {
        self.price_microseconds().saturating_mul(i64::from(self.attempts))
    }
}

/// Whole seconds from `now` until then, at least one.
pub fn seconds_until(then: Timestamp, now: Timestamp) -> i64 {
    let wait = then.duration_since(now);
    (wait.as_secs() + i64::from(wait.subsec_nanos() > 0)).max(1)
}

/// What one attempt is counted under. Nothing that was typed is kept: it may be a password in the wrong field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subjects {
    /// The address, where it is known.
    pub address: Option<String>,
    /// The account.
    pub account: String,
    /// Both together.
    pub pair: Option<String>,
}

impl Subjects {
    /// Of an attempt to log in with this address of mail from this address of the network.
    pub fn of(email: &str, address: Option<IpAddr>) -> Self {
        let address = address.map(network);
        Self {
            account: format!("account:{}", hash(&[email])),
            pair: address.as_ref().map(|address| format!("known:{}", hash(&[email, address]))),
            address: address.map(|address| format!("address:{}", hash(&[&address]))),
        }
    }
}

/// What counts as one address: of IPv6 the /64, since that is what one customer gets.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = u128::from(address) & (u128::MAX << 64);
            format!("{}/64", Ipv6Addr::from(network))
        }
    }
}

fn hash(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
        digest.update([0]);
    }
    super::hex(&digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subjects(email: &str, address: &str) -> Subjects {
        Subjects::of(email, Some(address.parse().unwrap()))
    }

    #[test]
    fn the_addresses_of_one_customer_count_as_one() {
        let one = subjects("a@b", "2001:db8:1:2:3::4");
        assert_eq!(one, subjects("a@b", "2001:db8:1:2:ffff::"));
        assert_ne!(one.address, subjects("a@b", "2001:db8:1:3:3::4").address);
        assert_eq!(subjects("a@b", "::ffff:192.0.2.1"), subjects("a@b", "192.0.2.1"));
        assert_ne!(subjects("a@b", "192.0.2.1").address, subjects("a@b", "192.0.2.2").address);
    }

    #[test]
    fn what_was_typed_is_not_to_be_read_in_what_is_kept() {
        let kept = format!("{:?}", subjects("hunter2@example.com", "192.0.2.1"));
        assert!(!kept.contains("hunter2") && !kept.contains("192.0.2.1"), "{kept}");
    }

    #[test]
    fn without_an_address_the_account_alone_counts() {
        let subjects = Subjects::of("a@b", None);
        assert_eq!((subjects.address, subjects.pair), (None, None));
    }
}
