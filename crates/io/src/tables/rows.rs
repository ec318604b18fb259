//! Tables of one's own, as CSV: whole files in, whole files out.

use crate::{Error, Result, Staged};
use serde::Serialize;
use serde::de::DeserializeOwned;
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

/// Reads a table that [`write_csv`] wrote, each record as an `R` whose fields are named as the columns. Tables that others
/// made are read by [`read_table`](crate::read_table).
///
/// # Errors
/// When the file cannot be read or a record is no `R`; the line is named.
pub fn read_csv<R: DeserializeOwned>(path: impl AsRef<Path>) -> Result<Vec<R>> {
    let path = path.as_ref();
    let failed = |source| Error::Csv { act: "reading", path: path.to_owned(), source };
    let mut reader = csv::Reader::from_path(path).map_err(failed)?;
    reader.deserialize().collect::<std::result::Result<_, _>>().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.csv");
        let rows = vec![(1, 0.1 + 0.2), (2, 1e-9)];
        write_csv(&path, &["epoch", "train_loss"], &rows).unwrap();
        assert_eq!(read_csv::<(u32, f64)>(&path).unwrap(), rows, "numbers come back as they were");
        let ragged = write_csv(&path, &["a", "b"], [vec![1, 2], vec![3]]).unwrap_err();
        assert!(ragged.to_string().starts_with("writing table "));
        assert_eq!(read_csv::<(u32, f64)>(&path).unwrap(), rows, "the old table stays");
    }
}
