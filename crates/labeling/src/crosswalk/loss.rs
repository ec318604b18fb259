//! What is lost on a crosswalk: classes that fall together, that are dropped, and that nothing becomes.

use super::Crosswalk;
use ecotone_core::ClassCode;
use std::fmt;

/// Classes that become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The class of the target legend.
    pub to: ClassCode,
    /// The classes of the source legend that become it, two or more.
    pub from: Vec<ClassCode>,
}

/// What is lost on a crosswalk; printed, a line of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrosswalkLoss {
    /// Classes of the source legend.
    pub classes: usize,
    /// Classes of the target legend that at least one class becomes.
    pub reached: usize,
    /// Classes that fall together, in the order of the target legend.
    pub merged: Vec<Merged>,
    /// Classes that become no data.
    pub dropped: Vec<ClassCode>,
    /// Classes of the target legend that nothing becomes: a map that is rewritten never shows them.
    pub unreached: Vec<ClassCode>,
}

impl CrosswalkLoss {
    /// Whether nothing is lost: no class is dropped, and no two fall together.
    pub fn is_none(&self) -> bool {
        self.merged.is_empty() && self.dropped.is_empty()
    }
}

impl fmt::Display for CrosswalkLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let together: usize = self.merged.iter().map(|merged| merged.from.len()).sum();
        write!(
            f,
            "{} classes become {}: {together} fall together into {}, {} dropped, {} of the target legend not reached",
            self.classes,
            self.reached,
            self.merged.len(),
            self.dropped.len(),
            self.unreached.len(),
        )
    }
}

impl Crosswalk {
    /// What is lost on the way.
    pub fn loss(&self) -> CrosswalkLoss {
        let mut merged = vec![];
        let mut unreached = vec![];
        for entry in self.to.entries() {
            let becomes = self.mappings.iter().filter(|mapping| mapping.to == Some(entry.code));
            let from: Vec<_> = becomes.map(|mapping| mapping.from).collect();
            match from.len() {
                0 => unreached.push(entry.code),
                1 => {}
                _ => merged.push(Merged { to: entry.code, from }),
            }
        }
        let dropped = self.mappings.iter().filter(|mapping| mapping.to.is_none());
        CrosswalkLoss {
            classes: self.from.len(),
            reached: self.to.len() - unreached.len(),
            merged,
            dropped: dropped.map(|mapping| mapping.from).collect(),
            unreached,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, to: &str, expected: &str) {
        assert_eq!(Crosswalk::named(from, to).unwrap().loss().to_string(), expected);
    }

    #[test]
    fn losses_are_counted() {
        check(
            "worldcover",
            "esri",
            "11 classes become 8: 5 fall together into 2, 0 dropped, 1 of the target legend not reached",
        );
        check(
            "esri",
            "worldcover",
            "9 classes become 8: 0 fall together into 0, 1 dropped, 3 of the target legend not reached",
        );
        assert!(Crosswalk::named("dynamic-world", "worldcover").unwrap().loss().is_none());
        assert!(!Crosswalk::named("nlcd", "worldcover").unwrap().loss().is_none());
    }
}
