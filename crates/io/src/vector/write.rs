//! Points or lines with attributes into a file that appears only when whole.

use crate::earth::crs;
use crate::gdal_failure::GdalFailure;
use crate::write::{folder_of, partial_name, sync_file, sync_folder};
use crate::{Error, Result, VectorError, ffi, write_csv};
use ecotone_core::{Crs, XY};
use gdal::vector::{
    Feature, FieldDefn, Geometry, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType,
};
use gdal::{Dataset, DatasetOptions, DriverManager, GdalOpenFlags};
use std::fs;
use std::path::{Path, PathBuf};

/// A value of one attribute of one point or line.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A whole number.
    Whole(i64),
    /// Any number.
    Real(f64),
    /// Words.
    Text(String),
    /// Nothing yet, in a column of whole numbers.
    Empty,
}

/// Points and their attributes; `places` and `rows` are as long as each other, each row as long as `columns`.
#[derive(Debug, Clone, PartialEq)]
pub struct PointTable {
    /// Names of the attributes.
    pub columns: Vec<String>,
    /// Where each point lies, in `crs`.
    pub places: Vec<XY<f64>>,
    /// The attributes of each point.
    pub rows: Vec<Vec<Cell>>,
    /// The system of `places`.
    pub crs: Crs,
}

/// Lines and their attributes; `lines` and `rows` are as long as each other, each row as long as `columns`.
#[derive(Debug, Clone, PartialEq)]
pub struct LineTable {
    /// Names of the attributes.
    pub columns: Vec<String>,
    /// Two or more places of each line, in `crs`.
    pub lines: Vec<Vec<XY<f64>>>,
    /// The attributes of each line.
    pub rows: Vec<Vec<Cell>>,
    /// The system of `lines`.
    pub crs: Crs,
}

/// What a layer is made of.
struct Features<'a> {
    /// Name of the layer.
    name: &'static str,
    columns: &'a [String],
    rows: &'a [Vec<Cell>],
    shapes: Shapes<'a>,
    crs: &'a Crs,
}

enum Shapes<'a> {
    Points(&'a [XY<f64>]),
    Lines(&'a [Vec<XY<f64>>]),
}

impl Shapes<'_> {
    const fn kind(&self) -> OGRwkbGeometryType::Type {
        match self {
            Self::Points(_) => OGRwkbGeometryType::wkbPoint,
            Self::Lines(_) => OGRwkbGeometryType::wkbLineString,
        }
    }

    /// The shape of one feature.
    fn shape(&self, feature: usize) -> std::result::Result<Geometry, GdalFailure> {
        let mut shape = Geometry::empty(self.kind())?;
        match self {
            Self::Points(places) => shape.set_point_2d(0, (places[feature].x, places[feature].y)),
            Self::Lines(lines) => {
                lines[feature].iter().for_each(|place| shape.add_point_2d((place.x, place.y)))
            }
        }
        Ok(shape)
    }
}

impl PointTable {
    fn features(&self) -> Features<'_> {
        let Self { columns, places, rows, crs } = self;
        Features { name: "points", columns, rows, shapes: Shapes::Points(places), crs }
    }
}

/// Writes lines as GeoPackage or GeoJSON (in degrees, RFC 7946), as the name ends.
///
/// The same lines give the same bytes.
///
/// # Errors
/// When the name ends in something else, or the file cannot be written; nothing new then stands under its name.
pub fn write_lines(path: impl AsRef<Path>, table: &LineTable) -> Result<()> {
    let LineTable { columns, lines, rows, crs } = table;
    let features = Features { name: "lines", columns, rows, shapes: Shapes::Lines(lines), crs };
    write_vector(path.as_ref(), &features)
}

/// Writes points as CSV (the attributes alone), GeoPackage or GeoJSON (in degrees, RFC 7946), as the name ends.
///
/// The same points give the same bytes.
///
/// ```
/// use ecotone_core::{Crs, XY};
/// use ecotone_io::{Cell, PointTable, write_points};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("points.gpkg");
/// let points = PointTable {
///     columns: vec!["id".into(), "code".into()],
///     places: vec![XY::new(500_000.0, 5_500_000.0)],
///     rows: vec![vec![Cell::Whole(1), Cell::Empty]],
///     crs: Crs::epsg(32633),
/// };
/// write_points(&path, &points)?;
/// # Ok::<(), ecotone_io::Error>(())
/// ```
///
/// # Errors
/// When the name ends in something else, or the file cannot be written; nothing new then stands under its name.
pub fn write_points(path: impl AsRef<Path>, table: &PointTable) -> Result<()> {
    let path = path.as_ref();
    if extension_of(path) == "csv" {
        let rows = table.rows.iter().map(|row| row.iter().map(text).collect::<Vec<_>>());
        return write_csv(path, &table.columns, rows);
    }
    write_vector(path, &table.features())
}

