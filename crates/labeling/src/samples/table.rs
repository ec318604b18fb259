//! Samples as CSV: `x,y` of a projection or `lon,lat` (also `longitude,latitude`), `code`, and as they like `id`, `group`, `year` and features.

use super::{Coordinates, Sample, Samples};
use crate::atomic::write_atomic;
use crate::{Error, Result};
use ecotone_core::{Crs, PlaceColumns, Table, TableEncoding, TableRow, XY};
use std::path::Path;

impl Samples {
    /// Reads samples from CSV with the columns `x,y` (in the projection `crs`) or `lon,lat` (degrees), `code`, perhaps
    /// `id`, `group` and `year`, and any others as features. Empty cells of `group`, `year` and features are unknown.
    ///
    /// # Errors
    /// When the file cannot be read, a column is missing, `x,y` come without a `crs`, or a cell is not what it should
    /// be; names the file, the line and the column.
    pub fn read_csv(path: impl AsRef<Path>, crs: Option<&Crs>) -> Result<Self> {
        Ok(read(path.as_ref(), crs, None)?.0)
    }

    /// Reads the places, classes, groups and years of samples, as [`read_csv`](Self::read_csv) does, but no feature, so
    /// that other columns may hold anything; and the words of one more column, one a sample.
    ///
    /// # Errors
    /// As [`read_csv`](Self::read_csv), or where there is no such column.
    pub fn read_places(
        path: impl AsRef<Path>,
        crs: Option<&Crs>,
        words: Option<&str>,
    ) -> Result<(Self, Vec<String>)> {
        read(path.as_ref(), crs, Some(words))
    }

    /// Writes samples as [`read_csv`](Self::read_csv) reads them, under the file's name only when whole. The projection
    /// is not in the file. Numbers are written so that they come back as they were.
    ///
    /// # Errors
    /// When the file cannot be written, or a sample has another number of features than there are names.
    pub fn write_csv(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let failed = |source| Error::Csv { act: "writing", path: path.to_owned(), source };
        let mut writer = csv::Writer::from_writer(Vec::new());
        let place = match self.coordinates {
            Coordinates::LonLat => ["lon", "lat"],
            Coordinates::Projected(_) => ["x", "y"],
        };
        let fixed = ["id", place[0], place[1], "code", "group", "year"];
        let header = fixed.into_iter().chain(self.features.iter().map(String::as_str));
        writer.write_record(header).map_err(failed)?;
        for Sample { id, place, code, group, year, features } in &self.rows {
            let year = year.map_or_else(String::new, |year| year.to_string());
            let (x, y, code) = (place.x.to_string(), place.y.to_string(), code.0.to_string());
            let fixed = [id.clone(), x, y, code, group.clone().unwrap_or_default(), year];
            let feature = |value: &f32| if value.is_nan() { String::new() } else { value.to_string() };
            writer.write_record(fixed.into_iter().chain(features.iter().map(feature))).map_err(failed)?;
        }
        let bytes = writer.into_inner().map_err(|error| failed(error.into_error().into()))?;
        write_atomic(path, &bytes)
    }
}

/// Reads samples: with all features, or with the words of a column, where one is asked for, instead.
fn read(path: &Path, crs: Option<&Crs>, words: Option<Option<&str>>) -> Result<(Samples, Vec<String>)> {
    let (file, encoding) = TableEncoding::of(path);
    let bytes =
        std::fs::read(&file).map_err(|source| Error::Io { act: "reading", path: file.clone(), source })?;
    let table = Table::parse(&bytes, encoding).map_err(|source| Error::Table { path: file, source })?;
    let mut columns = Columns::find(&table, path)?;
    let coordinates = match (columns.degrees, crs) {
        (true, _) => Coordinates::LonLat,
        (false, Some(crs)) => Coordinates::Projected(crs.clone()),
        (false, None) => return Err(Error::NoCrs { path: path.to_owned() }),
    };
    if words.is_some() {
        columns.features.clear();
    }
    let column = |wanted: &str| {
        table.column(wanted).ok_or_else(|| Error::NoColumn {
            path: path.to_owned(),
            column: wanted.to_owned(),
            found: table.header.join(","),
        })
    };
    let wanted = words.flatten().map(column).transpose()?;
    let (mut rows, mut said) = (Vec::new(), Vec::new());
    for row in &table.rows {
        let line = Line { path, table: &table, row };
        rows.push(line.sample(&columns, rows.len())?);
        said.extend(wanted.map(|column| row.cells[column].clone()));
    }
    let features = columns.features.iter().map(|column| table.header[*column].clone()).collect();
    Ok((Samples { coordinates, features, rows }, said))
}

