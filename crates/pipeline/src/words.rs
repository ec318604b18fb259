//! Suggestions for words that were mistyped.

/// The word nearest to what was typed, where one is near enough to be meant.
pub(crate) fn nearest<'a>(typed: &str, words: impl IntoIterator<Item = &'a str>) -> Option<String> {
    words
        .into_iter()
        .map(|word| (strsim::jaro_winkler(&typed.to_lowercase(), &word.to_lowercase()), word))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near_is_suggested() {
        assert_eq!(nearest("epoch", ["batch", "epochs"]).as_deref(), Some("epochs"));
        assert_eq!(nearest("zzz", ["batch", "epochs"]), None);
    }
}
