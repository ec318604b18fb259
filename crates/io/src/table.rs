//! Tables as CSV: whole files in, whole files out, and the samples among them.

use crate::{Error, Result, Staged, crs};
use ecotone_core::{ClassCode, Crs, XY};
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

/// Reads a table with a header, each record as an `R` whose fields are named as the columns.
///
/// # Errors
/// When the file cannot be read or a record is no `R`; the line is named.
pub fn read_csv<R: DeserializeOwned>(path: impl AsRef<Path>) -> Result<Vec<R>> {
    let path = path.as_ref();
    let failed = |source| Error::Csv { act: "reading", path: path.to_owned(), source };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(failed)?;
    reader.deserialize().collect::<std::result::Result<_, _>>().map_err(failed)
}

/// A location whose class is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// What it is called: the `id` column or feature number, else the count from 1.
    pub id: String,
    /// Where it lies, in the CRS that was asked for.
    pub position: XY<f64>,
    /// Its class.
    pub code: ClassCode,
    /// What is known of it, in the order of [`Samples::features`]; NaN where a cell is empty.
    pub features: Vec<f32>,
}

/// Samples and the names of their features.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Samples {
    /// Names of the columns behind [`Sample::features`].
    pub features: Vec<String>,
    /// The samples, in the order of the file.
    pub rows: Vec<Sample>,
}

/// Reads samples from CSV: columns `x`, `y` (in `target`) or `lon`, `lat` (degrees, transformed into `target`),
/// `code`, an optional `id`, and any other columns as numeric features.
///
/// # Errors
/// When a column is missing or a cell is no number; names the file, the line and the column.
pub fn read_samples(path: impl AsRef<Path>, target: &Crs) -> Result<Samples> {
    let path = path.as_ref();
    let failed = |source| Error::Csv { act: "reading", path: path.to_owned(), source };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(failed)?;
    let header: Vec<String> = reader
        .headers()
        .map_err(failed)?
        .iter()
        .map(|h| h.trim_start_matches('\u{feff}').to_owned())
        .collect();
    let column = |name: &str| header.iter().position(|h| h.eq_ignore_ascii_case(name));
    let world = column("x").zip(column("y"));
    let Some(((x, y), code)) = world.or(column("lon").zip(column("lat"))).zip(column("code")) else {
        let expected = "`x,y,code` or `lon,lat,code`";
        return Err(Error::Columns { path: path.to_owned(), found: header.join(","), expected });
    };
    let id = column("id");
    let features: Vec<usize> =
        (0..header.len()).filter(|i| ![x, y, code].contains(i) && Some(*i) != id).collect();

    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(failed)?;
        let row = Row { path, header: &header, record: &record };
        rows.push(Sample {
            id: id.map_or_else(|| (rows.len() + 1).to_string(), |i| row.text(i).to_owned()),
            position: XY::new(row.number(x)?, row.number(y)?),
            code: row.code(code)?,
            features: features.iter().map(|i| row.feature(*i)).collect::<Result<_>>()?,
        });
    }
    if world.is_none() {
        let degrees: Vec<XY<f64>> = rows.iter().map(|row| row.position).collect();
        let moved = crs::transform_points(&degrees, &Crs::epsg(4326), target)?;
        rows.iter_mut().zip(moved).for_each(|(row, position)| row.position = position);
    }
    Ok(Samples { features: features.into_iter().map(|i| header[i].clone()).collect(), rows })
}

/// One record of a sample table, with what an error must name.
struct Row<'a> {
    path: &'a Path,
    header: &'a [String],
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    fn text(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or_default()
    }

    fn number(&self, column: usize) -> Result<f64> {
        let finite = self.text(column).parse().ok().filter(|value: &f64| value.is_finite());
        finite.ok_or_else(|| self.refuse(column, "a number"))
    }

    fn code(&self, column: usize) -> Result<ClassCode> {
        let code = self.text(column).parse().ok().map(ClassCode);
        code.ok_or_else(|| self.refuse(column, "a class code from 0 to 255"))
    }

    fn feature(&self, column: usize) -> Result<f32> {
        match self.text(column) {
            "" => Ok(f32::NAN),
            text => text.parse().ok().ok_or_else(|| self.refuse(column, "a number or nothing")),
        }
    }

    fn refuse(&self, column: usize, expected: &'static str) -> Error {
        Error::Cell {
            path: self.path.to_owned(),
            line: self.record.position().map_or(0, csv::Position::line),
            column: self.header[column].clone(),
            expected,
            found: self.text(column).to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn samples(text: &str, target: &Crs) -> Result<Samples> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("samples.csv");
        fs::write(&path, text).unwrap();
        read_samples(&path, target)
    }

    #[test]
    fn samples_in_the_target_crs_keep_their_places_and_features() {
        let read = samples("id,x,y,code,ndvi,nbr\na,10.5,20,3,0.25,\nb,11,21,255,-1,2\n", &Crs::epsg(32633))
            .unwrap();
        assert_eq!(read.features, ["ndvi", "nbr"]);
        assert_eq!((read.rows[0].id.as_str(), read.rows[0].position), ("a", XY::new(10.5, 20.0)));
        assert!(read.rows[0].features[1].is_nan());
        assert_eq!(
            (read.rows[1].code, read.rows[1].features.as_slice()),
            (ClassCode(255), [-1.0, 2.0].as_slice())
        );
    }

    #[test]
    fn degrees_are_transformed() {
        let read = samples("code,lat,lon\n1,52,10\n", &Crs::epsg(3035)).unwrap();
        assert_eq!(read.rows[0].id, "1");
        assert!((read.rows[0].position.x - 4_321_000.0).abs() < 1e-3);
    }

    #[track_caller]
    fn check(text: &str, message: &str) {
        let error = samples(text, &Crs::epsg(3035)).unwrap_err().to_string();
        assert!(error.ends_with(message), "{error}");
    }

    #[test]
    fn bad_tables_say_where() {
        check("x,y,class\n1,2,3\n", "has columns `x,y,class`, expected `x,y,code` or `lon,lat,code`");
        check(
            "x,y,code\n1,2,3\n1,2,256\n",
            "line 3: expected a class code from 0 to 255 in column `code`, found `256`",
        );
        check("x,y,code\n1,nan,3\n", "line 2: expected a number in column `y`, found `nan`");
        check("x,y,code,b\n1,2,3,?\n", "line 2: expected a number or nothing in column `b`, found `?`");
    }

    #[test]
    fn a_table_is_read_as_it_was_written() {
        #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        struct Epoch {
            epoch: u32,
            train_loss: f64,
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.csv");
        let rows = vec![Epoch { epoch: 1, train_loss: 0.1 + 0.2 }, Epoch { epoch: 2, train_loss: 1e-9 }];
        write_csv(&path, &["epoch", "train_loss"], &rows).unwrap();
        assert_eq!(read_csv::<Epoch>(&path).unwrap(), rows);
        let ragged = write_csv(&path, &["a", "b"], [vec![1, 2], vec![3]]).unwrap_err();
        assert!(ragged.to_string().starts_with("writing table "));
        assert_eq!(read_csv::<Epoch>(&path).unwrap(), rows, "the old table stays");
    }
}
