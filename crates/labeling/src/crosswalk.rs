//! Crosswalks: which class of one legend is which class of another.

mod harmonise;
mod loss;
mod named;
mod table;

pub use harmonise::{HarmoniseNodata, Harmonised, Harmoniser};
pub use loss::{CrosswalkLoss, Merged};
pub use named::{CROSSWALKS, NamedCrosswalk};

use crate::{Error, Result};
use ecotone_core::{ClassCode, Legend, LegendEntry};

/// What one class becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// A class of the source legend.
    pub from: ClassCode,
    /// The class of the target legend that it becomes; `None` where it is dropped, that is, becomes no data.
    pub to: Option<ClassCode>,
    /// What is to be known about it; may be empty.
    pub note: String,
}

/// A map from every class of one legend to a class of another, or to none.
///
/// ```
/// use ecotone_labeling::{Crosswalk, HarmoniseNodata};
///
/// let crosswalk = Crosswalk::named("corine", "dynamic-world")?; // by way of WorldCover
/// let nodata = HarmoniseNodata { input: Some(128), output: 255 };
/// // discontinuous urban fabric, mixed forest, burnt area, no data
/// assert_eq!(crosswalk.apply(&[2, 25, 33, 128], nodata)?, [6, 1, 255, 255]);
///
/// let loss = crosswalk.loss();
/// assert_eq!((loss.classes, loss.reached, loss.dropped.len()), (44, 9, 1));
/// # Ok::<(), ecotone_labeling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crosswalk {
    from: Legend,
    to: Legend,
    /// One for each class of `from`, in its order.
    mappings: Vec<Mapping>,
}

impl Crosswalk {
    /// From one legend to itself.
    pub fn identity(legend: &Legend) -> Self {
        let same = |code| Mapping { from: code, to: Some(code), note: String::new() };
        let mappings = legend.entries().iter().map(|entry| same(entry.code)).collect();
        Self { from: legend.clone(), to: legend.clone(), mappings }
    }

    /// The legend of the codes that are read.
    pub fn from(&self) -> &Legend {
        &self.from
    }

    /// The legend of the codes that are written.
    pub fn to(&self) -> &Legend {
        &self.to
    }

    /// What each class of the source legend becomes, in that legend's order.
    pub fn mappings(&self) -> &[Mapping] {
        &self.mappings
    }

    /// What a code becomes: `None` when the source legend does not have it, `Some(None)` when it is dropped.
    pub fn get(&self, code: ClassCode) -> Option<Option<ClassCode>> {
        self.mappings.iter().find(|mapping| mapping.from == code).map(|mapping| mapping.to)
    }

    /// The crosswalk that does this one and then the next. What this one drops stays dropped; notes are put together.
    ///
    /// # Errors
    /// When the next does not start from the legend that this one ends in, by codes and names.
    pub fn then(&self, next: &Self) -> Result<Self> {
        let differ = differing(&self.to, &next.from);
        if !differ.is_empty() {
            return Err(Error::CrosswalksDoNotMeet { classes: differ.join(", ") });
        }
        let through = |mapping: &Mapping| {
            let second = mapping.to.and_then(|code| next.mappings.iter().find(|second| second.from == code));
            let notes = [mapping.note.as_str(), second.map_or("", |second| second.note.as_str())];
            Mapping {
                from: mapping.from,
                to: second.and_then(|second| second.to),
                note: notes.into_iter().filter(|note| !note.is_empty()).collect::<Vec<_>>().join("; "),
            }
        };
        let mappings = self.mappings.iter().map(through).collect();
        Ok(Self { from: self.from.clone(), to: next.to.clone(), mappings })
    }

