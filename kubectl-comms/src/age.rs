//! How long ago something was, as kubectl tells it.

use jiff::Timestamp;

/// The system's time: the one place that reads it.
#[expect(clippy::disallowed_methods, reason = "the edge where the clock comes from")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// `45s`, `12m`, `7h` or `3d`: the largest unit of which there are some, with the next one while there are few. `-` for
/// what is not known.
pub fn age(then: Option<Timestamp>, now: Timestamp) -> String {
    let Some(then) = then else { return "-".into() };
    let seconds = now.duration_since(then).as_secs().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let with = |large: i64, unit: &str, small: i64, next: &str| {
        if small == 0 { format!("{large}{unit}") } else { format!("{large}{unit}{small}{next}") }
    };
    match seconds {
        0..120 => format!("{seconds}s"),
        120..600 => with(minutes, "m", seconds % 60, "s"),
        600..10_800 => format!("{minutes}m"),
        10_800..28_800 => with(hours, "h", minutes % 60, "m"),
        28_800..172_800 => format!("{hours}h"),
        172_800..691_200 => with(days, "d", hours % 24, "h"),
        _ => format!("{days}d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_one_or_two_units() {
        let at = |second| Timestamp::from_second(second).expect("in range");
        for (seconds, expected) in [
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (150, "2m30s"),
            (3600, "60m"),
            (10_800, "3h"),
            (12_000, "3h20m"),
            (90_000, "25h"),
            (176_400, "2d1h"),
            (691_200, "8d"),
        ] {
            assert_eq!(age(Some(at(0)), at(seconds)), expected, "{seconds} seconds");
        }
        assert_eq!(age(Some(at(10)), at(0)), "0s", "clocks differ");
        assert_eq!(age(None, at(0)), "-");
    }
}
