//! When people may be called: days of the week and times of the day, as the clock on their wall shows them.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many days ahead an opening is looked for: a week, and another one in case that a change of the clock leaves out
/// the only opening of the first.
const DAYS_AHEAD: i64 = 15;
const MINUTES_A_DAY: u16 = 24 * 60;

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of days say it")]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Day {
    /// Every day, in order.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    fn is(self, weekday: Weekday) -> bool {
        Self::ALL.get(usize::from(weekday.to_monday_zero_offset().unsigned_abs())) == Some(&self)
    }
}

/// A time of the day in whole minutes, from 00:00 to 24:00, the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// The end of the day.
    pub const END: Self = Self(MINUTES_A_DAY);

    fn seconds(self) -> i64 {
        i64::from(self.0) * 60
    }

    /// This time of a day; none for the end of the day, which belongs to the next one.
    fn on(self, date: Date) -> Option<DateTime> {
        let (hour, minute) = (i8::try_from(self.0 / 60).ok()?, i8::try_from(self.0 % 60).ok()?);
        DateTime::new(date.year(), date.month(), date.day(), hour, minute, 0, 0).ok()
    }
}

/// The text is no time of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time of the day has the form HH:MM, from 00:00 to 24:00")]
pub struct NoTimeOfDay;

impl TryFrom<String> for TimeOfDay {
    type Error = NoTimeOfDay;

    fn try_from(text: String) -> Result<Self, NoTimeOfDay> {
        let number = |text: &str| {
            let is_two_digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            is_two_digits.then(|| text.parse::<u16>().ok()).flatten()
        };
        let (hour, minute) = text.split_once(':').ok_or(NoTimeOfDay)?;
        let (hour, minute) = (number(hour).ok_or(NoTimeOfDay)?, number(minute).ok_or(NoTimeOfDay)?);
        let minutes = hour * 60 + minute;
        if minute < 60 && minutes <= MINUTES_A_DAY { Ok(Self(minutes)) } else { Err(NoTimeOfDay) }
    }
}

impl From<TimeOfDay> for String {
    fn from(TimeOfDay(minutes): TimeOfDay) -> Self {
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// Times at which people may be called, on some days of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallingWindow {
    /// The days on which it opens.
    #[schema(min_items = 1, max_items = 7, example = json!(["monday", "tuesday", "wednesday", "thursday", "friday"]))]
    pub days: Vec<Day>,
    /// When it opens, local time as HH:MM.
    #[schema(value_type = String, example = "09:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub from: TimeOfDay,
    /// When it closes, local time as HH:MM, 24:00 at the latest. An earlier time than `from` is one of the next day.
    #[schema(value_type = String, example = "18:00", pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
    pub to: TimeOfDay,
}

impl CallingWindow {
    /// Whether it can be open at all, and says each thing once.
    pub fn is_sound(&self) -> bool {
        let once = self.days.iter().enumerate().all(|(position, day)| !self.days[..position].contains(day));
        !self.days.is_empty() && once && self.from != self.to && self.from < TimeOfDay::END
    }

    fn opens_on(&self, date: Date) -> bool {
        self.days.iter().any(|day| day.is(date.weekday()))
    }

    /// Whether it is open when the clock on the wall shows this.
    fn covers(&self, local: DateTime) -> bool {
        let second =
            i64::from(local.hour()) * 3600 + i64::from(local.minute()) * 60 + i64::from(local.second());
        let (from, to) = (self.from.seconds(), self.to.seconds());
        let since_today = self.opens_on(local.date()) && second >= from;
        if from < to {
            return since_today && second < to;
        }
        let since_yesterday = local.date().yesterday().is_ok_and(|date| self.opens_on(date)) && second < to;
        since_today || since_yesterday
    }
}

/// Whether people in this zone may be called at this time. Without windows they always may.
pub fn is_open(windows: &[CallingWindow], zone: &TimeZone, at: Timestamp) -> bool {
    let local = zone.to_datetime(at);
    windows.is_empty() || windows.iter().any(|window| window.covers(local))
}

/// The first time, `from` or later, at which people in this zone may be called; none if there is none within two weeks.
pub fn next_open(windows: &[CallingWindow], zone: &TimeZone, from: Timestamp) -> Option<Timestamp> {
    if is_open(windows, zone, from) {
        return Some(from);
    }
    let today = zone.to_datetime(from).date();
    let opening = (0..DAYS_AHEAD)
        .filter_map(|days| today.checked_add(jiff::Span::new().days(days)).ok())
        .flat_map(|date| {
            windows.iter().filter(move |window| window.opens_on(date)).map(move |w| w.from.on(date))
        })
        .flatten()
        .flat_map(|local| {
            // When the clock is set back, a time comes twice.
            let ambiguous = zone.to_ambiguous_timestamp(local);
            [ambiguous.earlier(), ambiguous.later()]
        })
        .flatten();
    // When the clock is changed, that itself may open a window.
    let last = from.saturating_add(SignedDuration::from_hours(24 * DAYS_AHEAD)).unwrap_or(from);
    let changes = zone.following(from).map(|change| change.timestamp()).take_while(|change| *change <= last);
    opening.chain(changes).filter(|time| *time > from && is_open(windows, zone, *time)).min()
}

#[cfg(test)]
mod tests;
