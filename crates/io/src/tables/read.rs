//! Tables that others made, with columns of their own.

use crate::{Error, Result};
use ecotone_core::{Table, TableEncoding};
use std::path::Path;

/// Reads a table, every cell as text: cut at commas, semicolons or tabs, in UTF-8 or UTF-16, or as `FILE#cp1252` in the code
/// page of Windows.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("areas.csv");
/// # std::fs::write(&path, "code;area\n1;18000,5\n").unwrap();
/// let areas = ecotone_io::read_table(&path)?;
/// assert_eq!(areas.header, ["code", "area"]);
/// assert_eq!((areas.rows[0].line, areas.number(&areas.rows[0].cells[1])), (2, Some(18000.5)));
/// # Ok::<(), ecotone_io::Error>(())
/// ```
///
/// # Errors
/// When the file cannot be read, or as [`Table::parse`].
pub fn read_table(path: impl AsRef<Path>) -> Result<Table> {
    let (file, encoding) = TableEncoding::of(path.as_ref());
    let bytes = std::fs::read(&file).map_err(|source| Error::Io {
        act: "reading the table",
        path: file.clone(),
        source,
    })?;
    Table::parse(&bytes, encoding).map_err(|source| Error::Table { path: file, source })
}
