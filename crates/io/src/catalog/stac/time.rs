//! Times in records, in whatever form they are written.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// A time as catalogues write it: as RFC 3339 wants it, with a blank for its `T`, without zone (then UTC), without seconds,
/// or a day alone (then its beginning).
pub(super) fn parse_datetime(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Some(day.and_time(NaiveTime::MIN).and_utc());
    }
    let text = text.replacen([' ', 't'], "T", 1);
    let zoned = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z"];
    if let Some(time) = zoned.iter().find_map(|form| DateTime::parse_from_str(&text, form).ok()) {
        return Some(time.with_timezone(&Utc));
    }
    let text = text.trim_end_matches("UTC").trim_end_matches(['Z', 'z', ' ']);
    let plain = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    plain.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(|time| time.and_utc())
}
