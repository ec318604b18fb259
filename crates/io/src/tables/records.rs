//! Tables as they stand in a file, every cell as text: for files that others made, with columns of their own.

use crate::{Error, Result};
use std::path::Path;

/// A line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it begins in the file, from 1.
    pub line: u64,
    /// Its cells, without the blanks around them; more or fewer than the header has where the file is ragged.
    pub cells: Vec<String>,
}

/// A table with a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records {
    /// Names of the columns.
    pub header: Vec<String>,
    /// The lines below it, in order.
    pub rows: Vec<Record>,
}

/// Reads a CSV with a header, all cells as text.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("areas.csv");
/// # std::fs::write(&path, "code, area\n1, 18000\n").unwrap();
/// let areas = ecotone_io::read_records(&path)?;
/// assert_eq!(areas.header, ["code", "area"]);
/// assert_eq!((areas.rows[0].line, areas.rows[0].cells.as_slice()), (2, ["1".to_owned(), "18000".to_owned()].as_slice()));
/// # Ok::<(), ecotone_io::Error>(())
/// ```
///
/// # Errors
/// When the file cannot be read or is no text.
pub fn read_records(path: impl AsRef<Path>) -> Result<Records> {
    let path = path.as_ref();
    let failed = |source| Error::Csv { act: "reading", path: path.to_owned(), source };
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_path(path).map_err(failed)?;
    let header = reader.headers().map_err(failed)?;
    let header = header.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
    let row = |record: csv::StringRecord| Record {
        line: record.position().map_or(0, csv::Position::line),
        cells: record.iter().map(str::to_owned).collect(),
    };
    let rows = reader.records().map(|record| record.map(row).map_err(failed)).collect::<Result<_>>()?;
    Ok(Records { header, rows })
}
