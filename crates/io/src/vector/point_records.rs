//! Points as they stand in a file, a table or a layer, with all their attributes as text. No point vanishes: one that has
//! no place says why.

use super::features::{Features, Limits};
use super::layer::VectorLayer;
use super::left_out::NoPlace;
use super::plain_shape::parts;
use crate::earth::crs;
use crate::{Error, Result, VectorError, read_table};
use ecotone_core::{Crs, PlaceColumns, Table, TableRow, XY};
use gdal::vector::{Geometry, OGRwkbGeometryType};
use std::path::Path;

/// A point and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PointRecord {
    /// What it is called: its `id`, else its number in the file.
    pub id: String,
    /// Where it lies, in the CRS that was asked for; else why it lies nowhere.
    pub position: std::result::Result<XY<f64>, NoPlace>,
    /// Its attributes, in the order of [`PointRecords::columns`].
    pub cells: Vec<String>,
}

/// Points with the same attributes.
#[derive(Debug, Clone, PartialEq)]
pub struct PointRecords {
    /// Names of the attributes.
    pub columns: Vec<String>,
    /// The points and whatever else the file has, in its order.
    pub rows: Vec<PointRecord>,
}

impl PointRecords {
    /// Whether any row is a point, be it out of reach.
    pub fn has_points(&self) -> bool {
        let is_point = |row: &PointRecord| !matches!(row.position, Err(NoPlace::NoPoint | NoPlace::NoShape));
        self.rows.iter().any(is_point)
    }
}

/// Endings of files that are read as tables.
const TABLES: [&str; 3] = ["csv", "tsv", "txt"];

/// Reads points with all their attributes as text: a table with the columns `x`, `y` (in `target`) or `lon`, `lat`, also
/// `longitude`, `latitude` (degrees), or the points of a layer. It asks for no class code, so that a sample that nobody has
/// interpreted yet can be read. Each line and each feature gives a row (several points of one feature a row each), so that
/// rows can be counted.
///
/// # Errors
/// When the file cannot be read, has no such columns, several of its layers hold features and none is named, a coordinate
/// is no number, one in degrees is no longitude or latitude, or those of a projection are degrees.
pub fn read_point_records(layer: &VectorLayer, target: &Crs) -> Result<PointRecords> {
    let path = layer.path();
    let ending = path.extension().unwrap_or_default();
    if !TABLES.into_iter().any(|table| ending.eq_ignore_ascii_case(table)) {
        return from_layer(layer, target);
    }
    match layer.layer() {
        None => from_table(path, target),
        // As `TableEncoding` reads it.
        Some(name) if name.eq_ignore_ascii_case("cp1252") => {
            from_table(Path::new(&format!("{}#{name}", path.display())), target)
        }
        Some(name) => {
            Err(Error::from(VectorError::TableLayer { path: path.to_owned(), layer: name.to_owned() }))
        }
    }
}

fn from_table(path: &Path, target: &Crs) -> Result<PointRecords> {
    let table = read_table(path)?;
    let Some(place) = table.place_columns() else {
        let expected = "the columns `x,y`, `lon,lat` or `longitude,latitude`";
        return Err(Error::Columns { path: path.to_owned(), found: table.header.join(","), expected });
    };
    let source = if place.degrees { Crs::epsg(4326) } else { target.clone() };
    let limits = Limits::of(&source)?;
    let id = table.column("id");
    let mut places = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        places.push(Line { path, table: &table, row, place }.place(limits)?);
    }
    if limits.is_none() && in_degrees(&places) {
        return Err(Error::DegreesAsMetres {
            path: path.to_owned(),
            crs: target.to_string(),
            x: places[0].x,
            y: places[0].y,
        });
    }
    let places = crs::transform_each(&places, &source, target)?;
    let row = |(place, (number, row)): (Option<XY<f64>>, (usize, &TableRow))| PointRecord {
        id: id.map_or_else(|| (number + 1).to_string(), |column| row.cells[column].clone()),
        position: place.ok_or(NoPlace::OutOfReach),
        cells: row.cells.iter().map(|cell| table.plain(cell)).collect(),
    };
    let rows = places.into_iter().zip(table.rows.iter().enumerate()).map(row).collect();
    Ok(PointRecords { columns: table.header, rows })
}

