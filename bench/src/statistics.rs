//! What a few measurements say: medians, spans, and whether two groups differ.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::fmt;

/// How often the groups are drawn anew for an interval.
const RESAMPLES: usize = 10_000;

/// The value that `share` (0 to 1) of the sorted `values` do not exceed, between neighbours in proportion.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places among a few thousand values"
)]
fn at(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = share * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (place - place.floor())
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values
}

/// The value that `share` (0 to 1) of `values` do not exceed.
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    at(&sorted(values), share)
}

/// The middle one.
pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// Several runs of one measurement, in short. Shown as `median (least–most)`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    pub(crate) fn of(values: &[f64]) -> Self {
        let sorted = sorted(values);
        Self { median: at(&sorted, 0.5), least: at(&sorted, 0.0), most: at(&sorted, 1.0) }
    }

    /// Of the ratios within each round, so that what slows both sides of a round does not count.
    pub(crate) fn of_ratios(above: &[f64], below: &[f64]) -> Self {
        Self::of(&above.iter().zip(below).map(|(above, below)| above / below).collect::<Vec<_>>())
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}–{})", figure(self.median), figure(self.least), figure(self.most))
    }
}

/// Three significant digits.
pub(crate) fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        size if size >= 0.9995 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

/// How much greater the median of `one` is than that of `other`: with 95 % confidence between these two, by the
/// percentile bootstrap (Efron, Tibshirani: An Introduction to the Bootstrap, 1993, section 13.3). The same values
/// give the same interval.
pub(crate) fn interval_of_difference(one: &[f64], other: &[f64]) -> (f64, f64) {
    let mut rng = StdRng::seed_from_u64(1);
    let mut drawn = |values: &[f64]| {
        let again: Vec<f64> = values.iter().map(|_| values[rng.random_range(0..values.len())]).collect();
        median(&again)
    };
    let differences: Vec<f64> = (0..RESAMPLES).map(|_| drawn(one) - drawn(other)).collect();
    let differences = sorted(&differences);
    (at(&differences, 0.025), at(&differences, 0.975))
}

/// The probability of groups at least as different as these if chance alone tells them apart: the two-sided test of
/// Mann and Whitney (1947), by its normal approximation with corrections for ties and continuity.
#[expect(clippy::cast_precision_loss, reason = "a few hundred values")]
pub(crate) fn mann_whitney(one: &[f64], other: &[f64]) -> f64 {
    let (n, m) = (one.len() as f64, other.len() as f64);
    let mut all: Vec<(f64, bool)> =
        one.iter().map(|value| (*value, true)).chain(other.iter().map(|value| (*value, false))).collect();
    all.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let (mut rank_sum, mut tied, mut ranked) = (0.0, 0.0, 0.0);
    for equal in all.chunk_by(|(a, _), (b, _)| a.total_cmp(b).is_eq()) {
        let count = equal.len() as f64;
        let rank = ranked + f64::midpoint(count, 1.0);
        rank_sum += rank * equal.iter().filter(|(_, of_one)| *of_one).count() as f64;
        tied += count.powi(3) - count;
        ranked += count;
    }
    let u = rank_sum - n * (n + 1.0) / 2.0;
    let total = n + m;
    let variance = n * m / 12.0 * (total + 1.0 - tied / (total * (total - 1.0)));
    let distance = ((u - n * m / 2.0).abs() - 0.5).max(0.0);
    if variance > 0.0 { beyond(distance / variance.sqrt()) } else { 1.0 }
}

/// The share of a normal distribution that lies at least `z` deviations from its middle, to about 1e-7 (Abramowitz,
/// Stegun: Handbook of Mathematical Functions, 7.1.26).
fn beyond(z: f64) -> f64 {
    let x = z / std::f64::consts::SQRT_2;
    let t = 1.0 / 0.327_591_1f64.mul_add(x, 1.0);
    let terms = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    terms.into_iter().fold(0.0, |sum, term| (sum + term) * t) * (-x * x).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_near(seen: f64, expected: f64) {
        assert!((seen - expected).abs() < 5e-4, "expected {expected}, got {seen}");
    }

    #[test]
    fn medians_lie_in_the_middle() {
        assert_near(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_near(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(Spread::of(&[1.0, 30.25, 200.4]).to_string(), "30.2 (1.00–200)");
        assert_eq!(Spread::of_ratios(&[1.0, 4.0, 9.0], &[2.0, 4.0, 3.0]).to_string(), "1.00 (0.500–3.00)");
    }

    #[test]
    fn the_tails_of_the_normal_distribution_are_the_tabled_ones() {
        for (z, share) in [(0.0, 1.0), (1.0, 0.3173), (1.959_964, 0.05), (3.0, 0.0027)] {
            assert_near(beyond(z), share);
        }
    }

    #[test]
    fn groups_of_one_kind_do_not_differ_and_shifted_ones_do() {
        let one: Vec<f64> = (0..120).map(|n| f64::from(n * 37 % 120)).collect();
        let shifted: Vec<f64> = one.iter().map(|value| value + 30.0).collect();
        assert_near(mann_whitney(&one, &one), 1.0);
        assert!(mann_whitney(&one, &shifted) < 1e-5);
        assert_near(mann_whitney(&[1.0, 1.0], &[1.0, 1.0]), 1.0);
        let (low, high) = interval_of_difference(&shifted, &one);
        assert!(0.0 < low && low < 30.0 && 30.0 < high, "expected 30 between {low} and {high}");
    }

    #[test]
    fn the_approximation_is_near_the_exact_probability() {
        // Hollander, Wolfe: Nonparametric Statistical Methods, 1973, page 69: U = 35, exactly 0.254.
        let one = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
        let other = [1.15, 0.88, 0.90, 0.74, 1.21];
        assert_near(mann_whitney(&one, &other), 0.2446);
    }
}
