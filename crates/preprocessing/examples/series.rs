//! Gathers a pixel's cloudy scenes into a ten-day series and prints its NDVI, observed and filled.

use chrono::{Days, NaiveDate};
use ecotone_core::{Crs, GeoBox, GeoTransform, Shape2d, Timeline, XY};
use ecotone_preprocessing::{Fill, Index, SceneLayer, SeriesBuilder, StepRule};
use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start = NaiveDate::from_ymd_opt(2021, 3, 1).ok_or("no such day")?;
    let geobox =
        GeoBox::new(Shape2d::new(1, 1), GeoTransform::north_up(XY::new(0.0, 0.0), 20.0), Crs::epsg(32632));
    let bands = vec!["B04".to_owned(), "B8A".to_owned()];
    let ndvi = Index::named("NDVI")?.bind(&bands)?;
    let mut builder = SeriesBuilder::new(geobox, Timeline::new(start, 10, 12)?, bands, StepRule::Best);
    for visit in 0..24u16 {
        // A wood that turns green in May, under clouds two days out of three.
        let green = 1.0 / (1.0 + (-f32::from(visit) + 11.0).exp());
        let values = [0.08 - 0.05 * green, 0.18 + 0.25 * green];
        builder.add(SceneLayer {
            id: &format!("visit {visit}"),
            day: start + Days::new(u64::from(visit) * 5),
            cloud_cover: None,
            values: &values,
            valid: &[visit % 3 == 0],
        })?;
    }
    let series = builder.finish(Fill::Linear)?;
    let mut out = std::io::stdout().lock();
    for step in 0..series.cube.timeline().steps() {
        let mut value = [0.0];
        ndvi.evaluate(&[series.cube.layer(step, 0), series.cube.layer(step, 1)], &mut value)?;
        let kind = if series.cube.valid_at(step)[0] { "observed" } else { "filled" };
        writeln!(out, "{} NDVI {:.2} {kind}", series.cube.timeline().step_start(step), value[0])?;
    }
    Ok(())
}
