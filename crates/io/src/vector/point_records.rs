//! Points as they stand in a file, a table or a layer, with all their attributes as text. No point vanishes: one that has
//! no place says why.

use super::features::{Features, Limits};
use super::layer::VectorLayer;
use super::left_out::NoPlace;
use super::plain_shape::parts;
use crate::earth::crs;
use crate::{Error, Record, Records, Result, VectorError, read_records};
use ecotone_core::{Crs, XY};
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

/// Reads points with all their attributes as text: a CSV with the columns `x`, `y` (in `target`) or `lon`, `lat`
/// (degrees), or the points of a layer. It asks for no class code, so that a sample that nobody has interpreted yet can be
/// read. Each line and each feature gives a row (several points of one feature a row each), so that rows can be counted.
///
/// # Errors
/// When the file cannot be read, has no such columns, several of its layers hold features and none is named, a coordinate
/// is no number, or one in degrees is no longitude or latitude.
pub fn read_point_records(layer: &VectorLayer, target: &Crs) -> Result<PointRecords> {
    let path = layer.path();
    if !path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
        return from_layer(layer, target);
    }
    match layer.layer() {
        Some(name) => {
            Err(Error::from(VectorError::TableLayer { path: path.to_owned(), layer: name.to_owned() }))
        }
        None => from_table(path, target),
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
    let source = if world.is_some() { target.clone() } else { Crs::epsg(4326) };
    let limits = Limits::of(&source)?;
    let id = column("id");
    let (mut points, mut places) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for Record { line, mut cells } in rows {
        cells.resize(header.len(), String::new());
        let refuse = |column: usize, expected: &'static str| Error::Cell {
            path: path.to_owned(),
            line,
            column: header[column].clone(),
            expected,
            found: cells[column].clone(),
        };
        let number = |column: usize| {
            let number = cells[column].parse().ok().filter(|value: &f64| value.is_finite());
            number.ok_or_else(|| refuse(column, "a number"))
        };
        let place = XY::new(number(x)?, number(y)?);
        if limits.is_some_and(|limits| !limits.is_latitude(place.y)) {
            return Err(refuse(y, "a latitude from -90 to 90"));
        }
        if limits.is_some_and(|limits| !limits.is_longitude(place.x)) {
            return Err(refuse(x, "a longitude from -360 to 360"));
        }
        let id = id.map_or_else(|| (points.len() + 1).to_string(), |column| cells[column].clone());
        points.push((id, cells));
        places.push(place);
    }
    let places = crs::transform_each(&places, &source, target)?;
    let row = |((id, cells), place): ((String, Vec<String>), Option<XY<f64>>)| PointRecord {
        id,
        position: place.ok_or(NoPlace::OutOfReach),
        cells,
    };
    Ok(PointRecords { columns: header, rows: points.into_iter().zip(places).map(row).collect() })
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
        fs::write(&path, "\u{feff}id,x,y,stratum,code\np1,10,20,wet meadow,\np2,11,21,edge,3\n").unwrap();
        let points = read(&path, &Crs::epsg(32633)).unwrap();
        assert_eq!(points.columns, ["id", "x", "y", "stratum", "code"]);
        assert_eq!((points.rows[0].id.as_str(), points.rows[0].position), ("p1", Ok(XY::new(10.0, 20.0))));
        assert_eq!(points.rows[0].cells[3..], ["wet meadow", ""]);
        fs::write(&path, "lat,lon\n52,10\n").unwrap();
        let moved = read(&path, &Crs::epsg(3035)).unwrap().rows[0].position.unwrap();
        assert!((moved.x - 4_321_000.0).abs() < 1e-3);
        fs::write(&path, "east,north\n52,10\n").unwrap();
        let refused = read(&path, &Crs::epsg(3035)).unwrap_err().to_string();
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
        let points = read(&path, &Crs::epsg(3035)).unwrap();
        assert_eq!(points.rows[1].position, Err(NoPlace::NoPoint), "lines are no points, and are not lost");
        let code = points.columns.iter().position(|name| name == "code").unwrap();
        assert_eq!((points.rows[0].id.as_str(), points.rows[0].cells[code].as_str()), ("p7", "3"));
    }
}