/// Whether all coordinates could be degrees; in a projection they would lie in a hand's breadth around its origin.
fn in_degrees(places: &[XY<f64>]) -> bool {
    // A place at the origin itself says nothing, as where numbers are missing.
    let placed = places.iter().any(|place| (place.x, place.y) != (0.0, 0.0));
    placed && places.iter().all(|place| place.x.abs() <= 360.0 && place.y.abs() <= 90.0)
}

/// A line of a table, with what an error must name.
struct Line<'a> {
    path: &'a Path,
    table: &'a Table,
    row: &'a TableRow,
    place: PlaceColumns,
}

impl Line<'_> {
    /// Where it says to be; `limits` are those of a system in degrees.
    fn place(&self, limits: Option<Limits>) -> Result<XY<f64>> {
        let PlaceColumns { x, y, .. } = self.place;
        let number = |column: usize| {
            self.table.number(&self.row.cells[column]).ok_or_else(|| self.refuse(column, "a number"))
        };
        let place = XY::new(number(x)?, number(y)?);
        match limits {
            Some(limits)
                if !limits.is_latitude(place.y)
                    && limits.is_longitude(place.y)
                    && limits.is_latitude(place.x) =>
            {
                Err(self.refuse(y, "a latitude from -90 to 90 (are the two columns swapped?)"))
            }
            Some(limits) if !limits.is_latitude(place.y) => Err(self.refuse(y, "a latitude from -90 to 90")),
            Some(limits) if !limits.is_longitude(place.x) => {
                Err(self.refuse(x, "a longitude from -360 to 360"))
            }
            _ => Ok(place),
        }
    }

    fn refuse(&self, column: usize, expected: &'static str) -> Error {
        Error::Cell {
            path: self.path.to_owned(),
            line: self.row.line,
            column: self.table.header[column].clone(),
            expected,
            found: self.row.cells[column].clone(),
        }
    }
}

fn from_layer(layer: &VectorLayer, target: &Crs) -> Result<PointRecords> {
    let dataset = layer.open()?;
    let mut features = Features::of(layer, &dataset, target)?;
    let failed = |source| Error::Vector { path: layer.path().to_owned(), source };
    let columns = features.fields();
    let id = columns.iter().position(|name| name.eq_ignore_ascii_case("id"));
    let move_to = features.to_target()?;
    let mut rows = Vec::new();
    features.shapes(|feature, number, shape| {
        let cell = |field: usize| {
            let text = feature.field_as_string(field);
            text.map(|text| text.unwrap_or_default().trim().to_owned()).map_err(|e| failed(e.into()))
        };
        let cells: Vec<String> = (0..columns.len()).map(cell).collect::<Result<_>>()?;
        let named = id.map(|column| cells[column].clone()).filter(|id| !id.is_empty());
        let id = named.unwrap_or_else(|| number.to_string());
        let mut keep = |position| rows.push(PointRecord { id: id.clone(), position, cells: cells.clone() });
        match shape.map(|shape| points_of(&shape)) {
            Err(reason) => keep(Err(reason)),
            Ok(places) if places.is_empty() => keep(Err(NoPlace::NoPoint)),
            Ok(places) => {
                let moved = crs::move_each(&places, &move_to).map_err(failed)?;
                moved.into_iter().for_each(|place| keep(place.ok_or(NoPlace::OutOfReach)));
            }
        }
        Ok(())
    })?;
    Ok(PointRecords { columns, rows })
}

