//! Tables as people have them: cut at commas, semicolons or tabs, with decimal points or commas, in UTF-8, UTF-16 or, where
//! the name says so, in the code page of Windows. What is not clear is refused and not guessed.

mod cut;
mod error;
mod number;
mod place;
mod row;
mod text;

pub use error::TableError;
pub use place::PlaceColumns;
pub use row::TableRow;
pub use text::TableEncoding;

use text::decoded;

/// A table with a header, every cell as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Names of the columns.
    pub header: Vec<String>,
    /// The lines below it that hold anything, in order.
    pub rows: Vec<TableRow>,
    /// Whether cells are cut at commas, so that a comma in a number is a mistake.
    commas: bool,
}

impl Table {
    /// From the bytes of a file. The first line may be `sep=;`, or tell another separator; the header is the next one that
    /// is not empty.
    ///
    /// ```
    /// use ecotone_core::{Table, TableEncoding};
    ///
    /// let file = b"sep=;\r\nx;y;code\r\n;;\r\n10,5;20;3\r\n";
    /// let table = Table::parse(file, TableEncoding::Unicode)?;
    /// assert_eq!(table.header, ["x", "y", "code"]);
    /// assert_eq!(table.rows.len(), 1, "empty rows of a spreadsheet say nothing");
    /// assert_eq!((table.rows[0].line, table.number(&table.rows[0].cells[0])), (4, Some(10.5)));
    /// # Ok::<(), ecotone_core::TableError>(())
    /// ```
    ///
    /// # Errors
    /// When it is no such text, it is not clear where cells end or what a comma in a number means, or a row has more cells
    /// or fewer than the header.
    pub fn parse(bytes: &[u8], encoding: TableEncoding) -> Result<Self, TableError> {
        Self::from_text(&decoded(bytes, encoding)?)
    }

    /// The column of a name, whatever its case.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column.eq_ignore_ascii_case(name))
    }

    fn from_text(text: &str) -> Result<Self, TableError> {
        let cut::Lines { separator, mut lines } = cut::lines(text)?;
        if lines.is_empty() {
            return Err(TableError::Empty);
        }
        let header = lines.remove(0).cells;
        // A spreadsheet writes a separator behind the last column, too.
        let columns = header.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
        let header = header[..columns].to_vec();
        for TableRow { line, cells } in &mut lines {
            let filled = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
            if filled > columns || cells.len() < columns {
                let cells = filled.max(cells.len().min(columns));
                return Err(TableError::RowLength { line: *line, cells, columns, separator });
            }
            cells.truncate(columns);
        }
        let table = Self { header, rows: lines, commas: separator == ',' };
        table.check_numbers()?;
        Ok(table)
    }
}

#[cfg(test)]
mod tests;
