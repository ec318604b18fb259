//! Secrets, and texts without them.

use std::fmt;
use std::sync::{PoisonError, RwLock};

/// Secrets of this process, longest first.
static KNOWN: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// Shorter ones are no secrets, and might be words.
const SHORTEST: usize = 6;

/// A text that nothing prints.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(String);

impl Secret {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Sees that [`without_secrets`] leaves it out of every text from now on.
    pub(super) fn watch(&self) {
        let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
        if self.0.len() >= SHORTEST && !known.contains(&self.0) {
            known.push(self.0.clone());
            known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
    }

    /// The text, for the server that it belongs to.
    pub(super) fn open(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Names of values in addresses and forms that open something, lower case.
const NAMES: [&str; 13] = [
    "sig",
    "signature",
    "x-amz-signature",
    "x-amz-security-token",
    "x-amz-credential",
    "x-goog-signature",
    "x-goog-credential",
    "awsaccesskeyid",
    "subscription-key",
    "access_token",
    "token",
    "api_key",
    "apikey",
];

/// Words after which a secret follows in a header.
const SCHEMES: [&str; 2] = ["bearer ", "basic "];

/// A text, such as an error of a server's or of GDAL's, with `…` for what opens something: the credentials in use,
/// signatures of addresses, tokens of headers.
pub fn without_secrets(text: &str) -> String {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    let text = known.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "…"));
    let lower = text.to_ascii_lowercase();
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    while let Some((start, end)) =
        in_query(&lower, from).into_iter().chain(in_header(&text, &lower, from)).min()
    {
        kept.push_str(&text[from..start]);
        kept.push('…');
        from = end;
    }
    kept.push_str(&text[from..]);
    kept
}

/// Where the next value of a name of [`NAMES`] begins and ends in a lower-case text.
fn in_query(lower: &str, from: usize) -> Option<(usize, usize)> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let is_of_value = |c: char| !c.is_whitespace() && !"&#\"'`<>(),;:".contains(c);
    lower[from..].match_indices('=').find_map(|(at, _)| {
        let (before, value) = (&lower[..from + at], from + at + 1);
        let name = &before[before.trim_end_matches(is_of_name).len()..];
        let end = lower[value..].find(|c: char| !is_of_value(c)).map_or(lower.len(), |length| value + length);
        (NAMES.contains(&name) && end > value).then_some((value, end))
    })
}

/// Where the next token after a word of [`SCHEMES`] begins and ends.
fn in_header(text: &str, lower: &str, from: usize) -> Option<(usize, usize)> {
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
    let tokens = SCHEMES.iter().filter_map(|scheme| {
        lower[from..].match_indices(scheme).find_map(|(at, _)| {
            let start = from + at + scheme.len();
            let end =
                lower[start..].find(|c: char| !is_of_token(c)).map_or(lower.len(), |length| start + length);
            // "Basic information" holds none.
            let is_word =
                text[start..end].bytes().all(|b| b.is_ascii_lowercase() || b == b'.') && end - start < 24;
            (end > start && !is_word).then_some((start, end))
        })
    });
    tokens.min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(without_secrets(text), expected);
        assert_eq!(without_secrets(expected), expected);
    }

    #[test]
    fn signatures_and_tokens_are_left_out_and_nothing_else() {
        check(
            "`/vsicurl/https://a.blob.core.windows.net/c/B04.tif?sv=1&sig=SECRET%3D&se=2' is not recognized",
            "`/vsicurl/https://a.blob.core.windows.net/c/B04.tif?sv=1&sig=…&se=2' is not recognized",
        );
        check(
            "opening https://b.org/a.tif?X-Amz-Signature=SECRET: 403",
            "opening https://b.org/a.tif?X-Amz-Signature=…: 403",
        );
        check("Got token: sv=1&sig=SECRET1", "Got token: sv=1&sig=…");
        check("Authorization: Bearer eyJ0eXAi.SEC-RET_1 sent", "Authorization: Bearer … sent");
        check("authorization: basic bWU6U0VDUkVU", "authorization: basic …");
        check(
            "https://a.org/s?token=SECRET, https://a.org/t?access_token=SECRET",
            "https://a.org/s?token=…, https://a.org/t?access_token=…",
        );
        check("design=flat; a basic information", "design=flat; a basic information");
        check("the bearer of this", "the bearer of this");
        check("größe=3 ≥ sig=ü&x=1", "größe=3 ≥ sig=…&x=1");
        check("sig=", "sig=");
    }

    #[test]
    fn what_is_watched_is_left_out_wherever_it_stands() {
        Secret::new("hunter2-hunter2").watch();
        Secret::new("in").watch();
        check("in /hunter2-hunter2/in", "in /…/in");
    }

    #[test]
    fn a_secret_prints_as_nothing() {
        assert_eq!(format!("{:?}", Some(Secret::new("abc"))), "Some(Secret(…))");
    }
}
