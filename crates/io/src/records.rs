//! Tables and points as they stand in a file, every cell as text: for files that others made, with columns of their
//! own.

use crate::dataset::open_dataset;
use crate::vector::{Features, to_geo};
use crate::{Error, Result, crs};
use ecotone_core::{Crs, XY};
use gdal::GdalOpenFlags;
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

/// A point and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PointRecord {
    /// What it is called: its `id`, else its number in the file.
    pub id: String,
    /// Where it lies, in the CRS that was asked for.
    pub position: XY<f64>,
    /// Its attributes, in the order of [`PointRecords::columns`].
    pub cells: Vec<String>,
}

/// Points with the same attributes.
#[derive(Debug, Clone, PartialEq)]
pub struct PointRecords {
    /// Names of the attributes.
    pub columns: Vec<String>,
    /// The points, in the order of the file.
    pub rows: Vec<PointRecord>,
}

/// Reads points with all their attributes as text: a CSV with the columns `x`, `y` (in `target`) or `lon`, `lat`
/// (degrees), or the points of a vector file's first layer. Unlike [`read_points`](crate::read_points) it asks for no
/// class code, so that a sample that nobody has interpreted yet can be read.
///
/// # Errors
/// When the file cannot be read, has no such columns, or a coordinate is no number.
pub fn read_point_records(path: impl AsRef<Path>, target: &Crs) -> Result<PointRecords> {
    let path = path.as_ref();
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
        from_table(path, target)
    } else {
        from_layer(path, target)
    }
}

fn from_table(path: &Path, target: &Crs) -> Result<PointRecords> {
    let Records { header, rows } = read_records(path)?;
    let column = |name: &str| header.iter().position(|found| found.eq_ignore_ascii_case(name));
    let world = column("x").zip(column("y"));
    let Some((x, y)) = world.or(column("lon").zip(column("lat"))) else {
        let expected = "the columns `x,y` or `lon,lat`";
        return Err(Error::Columns { path: path.to_owned(), found: header.join(","), expected });
    };
    let id = column("id");
    let mut points = Vec::with_capacity(rows.len());
    for Record { line, mut cells } in rows {
        cells.resize(header.len(), String::new());
        let number = |column: usize| {
            cells[column].parse().ok().filter(|value: &f64| value.is_finite()).ok_or_else(|| Error::Cell {
                path: path.to_owned(),
                line,
                column: header[column].clone(),
                expected: "a number",
                found: cells[column].clone(),
            })
        };
        let position = XY::new(number(x)?, number(y)?);
        let id = id.map_or_else(|| (points.len() + 1).to_string(), |column| cells[column].clone());
        points.push(PointRecord { id, position, cells });
    }
    if world.is_none() {
        let degrees: Vec<XY<f64>> = points.iter().map(|point| point.position).collect();
        let moved = crs::transform_points(&degrees, &Crs::epsg(4326), target)?;
        points.iter_mut().zip(moved).for_each(|(point, position)| point.position = position);
    }
    Ok(PointRecords { columns: header, rows: points })
}

fn from_layer(path: &Path, target: &Crs) -> Result<PointRecords> {
    let dataset = open_dataset(path, GdalOpenFlags::GDAL_OF_VECTOR)?;
    let mut features = Features::open(path, &dataset, None, target)?;
    let columns = features.fields();
    let id = columns.iter().position(|name| name.eq_ignore_ascii_case("id"));
    let mut rows = Vec::new();
    features.for_each(None, |feature, number, shape| {
        let cell = |field: usize| {
            let text = feature.field_as_string(field);
            text.map(|text| text.unwrap_or_default().trim().to_owned())
                .map_err(|e| Error::Vector { path: path.to_owned(), source: e.into() })
        };
        let cells: Vec<String> = (0..columns.len()).map(cell).collect::<Result<_>>()?;
        let named = id.map(|column| cells[column].clone()).filter(|id| !id.is_empty());
        let id = named.unwrap_or_else(|| number.to_string());
        let mut keep = |x, y| {
            rows.push(PointRecord { id: id.clone(), position: XY::new(x, y), cells: cells.clone() });
        };
        match to_geo(path, shape)? {
            geo_types::Geometry::Point(p) => keep(p.x(), p.y()),
            geo_types::Geometry::MultiPoint(many) => many.iter().for_each(|p| keep(p.x(), p.y())),
            _ => {}
        }
        Ok(())
    })?;
    Ok(PointRecords { columns, rows })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_table_of_points_keeps_words_and_empty_cells() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points.csv");
        fs::write(&path, "\u{feff}id,x,y,stratum,code\np1,10,20,wet meadow,\np2,11,21,edge,3\n").unwrap();
        let points = read_point_records(&path, &Crs::epsg(32633)).unwrap();
        assert_eq!(points.columns, ["id", "x", "y", "stratum", "code"]);
        assert_eq!((points.rows[0].id.as_str(), points.rows[0].position), ("p1", XY::new(10.0, 20.0)));
        assert_eq!(points.rows[0].cells[3..], ["wet meadow", ""]);
        fs::write(&path, "lat,lon\n52,10\n").unwrap();
        let moved = read_point_records(&path, &Crs::epsg(3035)).unwrap().rows[0].position;
        assert!((moved.x - 4_321_000.0).abs() < 1e-3);
        fs::write(&path, "east,north\n52,10\n").unwrap();
        let refused = read_point_records(&path, &Crs::epsg(3035)).unwrap_err().to_string();
        assert!(refused.contains("`x,y` or `lon,lat`"), "{refused}");
    }

    #[test]
    fn a_layer_of_points_is_read_the_same_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points.geojson");
        let text = r#"{"type":"FeatureCollection","features":[
            {"type":"Feature","properties":{"id":"p7","code":3,"plot":null},"geometry":{"type":"Point","coordinates":[10,52]}},
            {"type":"Feature","properties":{"id":"area","code":3},"geometry":{"type":"LineString","coordinates":[[10,52],[11,52]]}}]}"#;
        fs::write(&path, text).unwrap();
        let points = read_point_records(&path, &Crs::epsg(3035)).unwrap();
        assert_eq!(points.rows.len(), 1, "lines are no points");
        let code = points.columns.iter().position(|name| name == "code").unwrap();
        assert_eq!((points.rows[0].id.as_str(), points.rows[0].cells[code].as_str()), ("p7", "3"));
    }
}
