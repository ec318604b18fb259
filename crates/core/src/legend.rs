//! Classes: their codes on disk, their indices in a network, their names and colours.

use crate::{Error, Result, Table, TableEncoding, TableRow};
use std::fmt;
use std::str::FromStr;

/// A class as written in a raster: 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassCode(pub u8);

/// A class as a network or a matrix counts it: 0 to classes - 1, in the legend's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassIndex(pub usize);

/// The class index, as a byte of a plane, of a pixel that has no class.
pub const IGNORE: u8 = 255;

/// A colour, 0 to 255 a channel, written `#rrggbb`; read without the `#`, and with an opacity behind it, which is dropped, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rgb(pub [u8; 3]);

impl FromStr for Rgb {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        let text = text.trim();
        let digits = text.strip_prefix('#').unwrap_or(text);
        if ![6, 8].contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(());
        }
        let channel = |i: usize| u8::from_str_radix(&digits[i..i + 2], 16).ok().ok_or(());
        Ok(Self([channel(0)?, channel(2)?, channel(4)?]))
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

/// One class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegendEntry {
    /// Code on disk.
    pub code: ClassCode,
    /// What people call it.
    pub name: String,
    /// Colour on a map.
    pub color: Rgb,
}

/// The classes of a map, in order: the one place where codes and indices are converted into each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Legend {
    entries: Vec<LegendEntry>,
}

impl Legend {
    /// From entries, in the order that their indices get.
    ///
    /// # Errors
    /// When there is none, or a code comes twice.
    pub fn new(entries: Vec<LegendEntry>) -> Result<Self> {
        if entries.is_empty() {
            return Err(Error::LegendEmpty);
        }
        for (i, entry) in entries.iter().enumerate() {
            if entries[..i].iter().any(|earlier| earlier.code == entry.code) {
                return Err(Error::LegendTwice(entry.code.0));
            }
        }
        Ok(Self { entries })
    }

    /// From CSV with the columns `code,name,color`, such as `2,persistent tree cover,#006400`.
    ///
    /// # Errors
    /// As [`Table::parse`] and [`Legend::from_table`].
    pub fn from_csv(text: &[u8]) -> Result<Self> {
        Self::from_table(&Table::parse(text, TableEncoding::Unicode).map_err(Error::LegendTable)?)
    }

    /// From a table with the columns `code,name,color`, in any order and among others.
    ///
    /// # Errors
    /// When it has no such columns or a cell is no code or colour, names the line.
    pub fn from_table(table: &Table) -> Result<Self> {
        let column = |name| table.column(name);
        let (Some(code), Some(name), Some(color)) = (column("code"), column("name"), column("color")) else {
            return Err(Error::LegendHeader { found: table.header.join(",") });
        };
        let entry = |row: &TableRow| {
            let entry = || {
                Some(LegendEntry {
                    code: table.code(&row.cells[code])?,
                    name: row.cells[name].clone(),
                    color: row.cells[color].parse().ok()?,
                })
            };
            entry().ok_or_else(|| Error::LegendLine { line: row.line, found: row.cells.join(",") })
        };
        Self::new(table.rows.iter().map(entry).collect::<Result<_>>()?)
    }

    /// As CSV, the inverse of [`Legend::from_csv`].
    pub fn to_csv(&self) -> String {
        let quoted = |name: &str| {
            if name.contains([',', '"', '\n']) {
                format!("\"{}\"", name.replace('"', "\"\""))
            } else {
                name.to_owned()
            }
        };
        self.entries.iter().fold("code,name,color\n".to_owned(), |text, entry| {
            format!("{text}{},{},{}\n", entry.code.0, quoted(&entry.name), entry.color)
        })
    }

    /// The classes, in order of their indices.
    pub fn entries(&self) -> &[LegendEntry] {
        &self.entries
    }

    /// Number of classes.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Never true: a legend has a class.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The index of a code.
    ///
    /// # Errors
    /// When the legend does not have the code.
    pub fn index_of(&self, code: ClassCode) -> Result<ClassIndex> {
        self.entries.iter().position(|entry| entry.code == code).map(ClassIndex).ok_or_else(|| {
            Error::UnknownCode {
                code: code.0,
                known: self
                    .entries
                    .iter()
                    .map(|entry| entry.code.0.to_string())
                    .collect::<Vec<_>>()
                    .join(", "),
            }
        })
    }

    /// The class that words in a table mean: its code, also written as `3.0`, or its name in any case; `None` where they mean
    /// none, or several of one name.
    pub fn class_named(&self, words: &str) -> Option<ClassCode> {
        let words = words.trim();
        let code =
            words.parse::<f64>().ok().filter(|code| code.fract() == 0.0 && (0.0..=255.0).contains(code));
        if let Some(code) = code.map(|code| ClassCode(code as u8)) {
            return self.index_of(code).ok().map(|_| code);
        }
        let mut named = self.entries.iter().filter(|entry| entry.name.trim().eq_ignore_ascii_case(words));
        named.next().filter(|_| named.next().is_none()).map(|entry| entry.code)
    }

