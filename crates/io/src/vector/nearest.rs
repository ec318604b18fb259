//! What a misspelt word was meant to be.

/// The word spelt most like another; empty where there is none.
pub(crate) fn nearest<'a>(typed: &str, words: impl IntoIterator<Item = &'a str>) -> String {
    let likeness = |word: &&str| strsim::jaro_winkler(&word.to_lowercase(), &typed.to_lowercase());
    let best = words.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    best.unwrap_or_default().to_owned()
}