fn extension_of(path: &Path) -> String {
    path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default()
}

fn write_vector(path: &Path, features: &Features<'_>) -> Result<()> {
    match extension_of(path).as_str() {
        "gpkg" => write_layer(path, features, "GPKG", &[]),
        "geojson" | "json" => {
            write_layer(path, features, "GeoJSON", &["RFC7946=YES", "COORDINATE_PRECISION=8"])
        }
        _ => Err(Error::from(VectorError::PointsName { path: path.to_owned() })),
    }
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Whole(value) => value.to_string(),
        Cell::Real(value) => value.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Empty => String::new(),
    }
}

/// The hidden folder that the file grows in, removed when dropped: some formats keep more than one file open.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::debug!(folder = %self.0.display(), "not removed: {error}");
        }
    }
}

fn write_layer(path: &Path, table: &Features<'_>, driver: &str, options: &[&str]) -> Result<()> {
    let io = |act, path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { act, path, source }
    };
    let folder = partial_name(path);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(io("removing", &folder))?;
    }
    fs::create_dir(&folder).map_err(io("creating a file in", &folder_of(path)))?;
    let partial = Partial(folder);
    let made = partial.0.join(path.file_name().unwrap_or_default());
    write_features(&made, path, table, driver, options)?;
    verify(&made, path, table.rows.len())?;
    sync_file(&made).map_err(io("flushing", path))?;
    fs::rename(&made, path).map_err(io("renaming to", path))?;
    sync_folder(path)
}

fn write_features(
    made: &Path,
    path: &Path,
    table: &Features<'_>,
    driver: &str,
    options: &[&str],
) -> Result<()> {
    /// A GeoPackage notes when it was changed; the same points are to give the same bytes.
    const CLOCK: (&str, &str) = ("OGR_CURRENT_DATE", "2000-01-01T00:00:00.000Z");
    ffi::init();
    let system = crs::spatial_ref(table.crs)?;
    let failed = |source| Error::from(VectorError::WriteVector { path: path.to_owned(), source });
    let write = || -> std::result::Result<(), GdalFailure> {
        ffi::reset_errors();
        let mut dataset = DriverManager::get_driver_by_name(driver)?.create_vector_only(made)?;
        let layer = LayerOptions {
            name: table.name,
            srs: Some(&system),
            ty: table.shapes.kind(),
            options: (!options.is_empty()).then_some(options),
        };
        if driver == "GPKG" {
            // Else every point is flushed to the disk by itself.
            let mut all = dataset.start_transaction()?;
            fill(&all.create_layer(layer)?, table)?;
            all.commit()?;
        } else {
            fill(&dataset.create_layer(layer)?, table)?;
        }
        dataset.close()?;
        ffi::failure_since_reset()
    };
    if let Err(error) = gdal::config::set_thread_local_config_option(CLOCK.0, CLOCK.1) {
        tracing::debug!("gdal: option {}: {error}", CLOCK.0);
    }
    let written = write().map_err(failed);
    if let Err(error) = gdal::config::clear_thread_local_config_option(CLOCK.0) {
        tracing::debug!("gdal: option {}: {error}", CLOCK.0);
    }
    written
}

/// Reads the file again: GDAL's driver of GeoJSON does not say when the disk was full.
fn verify(made: &Path, path: &Path, expected: usize) -> Result<()> {
    let count = || -> std::result::Result<u64, GdalFailure> {
        let options =
            DatasetOptions { open_flags: GdalOpenFlags::GDAL_OF_VECTOR, ..DatasetOptions::default() };
        Ok(Dataset::open_ex(made, options)?.layer(0)?.feature_count())
    };
    match count() {
        Ok(found) if found == expected as u64 => Ok(()),
        counted => {
            let found = counted.unwrap_or_else(|error| {
                tracing::debug!(path = %path.display(), "not to be read again: {error}");
                0
            });
            Err(Error::from(VectorError::ShortVector { path: path.to_owned(), expected, found }))
        }
    }
}

