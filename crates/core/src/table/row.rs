//! A line of a table.

/// A line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    /// Where it begins in the file, from 1.
    pub line: u64,
    /// Its cells, as many as the table has columns, without the blanks around them.
    pub cells: Vec<String>,
}