    /// The way back. A class that nothing becomes is dropped on it.
    ///
    /// # Errors
    /// When two classes become one, so that there are two ways back; names the first such class.
    pub fn inverse(&self) -> Result<Self> {
        if let Some(merged) = self.loss().merged.first() {
            let from = merged.from.iter().map(|code| code.0.to_string()).collect::<Vec<_>>().join(", ");
            return Err(Error::NotOneToOne { to: merged.to.0, from });
        }
        let back = |code: ClassCode| {
            let mapping = self.mappings.iter().find(|mapping| mapping.to == Some(code));
            Mapping {
                from: code,
                to: mapping.map(|mapping| mapping.from),
                note: mapping.map_or(String::new(), |mapping| mapping.note.clone()),
            }
        };
        let mappings = self.to.entries().iter().map(|entry| back(entry.code)).collect();
        Ok(Self { from: self.to.clone(), to: self.from.clone(), mappings })
    }
}

/// The classes, by code and name, that only one of two legends has. Order and colours are a matter of taste.
fn differing(one: &Legend, other: &Legend) -> Vec<String> {
    let has = |legend: &Legend, class: &LegendEntry| {
        legend.entries().iter().any(|entry| entry.code == class.code && entry.name == class.name)
    };
    let mine = one.entries().iter().filter(|class| !has(other, class));
    let theirs = other.entries().iter().filter(|class| !has(one, class));
    mine.chain(theirs).map(|class| format!("{} {}", class.code.0, class.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A legend of the codes 0 to `classes` - 1.
    fn legend(classes: u8) -> Legend {
        let entry = |code| format!("{code},class {code},#00000{code}\n");
        let text: String = (0..classes).map(entry).collect();
        Legend::from_csv(format!("code,name,color\n{text}").as_bytes()).unwrap()
    }

    /// Where `table[i]` is what class `i` becomes, if it is a class at all.
    fn crosswalk(table: &[u8], targets: u8) -> Crosswalk {
        let from = legend(table.len() as u8);
        let to = |code: &u8| if *code < targets { code.to_string() } else { "drop".to_owned() };
        let lines = table.iter().enumerate().map(|(code, target)| format!("{code},{},\n", to(target)));
        let text = format!("from_code,to_code,note\n{}", lines.collect::<String>());
        Crosswalk::from_csv(text.as_bytes(), &from, &legend(targets)).unwrap()
    }

    const NODATA: HarmoniseNodata = HarmoniseNodata { input: Some(200), output: 200 };

    proptest! {
        #[test]
        fn one_after_the_other_is_both_at_once(
            first in proptest::collection::vec(0u8..6, 8),
            second in proptest::collection::vec(0u8..4, 5),
            codes in proptest::collection::vec(0u8..8, 0..50),
        ) {
            let (first, second) = (crosswalk(&first, 5), crosswalk(&second, 3));
            let both = first.then(&second).unwrap();
            let between = first.apply(&codes, NODATA).unwrap();
            let expected = second.apply(&between, NODATA).unwrap();
            prop_assert_eq!(both.apply(&codes, NODATA).unwrap(), expected);
            prop_assert_eq!(&Crosswalk::identity(first.from()).then(&first).unwrap(), &first);
            prop_assert_eq!(&first.then(&Crosswalk::identity(first.to())).unwrap(), &first);
        }

        #[test]
        fn there_and_back_is_where_one_was(table in Just((0u8..8).collect::<Vec<_>>()).prop_shuffle()) {
            // Classes 6 and 7 are not in the target: two are dropped, and one target is never reached.
            let there = crosswalk(&table[..7], 6);
            let back = there.inverse().unwrap();
            let home = there.then(&back).unwrap();
            for mapping in home.mappings() {
                let dropped = there.get(mapping.from) == Some(None);
                prop_assert_eq!(mapping.to, (!dropped).then_some(mapping.from));
            }
            prop_assert_eq!(back.inverse().unwrap(), there);
        }
    }

    #[test]
    fn what_is_not_one_to_one_has_no_way_back() {
        let error = crosswalk(&[0, 1, 1], 2).inverse().unwrap_err().to_string();
        assert_eq!(error, "the classes 1, 2 all become 1: there is no one way back");
    }

    #[test]
    fn crosswalks_that_do_not_meet_are_not_put_together() {
        let error = crosswalk(&[0], 2).then(&crosswalk(&[0], 1)).unwrap_err().to_string();
        let expected =
            "the second crosswalk does not start where the first ends: only one of them has 1 class 1";
        assert_eq!(error, expected);
    }
}
