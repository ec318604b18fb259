//! Tables as CSV: whole files, or none.

use crate::{Error, Result, Staged};
use serde::Serialize;
use std::path::Path;

/// Writes a table under its name only when whole; each row is one record of as many fields as the header.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("metrics.csv");
/// ecotone_io::write_csv(&path, &["code", "class", "f1"], [(1, "forest", 0.93), (2, "water", 0.99)])?;
/// assert_eq!(std::fs::read_to_string(&path).unwrap(), "code,class,f1\n1,forest,0.93\n2,water,0.99\n");
/// # Ok::<(), ecotone_io::Error>(())
/// ```
///
/// # Errors
/// When a row has another number of fields or the file cannot be written.
pub fn write_csv<R: Serialize>(
    path: impl AsRef<Path>,
    header: &[impl AsRef<str>],
    rows: impl IntoIterator<Item = R>,
) -> Result<()> {
    stage_csv(path, header, rows)?.name()
}

/// Writes a table beside its place, where it waits for its name.
///
/// # Errors
/// As [`write_csv`].
pub fn stage_csv<R: Serialize>(
    path: impl AsRef<Path>,
    header: &[impl AsRef<str>],
    rows: impl IntoIterator<Item = R>,
) -> Result<Staged> {
    let path = path.as_ref();
    let failed = |source| Error::Csv { act: "writing", path: path.to_owned(), source };
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    writer.write_record(header.iter().map(|name| name.as_ref().as_bytes())).map_err(failed)?;
    for row in rows {
        writer.serialize(row).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|e| failed(e.into_error().into()))?;
    Staged::write(path, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.csv");
        write_csv(&path, &["epoch", "train_loss"], [(1, 0.1 + 0.2), (2, 1e-9)]).unwrap();
        let table = crate::read_table(&path).unwrap();
        let losses: Vec<_> = table.rows.iter().map(|row| table.number(&row.cells[1])).collect();
        assert_eq!(losses, [Some(0.1 + 0.2), Some(1e-9)], "numbers come back as they were");
        let ragged = write_csv(&path, &["a", "b"], [vec![1, 2], vec![3]]).unwrap_err();
        assert!(ragged.to_string().starts_with("writing table "));
        assert_eq!(crate::read_table(&path).unwrap(), table, "the old table stays");
    }
}
