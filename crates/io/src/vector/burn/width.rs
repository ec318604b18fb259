//! Widths of lines as people write them in OpenStreetMap.

use std::collections::BTreeMap;

/// A foot in metres (the international one).
const FOOT: f64 = 0.3048;

/// How many of the odd values are shown.
const SHOWN: usize = 5;

/// A length in metres by the rules of OpenStreetMap (wiki.openstreetmap.org/wiki/Key:width and Map_features/Units): a
/// number with a point, in metres where no unit follows, or feet and inches as in `12'6"`; `None` for any other text, such
/// as `narrow`, `6;8`, or `12,5`, which may be one number or two.
pub(super) fn metres(text: &str) -> Option<f64> {
    let text = text.trim();
    if text.contains(['\'', '"']) {
        return feet_and_inches(text);
    }
    let unit = text.find(|letter: char| letter.is_alphabetic()).unwrap_or(text.len());
    let metres = match text[unit..].to_lowercase().as_str() {
        "" | "m" => 1.0,
        "cm" => 0.01,
        "km" => 1000.0,
        "mi" => 5280.0 * FOOT,
        "ft" => FOOT,
        "in" => FOOT / 12.0,
        _ => return None,
    };
    Some(number(text[..unit].trim_end())? * metres)
}

/// `12'`, `12'6"` or `6"`.
fn feet_and_inches(text: &str) -> Option<f64> {
    let (feet, rest) = match text.split_once('\'') {
        Some((feet, rest)) => (number(feet)?, rest.trim_start()),
        None => (0.0, text),
    };
    let inches = match rest {
        "" => 0.0,
        rest => number(rest.strip_suffix('"')?)?,
    };
    Some((feet + inches / 12.0) * FOOT)
}

/// Digits and at most one point: `1e3`, `inf` and signs are no widths.
fn number(text: &str) -> Option<f64> {
    let plain = text.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
    text.parse().ok().filter(|_| plain)
}

/// Values of the attribute of widths that are no width.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OddWidths {
    values: BTreeMap<String, u64>,
    widths: u64,
}

impl OddWidths {
    pub(super) fn push(&mut self, value: &str) {
        *self.values.entry(value.to_owned()).or_default() += 1;
    }

    pub(super) fn found(&mut self) {
        self.widths += 1;
    }

    /// How many features have one.
    pub fn count(&self) -> u64 {
        self.values.values().sum()
    }

    /// How many features have a value, odd or not.
    pub fn given(&self) -> u64 {
        self.widths + self.count()
    }

    /// The most frequent ones, such as `` `narrow` (3), `6;8` (1) ``.
    pub fn shown(&self) -> String {
        let mut often: Vec<(&String, u64)> =
            self.values.iter().map(|(value, count)| (value, *count)).collect();
        often.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let more = if often.len() > SHOWN { ", …" } else { "" };
        let shown = often.iter().take(SHOWN).map(|(value, count)| format!("`{value}` ({count})"));
        shown.collect::<Vec<_>>().join(", ") + more
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<f64>) {
        let found = metres(text);
        let close = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 1e-9,
            (found, expected) => found == expected,
        };
        assert!(close, "`{text}` is {found:?}, expected {expected:?}");
    }

    #[test]
    fn what_the_rules_call_a_length_is_one_and_nothing_else() {
        for (text, length) in [
            ("12", 12.0),
            ("7.5", 7.5),
            (" 12 m ", 12.0),
            ("12m", 12.0),
            ("1200 cm", 12.0),
            ("0.1 km", 100.0),
            ("0.25 mi", 402.336),
            ("12'", 3.6576),
            ("12'6\"", 3.81),
            ("6\"", 0.1524),
            ("12 ft", 3.6576),
            ("10 in", 0.254),
            ("0", 0.0),
        ] {
            check(text, Some(length));
        }
        for text in [
            "",
            "narrow",
            "12,5",
            "6;8",
            "~12",
            "<3",
            "-3",
            "+3",
            "1e3",
            "inf",
            "nan",
            "12 parsecs",
            "m",
            "'",
            "\"",
            "12'6",
            "6-8",
            "12 m 5",
            "1.2.3",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn odd_values_are_shown_the_most_frequent_first() {
        let mut odd = OddWidths::default();
        ["6;8", "narrow", "a", "narrow", "b", "c", "d"].iter().for_each(|value| odd.push(value));
        odd.found();
        assert_eq!((odd.count(), odd.given()), (7, 8));
        assert_eq!(odd.shown(), "`narrow` (2), `6;8` (1), `a` (1), `b` (1), `c` (1), …");
    }
}
