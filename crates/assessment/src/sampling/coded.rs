//! Tables of a number for each code, such as areas and expected accuracies.

use crate::{Error, Result};
use ecotone_io::read_table;
use std::path::Path;

/// A line of such a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Coded {
    /// The code.
    pub(super) code: u8,
    /// What the column `name` calls it, where there is one.
    pub(super) name: Option<String>,
    /// The number.
    pub(super) number: f64,
}

/// Reads the lines of a table with the columns `code` and `column`, and `name` if it likes.
///
/// # Errors
/// When there are no such columns, a cell is no code or, as `expected` says, no number from 0, or a code comes twice.
pub(super) fn read_coded(path: &Path, column: &'static str, expected: &'static str) -> Result<Vec<Coded>> {
    let table = read_table(path)?;
    let Some((code, number)) = table.column("code").zip(table.column(column)) else {
        let (found, expected) = (table.header.join(","), format!("`code,{column}`"));
        return Err(Error::Header { path: path.to_owned(), found, expected });
    };
    let name = table.column("name");
    let mut lines: Vec<Coded> = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let refuse = |column: usize, expected| Error::Cell {
            path: path.to_owned(),
            line: row.line,
            column: table.header[column].clone(),
            expected,
            found: row.cells[column].clone(),
        };
        let found = table.code(&row.cells[code]).ok_or_else(|| refuse(code, "a class code from 0 to 255"))?.0;
        if lines.iter().any(|line| line.code == found) {
            return Err(Error::CodeTwice { path: path.to_owned(), code: found.to_string(), place: "row" });
        }
        let value = table.number(&row.cells[number]).filter(|value| *value >= 0.0);
        lines.push(Coded {
            code: found,
            name: name.map(|name| row.cells[name].clone()).filter(|name| !name.is_empty()),
            number: value.ok_or_else(|| refuse(number, expected))?,
        });
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Coded>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("areas.csv");
        std::fs::write(&path, text).unwrap();
        read_coded(&path, "area", "an area, a number from 0")
    }

    #[test]
    fn a_table_of_a_spreadsheet_is_read() {
        let lines = read("Code;Name;Area\r\n1,0;forest;12,5\r\n2;;3\r\n;;\r\n").unwrap();
        assert_eq!(lines[0], Coded { code: 1, name: Some("forest".to_owned()), number: 12.5 });
        assert_eq!(lines[1], Coded { code: 2, name: None, number: 3.0 });
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn what_is_none_says_where() {
        for (text, words) in [
            ("code,size\n1,2\n", "`code,size`"),
            ("code,area\n1,2\n1,3\n", "names class 1 twice"),
            (
                "code,area\n1,2\n2,-3\n",
                "line 3: expected an area, a number from 0 in column `area`, found `-3`",
            ),
            ("code,area\n\nforest,2\n", "line 3: expected a class code from 0 to 255 in column `code`"),
        ] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains(words), "{message}");
        }
    }
}
