//! What is wrong with a table.

use thiserror::Error;

/// A table that cannot be read, or not without guessing.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TableError {
    /// The bytes are no text.
    #[error(
        "line {line} is neither UTF-8 nor UTF-16: save the table as UTF-8, or name it FILE#cp1252 where Windows wrote it in its own code page"
    )]
    NoText {
        /// Line number, from 1.
        line: u64,
    },
    /// There is no header.
    #[error("the table is empty: expected a line with the names of its columns")]
    Empty,
    /// Two separators would do.
    #[error(
        "line {line}: `{found}` may be cut at `{one}` or at `{other}`: put the line `sep={one}` or `sep={other}` before it"
    )]
    Separators {
        /// Line of the header, from 1.
        line: u64,
        /// The header.
        found: String,
        /// A separator.
        one: char,
        /// Another one.
        other: char,
    },
    /// A row has cells that belong to no column, or not as many as there are columns, as half a line has.
    #[error(
        "line {line} has {cells} cells and the header {columns}: expected as many; a cell that holds a `{separator}` stands in quotes"
    )]
    RowLength {
        /// Line number, from 1.
        line: u64,
        /// How many cells it has.
        cells: usize,
        /// How many columns the header names.
        columns: usize,
        /// Where cells are cut.
        separator: char,
    },
    /// Numbers of a column have points and commas.
    #[error(
        "column `{column}` has {point} in line {point_line} and {comma} in line {comma_line}: a comma would be taken for the decimal point; write all numbers of a column one way, without marks for thousands"
    )]
    PointsAndCommas {
        /// The column.
        column: Box<str>,
        /// A number with a point.
        point: Box<str>,
        /// Its line, from 1.
        point_line: u64,
        /// A number with a comma.
        comma: Box<str>,
        /// Its line, from 1.
        comma_line: u64,
    },
}