fn fill(layer: &gdal::vector::Layer<'_>, table: &Features<'_>) -> std::result::Result<(), GdalFailure> {
    for (column, name) in table.columns.iter().enumerate() {
        let kind = match table.rows.iter().map(|row| &row[column]).find(|cell| **cell != Cell::Empty) {
            Some(Cell::Text(_)) => OGRFieldType::OFTString,
            Some(Cell::Real(_)) => OGRFieldType::OFTReal,
            _ => OGRFieldType::OFTInteger64,
        };
        FieldDefn::new(name, kind)?.add_to_layer(layer)?;
    }
    for (number, row) in table.rows.iter().enumerate() {
        let mut feature = Feature::new(layer.defn())?;
        for (field, cell) in row.iter().enumerate() {
            match cell {
                Cell::Whole(value) => feature.set_field_integer64(field, *value)?,
                Cell::Real(value) => feature.set_field_double(field, *value)?,
                Cell::Text(text) => feature.set_field_string(field, text)?,
                Cell::Empty => feature.set_field_null(field)?,
            }
        }
        feature.set_geometry(table.shapes.shape(number)?)?;
        feature.create(layer)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{VectorLayer, read_point_records};

    fn table() -> PointTable {
        let place = |i: i64| XY::new(500_010.0 + 20.0 * i as f64, 5_500_010.0);
        let row = |i: i64| {
            vec![Cell::Whole(i), Cell::Real(0.1 * i as f64), Cell::Text("a,b".into()), Cell::Whole(i + 2)]
        };
        PointTable {
            columns: ["id", "weight", "note", "code"].map(str::to_owned).to_vec(),
            places: (0..3).map(place).collect(),
            rows: (0..3).map(row).collect(),
            crs: Crs::epsg(32633),
        }
    }

    #[test]
    fn points_are_read_where_they_were_written_and_bytes_repeat() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.gpkg", "a.geojson"] {
            let path = folder.path().join(name);
            write_points(&path, &table()).unwrap();
            let first = fs::read(&path).unwrap();
            let points = read_point_records(&VectorLayer::parse(&path), &Crs::epsg(32633)).unwrap();
            assert_eq!(points.rows.len(), 3);
            for (point, place) in points.rows.iter().zip(table().places) {
                let found = point.position.unwrap();
                let off = (found.x - place.x).hypot(found.y - place.y);
                assert!(off < 1e-2, "{name}: {off}");
            }
            let code = points.columns.iter().position(|name| name == "code").unwrap();
            assert_eq!(points.rows[2].cells[code], "4");
            write_points(&path, &table()).unwrap();
            assert!(fs::read(&path).unwrap() == first, "{name} differs");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn lines_repeat_their_bytes_and_lie_where_they_were_drawn() {
        use gdal::vector::LayerAccess;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roads.gpkg");
        let place = |i: i64| XY::new(500_000.0 + 30.0 * i as f64, 5_500_000.0);
        let table = LineTable {
            columns: vec!["highway".to_owned()],
            lines: vec![(0..3).map(place).collect(), (7..9).map(place).collect()],
            rows: vec![vec![Cell::Text("track".into())], vec![Cell::Text("primary".into())]],
            crs: Crs::epsg(32633),
        };
        write_lines(&path, &table).unwrap();
        let first = fs::read(&path).unwrap();
        let dataset = gdal::Dataset::open(&path).unwrap();
        let mut layer = dataset.layer(0).unwrap();
        let lengths: Vec<usize> = layer.features().map(|f| f.geometry().unwrap().point_count()).collect();
        assert_eq!(lengths, [3, 2]);
        drop(dataset);
        write_lines(&path, &table).unwrap();
        assert!(fs::read(&path).unwrap() == first);
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let message = |name: &str| write_points(folder.path().join(name), &table()).unwrap_err().to_string();
        assert!(
            message("points.xls")
                .ends_with("points.xls: expected a name that ends in .csv, .gpkg or .geojson")
        );
        assert!(message("no/points.gpkg").starts_with("creating a file in "));
    }
}
