//! Tags of features: attributes, and what GDAL's OSM driver packs into the attribute `other_tags`.

use super::query::{BurnQuery, CodeFrom, TagFilter};
use crate::vector::nearest::nearest;
use crate::{Error, Result, VectorError};
use gdal::vector::Feature;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Where GDAL puts the tags that have no column of their own: `"surface"=>"asphalt","lanes"=>"2"`.
const OTHER: &str = "other_tags";

/// How many of the values that occur an error names.
const SHOWN: usize = 12;

/// The tags of one feature.
pub(super) struct Tags<'a> {
    columns: &'a [String],
    cells: Vec<Option<String>>,
    others: BTreeMap<String, String>,
}

impl<'a> Tags<'a> {
    pub(super) fn of(path: &Path, feature: &Feature<'_>, columns: &'a [String]) -> Result<Self> {
        let failed = |e: gdal::errors::GdalError| Error::Vector { path: path.to_owned(), source: e.into() };
        let cell = |index: usize| feature.field_as_string(index).map_err(failed);
        let cells: Vec<Option<String>> = (0..columns.len()).map(cell).collect::<Result<_>>()?;
        let packed = columns.iter().zip(&cells).find(|(name, _)| *name == OTHER);
        let others = packed.and_then(|(_, cell)| cell.as_deref()).map_or_else(BTreeMap::new, unpack);
        Ok(Self { columns, cells, others })
    }

    /// The value of a tag; `None` where it is empty.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        let column = self.columns.iter().position(|name| name == key);
        let cell = column.and_then(|column| self.cells[column].as_deref());
        cell.or_else(|| self.others.get(key).map(String::as_str)).filter(|value| !value.trim().is_empty())
    }
}

/// PostgreSQL's hstore as text: pairs of quoted words, quotes and backslashes escaped by a backslash.
fn unpack(text: &str) -> BTreeMap<String, String> {
    let (mut words, mut word, mut quoted, mut letters) = (Vec::new(), String::new(), false, text.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if quoted => word.extend(letters.next()),
            '"' => {
                if quoted {
                    words.push(std::mem::take(&mut word));
                }
                quoted = !quoted;
            }
            letter if quoted => word.push(letter),
            _ => {}
        }
    }
    let mut words = words.into_iter();
    let mut tags = BTreeMap::new();
    while let (Some(key), Some(value)) = (words.next(), words.next()) {
        tags.insert(key, value);
    }
    tags
}

/// What the features say that were read, so that an error can name what there is.
pub(super) struct Watch<'a> {
    query: &'a BurnQuery,
    columns: &'a [String],
    /// For each filter how many features have each value, among those that passed the filters before.
    values: Vec<BTreeMap<String, u64>>,
    keys: BTreeSet<String>,
    passed: u64,
}

impl<'a> Watch<'a> {
    pub(super) fn new(query: &'a BurnQuery, columns: &'a [String]) -> Self {
        let values = vec![BTreeMap::new(); query.filters.len()];
        Self { query, columns, values, keys: BTreeSet::new(), passed: 0 }
    }

    /// Whether a feature passes all filters.
    pub(super) fn passes(&mut self, tags: &Tags<'_>) -> bool {
        for key in tags.others.keys() {
            if !self.keys.contains(key) {
                self.keys.insert(key.clone());
            }
        }
        for (filter, values) in self.query.filters.iter().zip(&mut self.values) {
            let Some(value) = tags.get(&filter.key) else { return false };
            *values.entry(value.to_owned()).or_default() += 1;
            if !filter.values.is_empty() && !filter.values.iter().any(|wanted| wanted == value) {
                return false;
            }
        }
        self.passed += 1;
        true
    }

    /// Values that were asked for and never seen.
    pub(super) fn missing(&self) -> Vec<String> {
        let pairs = self.query.filters.iter().zip(&self.values);
        let of = |(filter, seen): (&TagFilter, &BTreeMap<String, u64>)| -> Vec<String> {
            let unseen = filter.values.iter().filter(|value| !seen.contains_key(*value));
            unseen.map(|value| format!("{}={value}", filter.key)).collect()
        };
        pairs.flat_map(of).collect()
    }

