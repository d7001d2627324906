use super::*;
use crate::domain::time_zone::time_zone;
use proptest::prelude::*;

fn window(days: &[Day], from: &str, to: &str) -> CallingWindow {
    let time = |text: &str| TimeOfDay::try_from(text.to_owned()).unwrap();
    CallingWindow { days: days.to_vec(), from: time(from), to: time(to) }
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

/// Whether the window is open in Prague at each of these times.
#[track_caller]
fn expect_in_prague(window: &CallingWindow, times: &[(&str, bool)]) {
    let zone = time_zone("Europe/Prague").unwrap();
    for (time, expected) in times {
        assert_eq!(is_open(std::slice::from_ref(window), &zone, at(time)), *expected, "{time}");
    }
}

#[track_caller]
fn expect_opening(zone: &str, window: &CallingWindow, from: &str, expected: &str) {
    let zone = time_zone(zone).unwrap();
    assert_eq!(next_open(std::slice::from_ref(window), &zone, at(from)), Some(at(expected)), "from {from}");
}

#[test]
fn times_of_the_day_have_one_form() {
    for text in ["00:00", "09:30", "23:59", "24:00"] {
        assert_eq!(String::from(TimeOfDay::try_from(text.to_owned()).unwrap()), text);
    }
    for text in ["", "9:30", "24:01", "12:60", "12:5", "+1:30", "12:30:00", "noon", "１2:30"] {
        assert!(TimeOfDay::try_from(text.to_owned()).is_err(), "{text}");
    }
}

#[test]
fn a_window_that_is_never_open_or_says_a_day_twice_is_not_sound() {
    assert!(window(&Day::ALL, "22:00", "06:00").is_sound());
    assert!(window(&[Day::Monday], "00:00", "24:00").is_sound());
    for bad in [
        window(&[], "09:00", "18:00"),
        window(&[Day::Monday, Day::Monday], "09:00", "18:00"),
        window(&[Day::Monday], "09:00", "09:00"),
        window(&[Day::Monday], "24:00", "09:00"),
    ] {
        assert!(!bad.is_sound(), "{bad:?}");
    }
}

#[test]
fn a_window_follows_local_time_in_winter_and_summer() {
    let working_day = window(&Day::ALL[..5], "09:00", "18:00");
    expect_in_prague(
        &working_day,
        &[
            ("2025-01-06T07:59:59Z", false),
            ("2025-01-06T08:00:00Z", true),
            ("2025-01-06T16:59:59Z", true),
            ("2025-01-06T17:00:00Z", false),
            ("2025-07-07T07:00:00Z", true),
            ("2025-07-07T16:00:00Z", false),
            // A Saturday.
            ("2025-07-05T10:00:00Z", false),
        ],
    );
    expect_opening("Europe/Prague", &working_day, "2025-07-04T16:00:00Z", "2025-07-07T07:00:00Z");
    expect_opening("Europe/Prague", &working_day, "2025-07-07T10:00:00Z", "2025-07-07T10:00:00Z");
}

#[test]
fn a_window_across_midnight_belongs_to_the_day_on_which_it_opens() {
    let night = window(&[Day::Friday], "22:00", "02:00");
    expect_in_prague(
        &night,
        &[
            // Friday 4 July, 21:59 and 22:00; Saturday 01:59 and 02:00; Friday 01:00.
            ("2025-07-04T19:59:59Z", false),
            ("2025-07-04T20:00:00Z", true),
            ("2025-07-04T23:59:59Z", true),
            ("2025-07-05T00:00:00Z", false),
            ("2025-07-03T23:00:00Z", false),
        ],
    );
    expect_opening("Europe/Prague", &night, "2025-07-05T00:00:00Z", "2025-07-11T20:00:00Z");
}

#[test]
fn a_window_that_opens_in_the_hour_that_spring_leaves_out_opens_after_it() {
    // On 30 March 2025, 02:00 becomes 03:00 at 01:00 UTC.
    let early = window(&[Day::Sunday], "02:30", "04:00");
    expect_in_prague(
        &early,
        &[("2025-03-30T00:59:59Z", false), ("2025-03-30T01:00:00Z", true), ("2025-03-30T02:00:00Z", false)],
    );
    expect_opening("Europe/Prague", &early, "2025-03-29T12:00:00Z", "2025-03-30T01:00:00Z");
    // One that lies in that hour does not open at all.
    let lost = window(&[Day::Sunday], "02:10", "02:50");
    expect_opening("Europe/Prague", &lost, "2025-03-29T12:00:00Z", "2025-04-06T00:10:00Z");
}

#[test]
fn a_window_in_the_hour_that_autumn_repeats_is_open_twice() {
    // On 26 October 2025, 03:00 becomes 02:00 at 01:00 UTC.
    let early = window(&[Day::Sunday], "02:10", "02:50");
    expect_in_prague(
        &early,
        &[
            ("2025-10-26T00:09:59Z", false),
            ("2025-10-26T00:10:00Z", true),
            ("2025-10-26T00:50:00Z", false),
            ("2025-10-26T01:10:00Z", true),
            ("2025-10-26T01:50:00Z", false),
        ],
    );
    expect_opening("Europe/Prague", &early, "2025-10-26T00:50:00Z", "2025-10-26T01:10:00Z");
    // The clock's change itself takes this one back into its time.
    let until_three = window(&[Day::Sunday], "00:00", "02:30");
    expect_opening("Europe/Prague", &until_three, "2025-10-26T00:30:00Z", "2025-10-26T01:00:00Z");
}

#[test]
fn zones_without_summer_time_and_with_odd_offsets_are_themselves() {
    let morning = window(&Day::ALL, "09:00", "10:00");
    expect_opening("Asia/Kolkata", &morning, "2025-06-01T00:00:00Z", "2025-06-01T03:30:00Z");
    expect_opening("UTC", &morning, "2025-06-01T10:00:00Z", "2025-06-02T09:00:00Z");
    // Samoa left out 30 December 2011, a Friday.
    let fridays = window(&[Day::Friday], "09:00", "10:00");
    expect_opening("Pacific/Apia", &fridays, "2011-12-25T00:00:00Z", "2012-01-05T19:00:00Z");
}

#[test]
fn without_windows_it_is_always_open() {
    let zone = time_zone("Europe/Prague").unwrap();
    let time = at("2025-03-30T01:30:00Z");
    assert!(is_open(&[], &zone, time));
    assert_eq!(next_open(&[], &zone, time), Some(time));
}

fn any_window() -> impl Strategy<Value = CallingWindow> {
    let days = proptest::sample::subsequence(Day::ALL.to_vec(), 1..=7);
    // Many lie in the hours in which clocks change.
    let time = prop_oneof![(0u16..1440), (60u16..200)];
    (days, time.clone(), time)
        .prop_map(|(days, from, to)| CallingWindow { days, from: TimeOfDay(from), to: TimeOfDay(to) })
        .prop_filter("sound", CallingWindow::is_sound)
}

proptest! {
    /// The next opening is open, and no minute before it is.
    #[test]
    fn an_opening_is_the_first(
        windows in prop::collection::vec(any_window(), 1..3),
        zone in prop::sample::select(vec!["Europe/Prague", "America/Sao_Paulo", "Australia/Lord_Howe", "UTC"]),
        // Around a change of Prague's clock, and any time.
        start in prop_oneof![1_743_200_000i64..1_743_400_000, 1_761_300_000i64..1_761_600_000, 0i64..2_000_000_000],
    ) {
        let zone = time_zone(zone).unwrap();
        let from = Timestamp::from_second(start - start % 60).unwrap();
        let Some(opening) = next_open(&windows, &zone, from) else {
            return Err(TestCaseError::fail("there is no opening within two weeks"));
        };
        prop_assert!(is_open(&windows, &zone, opening));
        let mut minute = from;
        while minute < opening {
            prop_assert!(!is_open(&windows, &zone, minute), "open at {minute}, before {opening}");
            minute += SignedDuration::from_mins(1);
        }
    }
}
