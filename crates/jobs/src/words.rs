//! Words of messages: suggestions for those that were mistyped, and articles.

/// The word nearest to what was typed, where one is near enough to be meant.
pub fn nearest<'a>(typed: &str, words: impl IntoIterator<Item = &'a str>) -> Option<String> {
    words
        .into_iter()
        .map(|word| (strsim::jaro_winkler(&typed.to_lowercase(), &word.to_lowercase()), word))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word.to_owned())
}

/// What to say of a word that is none of those known.
pub fn hint(nearest: Option<&str>, known: &str) -> String {
    match nearest {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("expected one of {known}"),
    }
}

/// The article before a word.
pub fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
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
