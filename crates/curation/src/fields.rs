//! Which labelled pixels stay together when ground is split.

use crate::Result;
use crate::labels::{LabelFiles, Labels};
use ecotone_io::{GroupName, rasterize_groups};
use ecotone_jobs::Error as JobError;
use ecotone_tiling::Fields;
use std::collections::BTreeMap;
use std::fmt;

/// What the word for an attribute begins with.
const ATTRIBUTE: &str = "attribute:";

/// What makes a field of labelled pixels: none of at most a block's size is in two parts of a split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grouping {
    /// Nothing; blocks alone decide.
    None,
    /// Pixels of one label that touch by their sides.
    Components,
    /// Polygons with the same value of an attribute; one without a value is a field of its own.
    Attribute(String),
}

impl Grouping {
    /// From a word of a recipe.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn parse(text: &str) -> std::result::Result<Self, JobError> {
        match (text, text.strip_prefix(ATTRIBUTE).map(str::trim)) {
            ("none", _) => Ok(Self::None),
            ("components", _) => Ok(Self::Components),
            (_, Some(name)) if !name.is_empty() => Ok(Self::Attribute(name.to_owned())),
            _ => Err(JobError::word("split.group", text, &["none", "components", "attribute:NAME"])),
        }
    }

    /// Refuses an attribute where labels have none.
    ///
    /// # Errors
    /// When the fields are those of an attribute, and the labels no polygons.
    pub fn check(&self, polygons: bool) -> std::result::Result<(), JobError> {
        match self {
            Self::Attribute(_) if !polygons => Err(JobError::Value {
                key: "split.group",
                found: self.to_string(),
                expected:
                    "none or components: a raster of labels has no attributes, polygons (labels.vector) have"
                        .to_owned(),
            }),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Grouping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Components => f.write_str("components"),
            Self::Attribute(name) => write!(f, "{ATTRIBUTE}{name}"),
        }
    }
}

/// The fields of labels: those of an attribute, pixels of one label that touch, or none; and how many groups of the
/// attribute no block of so many pixels a side could hold: they are fields where their pixels touch.
///
/// # Errors
/// When an attribute is asked of a raster, or cannot be read.
pub(crate) fn fields_of(
    grouping: &Grouping,
    files: &LabelFiles,
    labels: &Labels,
    block: usize,
) -> Result<(Fields, usize)> {
    let areas = labels.site.area_grid();
    let (Grouping::Attribute(group), Some((layer, codes))) = (grouping, files.polygons()) else {
        grouping.check(files.polygons().is_some())?;
        return match grouping {
            Grouping::None => Ok((Fields::none(), 0)),
            _ => Ok((Fields::components(areas, &labels.indices)?, 0)),
        };
    };
    // A group may reach over several areas, and one that no pixel lies in has no number.
    let mut known: BTreeMap<GroupName, u32> = BTreeMap::new();
    let numbers = labels.site.plane(|grid| {
        let of_area = rasterize_groups(layer, codes, group, grid)?;
        let mut of_all: Vec<u32> = vec![0; of_area.names.len() + 1];
        let mut number = |place: u32| {
            let slot = &mut of_all[place as usize];
            if place > 0 && *slot == 0 {
                let next = known.len() as u32 + 1;
                *slot = *known.entry(of_area.names[place as usize - 1].clone()).or_insert(next);
            }
            *slot
        };
        Ok::<_, crate::Error>(of_area.numbers.into_iter().map(&mut number).collect())
    })?;
    Ok(Fields::numbered(areas, numbers)?.parted(areas, &labels.indices, block)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for word in ["none", "components", "attribute:farm"] {
            assert_eq!(Grouping::parse(word).unwrap().to_string(), word);
        }
        for wrong in ["component", "attribute:", "attribute: ", "farm"] {
            let error = Grouping::parse(wrong).unwrap_err().to_string();
            assert!(error.contains("split.group") && error.contains("attribute:NAME"), "{error}");
        }
    }

    #[test]
    fn a_raster_has_no_attributes() {
        let farm = Grouping::Attribute("farm".to_owned());
        assert!(farm.check(true).is_ok() && Grouping::Components.check(false).is_ok());
        let error = farm.check(false).unwrap_err().to_string();
        assert!(error.contains("attribute:farm") && error.contains("no attributes"), "{error}");
    }
}
