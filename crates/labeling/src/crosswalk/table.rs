//! Crosswalks as CSV: `from_code,to_code` and perhaps `note`, where `drop` instead of a code drops the class.

use super::{Crosswalk, Mapping};
use crate::{Error, Result};
use ecotone_core::{ClassCode, Legend, Table, TableEncoding, TableRow};
use std::collections::BTreeMap;

/// What stands for the code of a class that is dropped.
const DROP: &str = "drop";

const FROM: &str = "from_code";
const TO: &str = "to_code";
const NOTE: &str = "note";

impl Crosswalk {
    /// From CSV with the columns `from_code,to_code` and perhaps `note`, in any order. Every class of `from` must occur
    /// once; its `to_code` is a class of `to`, or `drop`.
    ///
    /// ```
    /// use ecotone_labeling::{Crosswalk, legend};
    ///
    /// let table = "from_code,to_code,note\n0,drop,not mapped\n100,40,\n";
    /// let crosswalk = Crosswalk::from_csv(table.as_bytes(), &legend("worldcereal")?, &legend("worldcover")?)?;
    /// assert_eq!(crosswalk.to_csv(), table);
    /// # Ok::<(), ecotone_labeling::Error>(())
    /// ```
    ///
    /// # Errors
    /// When it is no such table, a code is not in its legend, or one comes twice, names the line; when classes are
    /// missing, names them.
    pub fn from_csv(text: &[u8], from: &Legend, to: &Legend) -> Result<Self> {
        let table =
            Table::parse(text, TableEncoding::Unicode).map_err(|source| Error::CrosswalkTable { source })?;
        Self::from_table(&table, from, to)
    }

    /// From a table, as [`from_csv`](Self::from_csv) from its text.
    ///
    /// # Errors
    /// As [`from_csv`](Self::from_csv).
    pub fn from_table(table: &Table, from: &Legend, to: &Legend) -> Result<Self> {
        let (Some(from_code), Some(to_code)) = (table.column(FROM), table.column(TO)) else {
            return Err(Error::CrosswalkHeader { found: table.header.join(",") });
        };
        let note = table.column(NOTE);
        let mut read: BTreeMap<ClassCode, (u64, Mapping)> = BTreeMap::new();
        for TableRow { line, cells } in &table.rows {
            let line = *line;
            let mapping = Mapping {
                from: class(&cells[from_code], from, FROM, line)?,
                to: match cells[to_code].as_str() {
                    DROP => None,
                    code => Some(class(code, to, TO, line)?),
                },
                note: note.map_or_else(String::new, |note| cells[note].clone()),
            };
            let code = mapping.from;
            if let Some((first, _)) = read.insert(code, (line, mapping)) {
                return Err(Error::CrosswalkTwice { line, code: code.0, first });
            }
        }
        let mut missing = vec![];
        let mut mappings = vec![];
        for entry in from.entries() {
            match read.remove(&entry.code) {
                Some((_, mapping)) => mappings.push(mapping),
                None => missing.push(format!("{} {}", entry.code.0, entry.name)),
            }
        }
        if !missing.is_empty() {
            return Err(Error::CrosswalkMissing { classes: missing.join(", ") });
        }
        Ok(Self { from: from.clone(), to: to.clone(), mappings })
    }

    /// As CSV, the inverse of [`from_csv`](Self::from_csv).
    pub fn to_csv(&self) -> String {
        let quoted = |note: &str| match note.contains([',', '"', '\n']) {
            true => format!("\"{}\"", note.replace('"', "\"\"")),
            false => note.to_owned(),
        };
        self.mappings.iter().fold("from_code,to_code,note\n".to_owned(), |text, mapping| {
            let to = mapping.to.map_or(DROP.to_owned(), |code| code.0.to_string());
            format!("{text}{},{to},{}\n", mapping.from.0, quoted(&mapping.note))
        })
    }
}

/// The class that a cell means, by code or name.
fn class(cell: &str, legend: &Legend, column: &'static str, line: u64) -> Result<ClassCode> {
    legend.class_named(cell).ok_or_else(|| {
        let codes = legend.entries().iter().map(|entry| entry.code.0.to_string());
        let valid = codes.collect::<Vec<_>>().join(", ");
        let valid = if column == TO { format!("{valid}, or `{DROP}` the class") } else { valid };
        Error::CrosswalkCode { line, column, found: cell.to_owned(), valid }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Crosswalk> {
        let from = Legend::from_csv("code,name,color\n1,wood,#000000\n2,field,#000000\n".as_bytes()).unwrap();
        let to = Legend::from_csv("code,name,color\n7,tree,#000000\n".as_bytes()).unwrap();
        Crosswalk::from_csv(text.as_bytes(), &from, &to)
    }

    #[track_caller]
    fn check(text: &str, message: &str) {
        assert_eq!(read(text).unwrap_err().to_string(), message);
    }

    #[test]
    fn columns_and_lines_come_in_any_order() {
        let crosswalk = read("\u{feff}Note,to_code,from_code\n\"a, \"\"b\"\"\", drop ,2\n,7,1\n").unwrap();
        assert_eq!(crosswalk.to_csv(), "from_code,to_code,note\n1,7,\n2,drop,\"a, \"\"b\"\"\"\n");
        assert_eq!(read(&crosswalk.to_csv()).unwrap(), crosswalk);
        assert_eq!(read("from_code,to_code\n1,7\n2,7\n").unwrap().loss().merged.len(), 1);
    }

    #[test]
    fn bad_tables_say_what_is_wrong() {
        check(
            "from,to\n1,7\n",
            "the crosswalk has the columns `from,to`, expected `from_code,to_code` and perhaps `note`",
        );
        check(
            "from_code,to_code\n1,7\n3,7\n",
            "crosswalk line 3: `3` in column `from_code` is no class of its legend (it has 1, 2)",
        );
        check(
            "from_code,to_code\n1,8\n",
            "crosswalk line 2: `8` in column `to_code` is no class of its legend (it has 7, or `drop` the class)",
        );
        check(
            "from_code,to_code\n1,\n",
            "crosswalk line 2: `` in column `to_code` is no class of its legend (it has 7, or `drop` the class)",
        );
        check(
            "from_code,to_code\n1,7\n2,7\n1,drop\n",
            "crosswalk line 4: class 1 is already mapped in line 2",
        );
        check(
            "from_code,to_code\n1,7\n",
            "the crosswalk does not say what becomes of 2 field; `drop` drops a class",
        );
    }
}
