//! What features must have to be burnt, as it is typed.

use crate::{Error, Result};
use ecotone_io::TagFilter;
use ecotone_jobs::Error as JobError;

/// From `highway=primary,secondary`, `name="Long, Winding Road"`, or `highway` for any value.
///
/// # Errors
/// When there is no key, a value is empty, or a quote is not closed.
pub(super) fn tag_filter(text: &str) -> Result<TagFilter> {
    let refuse = || {
        let expected =
            "KEY=VALUE[,VALUE…], such as highway=primary,secondary or name=\"a, b\", or KEY".to_owned();
        Error::from(JobError::Value { key: "--where", found: format!("`{text}`"), expected })
    };
    let (key, values) = text.split_once('=').map_or((text, None), |(key, values)| (key, Some(values)));
    let values = values.map_or_else(|| Some(Vec::new()), listed).ok_or_else(refuse)?;
    if key.trim().is_empty() || values.iter().any(String::is_empty) {
        return Err(refuse());
    }
    Ok(TagFilter { key: key.trim().to_owned(), values })
}

/// Values between commas, as in a line of CSV: one that begins with a double quote reaches to the next, commas and all, and
/// a double quote in it is written twice. `None` where a quote is not closed.
fn listed(text: &str) -> Option<Vec<String>> {
    let mut values = Vec::new();
    let mut rest = text.trim();
    loop {
        let (value, after) = match rest.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (rest[..end].trim().to_owned(), &rest[end..])
            }
        };
        values.push(value);
        match after.trim_start().strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None => return after.trim().is_empty().then_some(values),
        }
    }
}

/// A value up to its closing quote, and what follows.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"')?;
        value.push_str(before);
        match after.strip_prefix('"') {
            Some(next) => {
                value.push('"');
                rest = next;
            }
            None => return Some((value, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, &[&str])>) {
        let found = tag_filter(text).ok().map(|filter| (filter.key, filter.values));
        let expected = expected
            .map(|(key, values)| (key.to_owned(), values.iter().map(|value| (*value).to_owned()).collect()));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn values_are_parted_by_commas_and_held_together_by_quotes() {
        check("highway", Some(("highway", &[])));
        check("highway = primary, secondary", Some(("highway", &["primary", "secondary"])));
        check(r#"name="a, b",c"#, Some(("name", &["a, b", "c"])));
        check(r#"name="Straße ""X"", Nord=>Süd""#, Some(("name", &["Straße \"X\", Nord=>Süd"])));
        check(r#"name=Straße "X""#, Some(("name", &["Straße \"X\""])));
        for wrong in
            ["highway=", "=primary", "highway=a,,b", "highway=a,", r#"name="a, b"#, r#"name="a" b"#, ""]
        {
            check(wrong, None);
        }
    }
}