/// The points among the parts of a plain shape, however deep.
fn points_of(shape: &Geometry) -> Vec<XY<f64>> {
    match shape.geometry_type() {
        OGRwkbGeometryType::wkbPoint => {
            let (x, y, _) = shape.get_point(0);
            vec![XY::new(x, y)]
        }
        _ => parts(shape).flat_map(|part| points_of(&part)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn read(path: &Path, target: &Crs) -> Result<PointRecords> {
        read_point_records(&VectorLayer::parse(path), target)
    }

    #[test]
    fn a_table_of_points_keeps_words_and_empty_cells() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points.csv");
        fs::write(&path, "\u{feff}id,x,y,stratum,code\np1,510,20,wet meadow,\np2,511,21,edge,3\n").unwrap();
        let points = read(&path, &Crs::epsg(32633)).unwrap();
        assert_eq!(points.columns, ["id", "x", "y", "stratum", "code"]);
        assert_eq!((points.rows[0].id.as_str(), points.rows[0].position), ("p1", Ok(XY::new(510.0, 20.0))));
        assert_eq!(points.rows[0].cells[3..], ["wet meadow", ""]);
        fs::write(&path, "lat,lon\n52,10\n").unwrap();
        let moved = read(&path, &Crs::epsg(3035)).unwrap().rows[0].position.unwrap();
        assert!((moved.x - 4_321_000.0).abs() < 1e-3);
        fs::write(&path, "east,north\n52,10\n").unwrap();
        let refused = read(&path, &Crs::epsg(3035)).unwrap_err().to_string();
        assert!(refused.contains("`x,y`, `lon,lat` or"), "{refused}");
    }

    #[test]
    fn tables_of_other_programs_are_points() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points.txt");
        fs::write(&path, "Latitude\tLongitude\tlabel\r\n52\t10\tForest\r\n\t\t\r\n").unwrap();
        let points = read(&path, &Crs::epsg(3035)).unwrap();
        assert!((points.rows[0].position.unwrap().x - 4_321_000.0).abs() < 1e-3);
        assert_eq!((points.rows.len(), points.rows[0].cells[2].as_str()), (1, "Forest"));
        fs::write(&path, b"x;y;name\n4321000,5;3210000;\xd6d\n").unwrap();
        let told = format!("{}#cp1252", path.display());
        let points = read(Path::new(&told), &Crs::epsg(3035)).unwrap();
        assert_eq!(
            (points.rows[0].position.unwrap().x, points.rows[0].cells[2].as_str()),
            (4_321_000.5, "Öd")
        );
    }

    #[test]
    fn coordinates_of_the_wrong_kind_get_a_hint() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points.csv");
        let refused = |text: &str| {
            fs::write(&path, text).unwrap();
            read(&path, &Crs::epsg(32633)).unwrap_err().to_string()
        };
        let degrees = refused("x,y\n15.1,49.6\n15.2,49.7\n");
        assert!(degrees.contains("lie around 15.1,49.6") && degrees.contains("`lon,lat`"), "{degrees}");
        let swapped = refused("lon,lat\n49.6,115.1\n");
        assert!(swapped.contains("line 2") && swapped.contains("are the two columns swapped?"), "{swapped}");
        fs::write(&path, "x,y\n15.1,49.6\n500000,5500000\n").unwrap();
        assert!(read(&path, &Crs::epsg(32633)).is_ok(), "a place near the origin beside others");
        fs::write(&path, "x,y\n0,0\n").unwrap();
        assert!(read(&path, &Crs::epsg(32633)).is_ok(), "numbers that are missing");
    }

    #[test]
    fn a_layer_of_points_is_read_the_same_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points.geojson");
        let text = r#"{"type":"FeatureCollection","features":[
            {"type":"Feature","properties":{"id":"p7","code":3,"plot":null},"geometry":{"type":"Point","coordinates":[10,52]}},
            {"type":"Feature","properties":{"id":"area","code":3},"geometry":{"type":"LineString","coordinates":[[10,52],[11,52]]}}]}"#;
        fs::write(&path, text).unwrap();
        let points = read(&path, &Crs::epsg(3035)).unwrap();
        assert_eq!(points.rows[1].position, Err(NoPlace::NoPoint), "lines are no points, and are not lost");
        let code = points.columns.iter().position(|name| name == "code").unwrap();
        assert_eq!((points.rows[0].id.as_str(), points.rows[0].cells[code].as_str()), ("p7", "3"));
    }
}