    /// The code of an index; `None` past the last class.
    pub fn code_of(&self, index: ClassIndex) -> Option<ClassCode> {
        self.entries.get(index.0).map(|entry| entry.code)
    }

    /// A table from every code 0 to 255 to its index, for whole rasters.
    pub fn index_table(&self) -> [Option<ClassIndex>; 256] {
        let mut table = [None; 256];
        for (index, entry) in self.entries.iter().enumerate() {
            table[usize::from(entry.code.0)] = Some(ClassIndex(index));
        }
        table
    }

    /// The smallest code from 0 (then from 255 down) that no class has: what a map writes where it has no answer.
    pub fn free_code(&self) -> Option<ClassCode> {
        let table = self.index_table();
        std::iter::once(0u8)
            .chain((1..=255).rev())
            .find(|code| table[usize::from(*code)].is_none())
            .map(ClassCode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn legend(codes: &[u8]) -> Result<Legend> {
        let entry = |code: &u8| LegendEntry {
            code: ClassCode(*code),
            name: format!("class, {code}"),
            color: Rgb([*code, 0, 9]),
        };
        Legend::new(codes.iter().map(entry).collect())
    }

    proptest! {
        #[test]
        fn codes_and_indices_are_a_bijection(codes in proptest::collection::btree_set(any::<u8>(), 1..40)) {
            let codes: Vec<u8> = codes.into_iter().rev().collect();
            let legend = legend(&codes).unwrap();
            for (index, code) in codes.iter().enumerate() {
                prop_assert_eq!(legend.index_of(ClassCode(*code)).unwrap(), ClassIndex(index));
                prop_assert_eq!(legend.code_of(ClassIndex(index)), Some(ClassCode(*code)));
                prop_assert_eq!(legend.index_table()[usize::from(*code)], Some(ClassIndex(index)));
            }
            prop_assert_eq!(legend.code_of(ClassIndex(codes.len())), None);
            prop_assert_eq!(&Legend::from_csv(legend.to_csv().as_bytes()).unwrap(), &legend);
            if let Some(free) = legend.free_code() {
                prop_assert!(legend.index_of(free).is_err());
            }
        }
    }

    #[test]
    fn a_free_code_is_found_unless_all_are_taken() {
        assert_eq!(legend(&[1, 2]).unwrap().free_code(), Some(ClassCode(0)));
        assert_eq!(legend(&[0, 1]).unwrap().free_code(), Some(ClassCode(255)));
        assert_eq!(legend(&(0..=255).collect::<Vec<_>>()).unwrap().free_code(), None);
    }

    #[test]
    fn legends_of_spreadsheets_are_read() {
        let text = "Color;Name;Code;note\r\n006400;forest;1.0;\r\n#ffff00ff;Field;2;of crops\r\n;;;\r\n";
        let legend = Legend::from_csv(text.as_bytes()).unwrap();
        assert_eq!(legend.to_csv(), "code,name,color\n1,forest,#006400\n2,Field,#ffff00\n");
        for color in ["", "#", "red", "#12345", "#1234567", "#00640g", "+06400"] {
            assert!(color.parse::<Rgb>().is_err(), "{color}");
        }
    }

    #[test]
    fn words_mean_a_class_by_code_or_by_name() {
        let legend =
            Legend::from_csv(b"code,name,color\n1,Forest,#000000\n2,field,#000000\n7,field,#000000\n")
                .unwrap();
        let means = |words| legend.class_named(words).map(|code| code.0);
        assert_eq!(["1", "1.0", " forest ", "7"].map(means), [Some(1), Some(1), Some(1), Some(7)]);
        assert_eq!(["3", "1.5", "field", "", "-1", "256", "meadow"].map(means), [None; 7]);
    }

    #[track_caller]
    fn check(text: &str, message: &str) {
        assert_eq!(Legend::from_csv(text.as_bytes()).unwrap_err().to_string(), message);
    }

    #[test]
    fn bad_legends_say_what_is_wrong() {
        check("code,name\n1,a\n", "legend has columns `code,name`, expected `code,name,color`");
        check("code,name,color\n", "legend has no class");
        check("code,name,color\n1,a,#000000\n1,b,#000000\n", "legend has code 1 twice");
        check(
            "code,name,color\n300,a,#000000\n",
            "legend line 2: expected `code,name,color` with a code of 0 to 255 and a color as #rrggbb, found `300,a,#000000`",
        );
        let unknown = legend(&[1, 7]).unwrap().index_of(ClassCode(3)).unwrap_err();
        assert_eq!(unknown.to_string(), "class code 3 is not in the legend (it has 1, 7)");
    }
}
