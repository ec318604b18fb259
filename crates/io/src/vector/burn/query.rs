//! Which features are burnt, with which codes and widths.

/// Which class code a feature gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeFrom {
    /// That of an attribute or tag; features without it are left out.
    Attribute(String),
    /// The same for all.
    Same(u8),
}

/// Which features are burnt, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct BurnQuery {
    /// A feature must pass all of them.
    pub filters: Vec<TagFilter>,
    /// Class codes.
    pub code: CodeFrom,
    /// Width of lines and diameter of points in metres, where `width_attribute` says nothing; `None` for a pixel.
    pub width: Option<f64>,
    /// The attribute or tag that holds the width, in metres or as OpenStreetMap has it.
    pub width_attribute: Option<String>,
    /// Metres around each feature that count as neither this class nor another.
    pub tolerance: f64,
}

/// A tag and the values that pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagFilter {
    /// The attribute or tag.
    pub key: String,
    /// Values that pass; none for any value at all.
    pub values: Vec<String>,
}
