//! The preset `roads` on disk: pictures of three dates, the map's lines and the true ones, truth and labels.

use super::job::{Made, SimulateJob};
use super::sentinel2::{COLLECTION, Grids, write_picture};
use super::written::{begin, classes, finish, folder, legend};
use crate::Result;
use ecotone_io::{Cell, LineTable, StacItem, write_lines};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::Progress;
use ecotone_simulate::{MappedRoad, Roads, RoadsConfig};
use rayon::prelude::*;
use std::path::Path;

pub(super) fn make(job: &SimulateJob, out: &Path, progress: &dyn Progress) -> Result<Made> {
    job.one_year()?;
    if job.every != 1 {
        let expected = "1: the preset roads has three scenes".to_owned();
        return Err(JobError::Value { key: "--every", found: job.every.to_string(), expected }.into());
    }
    let size = job.size.unwrap_or(RoadsConfig::default().size);
    let roads = Roads::new(RoadsConfig { size, seed: job.seed })?;
    begin(out)?;
    let grids = Grids { fine: roads.geobox(), coarse: roads.geobox_20m() };
    let collection = out.join(COLLECTION);
    folder(&collection)?;
    let scenes = roads.scenes().len();
    progress.begin("simulate", scenes as u64, "scenes");
    let items: Vec<StacItem> = (0..scenes)
        .into_par_iter()
        .map(|index| {
            let item = write_picture(&grids, &roads.scene(index)?, &collection)?;
            progress.advance(1, "");
            Ok(item)
        })
        .collect::<Result<_>>()?;
    progress.end();
    classes(out, "truth.tif", &grids.fine, roads.truth(), roads.legend())?;
    classes(out, "labels.tif", &grids.fine, roads.labels(), roads.legend())?;
    legend(out, roads.legend())?;
    write_lines(out.join("roads.gpkg"), &table(roads.mapped(), &grids))?;
    write_lines(out.join("truth.gpkg"), &table(roads.roads(), &grids))?;
    let about = format!("Simulated roads of {size} pixels of 10 m, seed {}, by ecotone simulate", job.seed);
    let pictures = "Simulated Sentinel-2 L2A in true colour; no real surface";
    finish(out, "simulated-roads", &about, vec![(COLLECTION, pictures, items)])?;
    Ok(Made { scenes, fingerprint: roads.fingerprint()? })
}

/// Roads with OpenStreetMap's keys, and their width.
fn table(roads: Vec<MappedRoad>, grids: &Grids) -> LineTable {
    let row = |road: &MappedRoad| {
        let surface = if road.paved { "asphalt" } else { "unpaved" };
        vec![
            Cell::Text(road.highway.tag().to_owned()),
            Cell::Text(surface.to_owned()),
            Cell::Real(f64::from(road.highway.width())),
        ]
    };
    LineTable {
        columns: ["highway", "surface", "width"].map(str::to_owned).to_vec(),
        rows: roads.iter().map(row).collect(),
        lines: roads.into_iter().map(|road| road.points).collect(),
        crs: grids.fine.crs().clone(),
    }
}
