//! Samples as CSV, GeoPackage or GeoJSON.

use super::picked::Picked;
use crate::Result;
use ecotone_core::Crs;
use ecotone_io::{Cell, PointTable, write_points};
use ecotone_labeling::{Coordinates, Sample};
use std::path::Path;

/// Refuses a name that cannot be written to before any work is done.
pub(super) fn check_name(path: &Path) -> Result<()> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    if !matches!(extension.as_deref(), Some("csv" | "gpkg" | "geojson" | "json")) {
        return Err(
            ecotone_io::Error::from(ecotone_io::VectorError::PointsName { path: path.to_owned() }).into()
        );
    }
    Ok(())
}

/// Writes samples as the name ends; what is not known is empty.
pub(super) fn write(path: &Path, picked: &Picked) -> Result<()> {
    let samples = &picked.samples;
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
        return Ok(samples.write_csv(path)?);
    }
    let fixed = ["id", "code", "group", "year"].map(str::to_owned);
    let crs = match &samples.coordinates {
        Coordinates::LonLat => Crs::epsg(4326),
        Coordinates::Projected(crs) => crs.clone(),
    };
    let row = |Sample { id, code, group, year, features, .. }: &Sample| {
        let fixed = [
            Cell::Text(id.clone()),
            Cell::Whole(i64::from(code.0)),
            group.clone().map_or(Cell::Empty, Cell::Text),
            year.map_or(Cell::Empty, |year| Cell::Whole(i64::from(year))),
        ];
        let known = |value: &f32| if value.is_nan() { Cell::Empty } else { Cell::Real(f64::from(*value)) };
        fixed.into_iter().chain(features.iter().map(known)).collect()
    };
    let table = PointTable {
        columns: fixed.into_iter().chain(samples.features.iter().cloned()).collect(),
        places: samples.rows.iter().map(|sample| sample.place).collect(),
        rows: samples.rows.iter().map(row).collect(),
        crs,
    };
    Ok(write_points(path, &table)?)
}
