//! What the module is about, as values: calls, campaigns, what is said in calls, what may happen to them, and the events
//! that tell of it.

pub mod call;
pub mod calling_window;
pub mod campaign;
pub mod contact;
pub mod contact_import;
pub mod event;
pub mod hand_out;
pub mod language;
pub mod metadata;
pub mod patch;
pub mod retention;
pub mod sentiment;
pub mod statistics;
pub mod time_zone;
pub mod transcript;
pub mod unfit;

/// Millionths, as databases keep fractions, as a number.
pub fn fraction(millionths: i64) -> f64 {
    f64::from(i32::try_from(millionths).unwrap_or(i32::MAX)) / 1e6
}

/// A number as millionths; none when it is no number of `least` to 1.
pub fn millionths(number: f64, least: f64) -> Option<i64> {
    // Through its digits: there is no conversion of floats to integers that could not lose something.
    (number >= least && number <= 1.0).then(|| format!("{:.0}", number * 1e6).parse().ok()).flatten()
}