    /// Refuses tags that are nowhere, and filters that nothing passes.
    pub(super) fn check(&self, path: &Path, read: u64, coded: u64) -> Result<()> {
        let code = match &self.query.code {
            CodeFrom::Attribute(name) => Some(name),
            CodeFrom::Same(_) => None,
        };
        let asked = self.query.filters.iter().map(|filter| &filter.key);
        for key in asked.chain(code).chain(&self.query.width_attribute) {
            // Where nothing was read, what `other_tags` holds is unknown.
            let packed = self.columns.iter().any(|name| name == OTHER);
            if !self.columns.contains(key) && !self.keys.contains(key) && (read > 0 || !packed) {
                return Err(self.no_attribute(path, key));
            }
        }
        if read > 0 && self.passed == 0 {
            return Err(self.nothing_passes(path));
        }
        match code.filter(|_| read > 0 && coded == 0) {
            Some(attribute) => Err(Error::from(VectorError::AllWithoutCode {
                path: path.to_owned(),
                attribute: attribute.clone(),
                features: self.passed,
            })),
            None => Ok(()),
        }
    }

    fn no_attribute(&self, path: &Path, key: &str) -> Error {
        let names: Vec<&String> =
            self.columns.iter().filter(|name| name.as_str() != OTHER).chain(&self.keys).collect();
        Error::from(VectorError::NoAttribute {
            path: path.to_owned(),
            attribute: key.to_owned(),
            known: names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", "),
            nearest: nearest(key, names.iter().map(|name| name.as_str())),
        })
    }

    /// The first filter that stopped every feature.
    fn nothing_passes(&self, path: &Path) -> Error {
        let stops = |(filter, seen): &(&TagFilter, &BTreeMap<String, u64>)| {
            filter.values.iter().all(|value| !seen.contains_key(value)) || seen.is_empty()
        };
        let mut pairs = self.query.filters.iter().zip(&self.values);
        let Some((filter, seen)) = pairs.find(stops) else {
            return Error::from(VectorError::NoTagValue {
                path: path.to_owned(),
                tag: self
                    .query
                    .filters
                    .iter()
                    .map(|filter| filter.key.clone())
                    .collect::<Vec<_>>()
                    .join(", "),
                wanted: "all of these".to_owned(),
                known: "none that passes all".to_owned(),
            });
        };
        let mut often: Vec<(&String, u64)> = seen.iter().map(|(value, count)| (value, *count)).collect();
        often.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let more =
            if often.len() > SHOWN { format!(" and {} more", often.len() - SHOWN) } else { String::new() };
        let shown = often.iter().take(SHOWN).map(|(value, count)| format!("{value} ({count})"));
        let shown = shown.collect::<Vec<_>>().join(", ");
        let typed = filter.values.first().map_or("", String::as_str);
        let meant = match nearest(typed, seen.keys().map(String::as_str)) {
            value if value.is_empty() || typed.is_empty() => String::new(),
            value if value.contains([',', '"']) => {
                let quoted = value.replace('"', "\"\"");
                format!(
                    "; did you mean {}=\"{quoted}\"? (double quotes hold a value with commas together)",
                    filter.key
                )
            }
            value => format!("; did you mean `{value}`?"),
        };
        Error::from(VectorError::NoTagValue {
            path: path.to_owned(),
            tag: filter.key.clone(),
            wanted: if filter.values.is_empty() { "any value".to_owned() } else { filter.values.join(", ") },
            known: if shown.is_empty() { "none".to_owned() } else { format!("{shown}{more}{meant}") },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_tags_are_unpacked() {
        let tags = unpack(r#""surface"=>"asphalt","name"=>"Am \"Hof\", 1\\2","lanes"=>"2""#);
        assert_eq!(tags["surface"], "asphalt");
        assert_eq!(tags["name"], r#"Am "Hof", 1\2"#);
        assert_eq!((tags["lanes"].as_str(), tags.len()), ("2", 3));
        assert!(unpack("").is_empty() && unpack("\"half").is_empty());
    }
}
