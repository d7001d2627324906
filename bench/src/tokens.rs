//! Checks of tokens on one core: the bare signature, our rules, what a request goes through, and others' libraries.

use crate::pyjwt::PyJwt;
use crate::report::table;
use crate::statistics::{Spread, median};
use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use cc_lite::clock::{Clock, SystemClock};
use cc_lite::identity::keys::{KeyRing, KeysInForce};
use cc_lite::identity::parts::AccountParts;
use cc_lite::identity::password::{COST, Passwords};
use cc_lite::identity::revocation::Revocations;
use cc_lite::identity::session::Sessions;
use cc_lite::ids::{IdSource, RandomIds};
use cc_lite::settings::DatabaseSettings;
use cc_lite::store::Store;
use ed25519_dalek::{Signature, VerifyingKey};
use keyset::{KeyPair, KeySet};
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;
use testbed::command::output;
use testbed::lifetime::Lifetime;
use testbed::progress::step;
use testbed::venv::Venv;
use token::{Bearer, Role, TokenRules, TokenType};
use tokio::process::Command;

/// Processes, one after the other: single ones were seen to differ by a tenth from their start to their end.
const PROCESSES: usize = 16;
/// Rounds of a process, in each of which everything is measured once.
const ROUNDS: usize = 20;
/// Fresh tokens in each round.
const TOKENS: usize = 150;
/// Tokens that are seen again and again, as those of as many users at work.
const SEEN: usize = 50;

/// What is measured, in the order of a round.
const NAMES: [&str; 5] = [
    "ed25519-dalek, bare `verify_strict`",
    "cc-lite, `TokenRules::verify`",
    "cc-lite, `Sessions::authenticate`, token not seen before",
    "cc-lite, `Sessions::authenticate`, token seen before",
    "PyJWT, `decode`",
];

/// Measures everything; about half a minute.
pub(crate) async fn measure() -> Result<String> {
    let mut micros: [Vec<f64>; 5] = Default::default();
    step("checking tokens", async {
        for _ in 0..PROCESSES {
            let text = output(Command::new(std::env::current_exe()?).arg("--one-process")).await?;
            let medians: [f64; 5] = serde_json::from_str(&text)?;
            micros.iter_mut().zip(medians).for_each(|(all, one)| all.push(one));
        }
        Ok(())
    })
    .await?;
    let head = ["check of a token", "÷ bare signature's", "µs of a core"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for (name, values) in NAMES.iter().zip(&micros) {
        let ratio = Spread::of_ratios(values, &micros[0]);
        rows.push(vec![(*name).to_owned(), ratio.to_string(), Spread::of(values).to_string()]);
    }
    Ok(table(&rows))
}

/// Measures in this process alone, and prints the medians as JSON.
pub(crate) async fn measure_in_this_process(venv: &Venv) -> Result<()> {
    let life = Lifetime::begin("bench")?;
    let bench = Bench::ready(&life).await?;
    let (_, public) = bench.keys.set.jwks().iter().next().context("a set has a key")?;
    let mut pyjwt = PyJwt::start(venv, &public.to_pem())?;
    let mut micros: [Vec<f64>; 5] = Default::default();
    for _ in 0..ROUNDS {
        let round = bench.round(&mut pyjwt)?;
        micros.iter_mut().zip(round).for_each(|(all, one)| all.push(one));
    }
    println!("{}", serde_json::to_string(&micros.map(|values| median(&values)))?);
    Ok(())
}

/// What tokens are made and checked with.
struct Bench {
    keys: Arc<KeysInForce>,
    rules: TokenRules,
    sessions: Sessions,
    bare: VerifyingKey,
    /// These have been seen by `sessions`.
    seen: Vec<String>,
}

impl Bench {
    async fn ready(life: &Lifetime) -> Result<Self> {
        let ring = KeyRing::new(KeySet::of_pair(KeyPair::generate(&mut rand::rng())));
        let keys = ring.in_force();
        let rules = TokenRules {
            issuer: "cc-lite".into(),
            audience: "cc-lite".into(),
            access_life: Duration::from_mins(15),
            refresh_life: Duration::from_hours(168),
        };
        let store = Store::open(&DatabaseSettings::Sqlite { file: life.dir().join("cc-lite.db") }).await?;
        let parts = AccountParts {
            store,
            passwords: Passwords::new(COST),
            revocations: Revocations::default(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
        };
        let sessions = Sessions::new(parts, rules.clone(), ring);
        let (_, public) = keys.set.jwks().iter().next().context("a set has a key")?;
        let bare = VerifyingKey::from_bytes(public.as_bytes())?;
        let mut bench = Self { keys, rules, sessions, bare, seen: Vec::new() };
        bench.seen = bench.issue(SEEN);
        Ok(bench)
    }

    fn issue(&self, count: usize) -> Vec<String> {
        let (user, session) = (RandomIds.next_id().to_string(), RandomIds.next_id().to_string());
        let bearer = Bearer {
            user_id: &user,
            email: "agent-1@example.com",
            role: Role::Agent,
            organization_id: "default",
            session_id: &session,
        };
        let one = |_| {
            let jti = RandomIds.next_id().to_string();
            self.rules.issue(&self.keys.set, TokenType::Access, &bearer, &jti, SystemClock.now())
        };
        (0..count).map(one).collect()
    }

    /// Microseconds a check, in the order of [`NAMES`].
    fn round(&self, pyjwt: &mut PyJwt) -> Result<[f64; 5]> {
        let tokens = self.issue(TOKENS);
        let signatures: Vec<(&str, Signature)> =
            tokens.iter().map(|token| signature(token)).collect::<Result<_>>()?;
        let now = SystemClock.now();
        let bare = micros(&signatures, |(input, signature)| {
            self.bare.verify_strict(input.as_bytes(), signature).is_ok()
        })?;
        let rules = micros(&tokens, |token| {
            self.rules.verify(&self.keys.set, token, TokenType::Access, now).is_ok()
        })?;
        let unseen = micros(&tokens, |token| self.sessions.authenticate(token).is_ok())?;
        let seen: Vec<&String> = self.seen.iter().cycle().take(TOKENS).collect();
        // Once beforehand, for they may have been forgotten over the new ones.
        micros(&seen[..SEEN], |token| self.sessions.authenticate(token).is_ok())?;
        let seen = micros(&seen, |token| self.sessions.authenticate(token).is_ok())?;
        Ok([bare, rules, unseen, seen, pyjwt.check(&tokens)?])
    }
}

fn signature(token: &str) -> Result<(&str, Signature)> {
    let (input, signature) = token.rsplit_once('.').context("a token has a signature")?;
    Ok((input, Signature::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(signature)?)?))
}

/// Microseconds of this thread's processor time that `check` takes for each item. All have to pass.
#[expect(clippy::cast_precision_loss, reason = "hundreds of items")]
fn micros<T>(items: &[T], check: impl Fn(&T) -> bool) -> Result<f64> {
    let begun = processor_seconds();
    let passed = items.iter().filter(|item| check(black_box(*item))).count();
    let took = processor_seconds() - begun;
    anyhow::ensure!(passed == items.len(), "{} of {} tokens were refused", items.len() - passed, items.len());
    Ok(took * 1e6 / items.len() as f64)
}

/// Unlike the time that passes, this does not count what else the machine does.
#[expect(clippy::cast_precision_loss, reason = "seconds of one process, to the nanosecond")]
fn processor_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}
