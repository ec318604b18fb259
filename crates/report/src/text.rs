//! Numbers and names as a page shows them.

use std::fmt;

/// What stands where there is no number.
pub const ABSENT: &str = "–";

/// Text that shows as typed, whatever it holds, between tags and in quoted attributes.
pub struct Escaped<'a>(&'a str);

/// Makes text safe for HTML.
pub fn escape(text: &str) -> Escaped<'_> {
    Escaped(text)
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            f.write_str(&rest[..at])?;
            f.write_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            })?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}

/// A name cut to so many letters, for where a picture has no room for more.
pub(crate) fn short(name: &str, letters: usize) -> String {
    if name.chars().count() <= letters {
        return name.to_owned();
    }
    name.chars().take(letters.saturating_sub(1)).chain(['…']).collect()
}

/// A count with its thousands set apart by narrow spaces that do not break.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A number with so many decimals, or a dash where there is none.
pub fn number(value: impl Into<Option<f64>>, decimals: usize) -> String {
    value
        .into()
        .filter(|value| value.is_finite())
        .map_or_else(|| ABSENT.to_owned(), |value| format!("{value:.decimals$}"))
}

/// A small positive number such as a learning rate: 0.0031, 5e-5.
pub(crate) fn small(value: f64) -> String {
    if !value.is_finite() {
        ABSENT.to_owned()
    } else if value == 0.0 || value.abs() >= 1e-3 {
        let text = format!("{value:.5}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{value:.1e}").replace(".0e", "e")
    }
}

/// A duration: 0.4 s, 12 s, 3 min 05 s, 2 h 07 min.
pub(crate) fn duration(seconds: f64) -> String {
    if !(seconds.is_finite() && seconds >= 0.0) {
        return ABSENT.to_owned();
    }
    let whole = seconds.round() as u64;
    match whole {
        _ if seconds < 9.95 => format!("{seconds:.1}\u{a0}s"),
        0..60 => format!("{whole}\u{a0}s"),
        60..3600 => format!("{}\u{a0}min {:02}\u{a0}s", whole / 60, whole % 60),
        _ => format!("{}\u{a0}h {:02}\u{a0}min", whole / 3600, whole % 3600 / 60),
    }
}

/// Hectares where a pixel has an area, else pixels.
pub fn area(pixels: u64, hectares: Option<f64>) -> String {
    match hectares.map(|one| one * pixels as f64) {
        None => count(pixels),
        Some(area) if area > 0.0 && area < 100.0 => format!("{area:.2}"),
        Some(area) => count(area.round() as u64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_names_is_shown_and_not_obeyed() {
        assert_eq!(
            escape("<script>alert('é & \"ü\"')</script>").to_string(),
            "&lt;script&gt;alert(&#39;é &amp; &quot;ü&quot;&#39;)&lt;/script&gt;"
        );
        assert_eq!(escape("plain").to_string(), "plain");
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(short("2018–2019", 9), "2018–2019");
        assert_eq!(short("2018–2019", 5), "2018…");
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!(count(7), "7");
        assert_eq!(count(123), "123");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(number(0.125, 2), "0.12");
        assert_eq!(number(None, 2), "–");
        assert_eq!(number(f64::NAN, 2), "–");
        assert_eq!(small(0.003), "0.003");
        assert_eq!(small(5e-5), "5e-5");
        assert_eq!(small(0.0), "0");
        assert_eq!(small(f64::NAN), "–");
    }

    #[test]
    fn durations_grow_units() {
        for (seconds, text) in [
            (0.44, "0.4 s"),
            (12.4, "12 s"),
            (59.7, "1 min 00 s"),
            (185.0, "3 min 05 s"),
            (7620.0, "2 h 07 min"),
        ] {
            assert_eq!(duration(seconds).replace('\u{a0}', " "), text);
        }
        assert_eq!(duration(f64::NAN), "–");
    }

    #[test]
    fn areas_are_readable() {
        assert_eq!(area(1234, None), "1\u{202f}234");
        assert_eq!(area(3, Some(0.04)), "0.12");
        assert_eq!(area(0, Some(0.04)), "0");
        assert_eq!(area(250_000, Some(0.04)), "10\u{202f}000");
    }
}