/// Which column is what.
struct Columns {
    x: usize,
    y: usize,
    degrees: bool,
    code: usize,
    id: Option<usize>,
    group: Option<usize>,
    year: Option<usize>,
    features: Vec<usize>,
}

impl Columns {
    fn find(table: &Table, path: &Path) -> Result<Self> {
        let column = |wanted: &str| table.column(wanted);
        let place = table.place_columns();
        let Some((PlaceColumns { x, y, degrees }, code)) = place.zip(column("code")) else {
            return Err(Error::Columns { path: path.to_owned(), found: table.header.join(",") });
        };
        let (id, group, year) = (column("id"), column("group"), column("year"));
        let taken = [Some(x), Some(y), Some(code), id, group, year];
        let features = (0..table.header.len()).filter(|column| !taken.contains(&Some(*column))).collect();
        Ok(Self { x, y, degrees, code, id, group, year, features })
    }
}

/// One line, with what an error must name.
struct Line<'a> {
    path: &'a Path,
    table: &'a Table,
    row: &'a TableRow,
}

impl Line<'_> {
    fn sample(&self, columns: &Columns, before: usize) -> Result<Sample> {
        let some =
            |column: Option<usize>| column.map(|column| self.text(column)).filter(|text| !text.is_empty());
        let place = XY::new(self.number(columns.x)?, self.number(columns.y)?);
        if columns.degrees && !(-90.0..=90.0).contains(&place.y) {
            return Err(self.refuse(columns.y, "degrees from -90 to 90"));
        }
        if columns.degrees && !(-180.0..=360.0).contains(&place.x) {
            return Err(self.refuse(columns.x, "degrees from -180 to 360"));
        }
        let code = self.table.code(self.text(columns.code));
        let year = some(columns.year)
            .zip(columns.year)
            .map(|(text, column)| text.parse().ok().ok_or_else(|| self.refuse(column, "a year or nothing")));
        Ok(Sample {
            id: some(columns.id).map_or_else(|| (before + 1).to_string(), str::to_owned),
            place,
            code: code.ok_or_else(|| self.refuse(columns.code, "a class code from 0 to 255"))?,
            group: some(columns.group).map(str::to_owned),
            year: year.transpose()?,
            features: columns.features.iter().map(|column| self.feature(*column)).collect::<Result<_>>()?,
        })
    }

    fn text(&self, column: usize) -> &str {
        &self.row.cells[column]
    }

    fn number(&self, column: usize) -> Result<f64> {
        self.table.number(self.text(column)).ok_or_else(|| self.refuse(column, "a number"))
    }

    fn feature(&self, column: usize) -> Result<f32> {
        match self.text(column) {
            "" => Ok(f32::NAN),
            text => {
                let finite =
                    self.table.number(text).map(|value| value as f32).filter(|value| value.is_finite());
                finite.ok_or_else(|| self.refuse(column, "a number or nothing"))
            }
        }
    }

    fn refuse(&self, column: usize, expected: &'static str) -> Error {
        Error::Cell {
            path: self.path.to_owned(),
            line: self.row.line,
            column: self.table.header[column].clone(),
            expected,
            found: self.text(column).to_owned(),
        }
    }
}
