//! The pixels in which maps of several years agree: labels for training on all of them.

use super::output::{bound_memory, class_raster, share};
use crate::labels::class_codes;
use crate::{Error, Result};
use ecotone_core::Legend;
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Codes, Progress, Summary, fresh, nodata_code, read_legend};
use ecotone_metrics::IGNORE;
use ecotone_tiling::WindowGrid;
use std::path::PathBuf;

/// Side of a window in pixels: two blocks of a COG.
const WINDOW: usize = 1024;

/// Maps to look for agreement in.
#[derive(Debug, Clone)]
pub struct StableJob {
    /// Rasters of class codes, such as annual maps. The first one's grid is that of the labels.
    pub maps: Vec<PathBuf>,
    /// A thematic map that they must agree with, too.
    pub thematic: Option<PathBuf>,
    /// Codes of the maps that are no class, besides the nodata that a file declares.
    pub ignore: Vec<i64>,
    /// `code,name,color`.
    pub legend: PathBuf,
    /// The labels.
    pub out: PathBuf,
    /// Replace them.
    pub replace: bool,
}

/// Writes the class of each pixel in which all maps agree, and nothing elsewhere. Memory is bounded by a window.
///
/// Source: unchanged areas as the training set of several years, where annual maps agree with the thematic map that
/// their own training came from.
///
/// # Errors
/// When there are fewer than two maps, a file cannot be read, a code is not in the legend, or the maps agree nowhere.
pub fn label_stable(job: &StableJob, progress: &dyn Progress) -> Result<Summary> {
    let all: Vec<&PathBuf> = job.maps.iter().chain(&job.thematic).collect();
    if all.len() < 2 {
        let expected = "two maps or more, the thematic one among them".to_owned();
        return Err(JobError::Value { key: "MAP", found: all.len().to_string(), expected }.into());
    }
    let inputs: Vec<PathBuf> = all.iter().copied().chain([&job.legend]).cloned().collect();
    fresh(&[&job.out], job.replace, &inputs)?;
    bound_memory();
    let legend = read_legend(&job.legend)?;
    let open = |path: &&PathBuf| Ok(Codes::open(path, &legend, &job.ignore)?);
    let maps = all.iter().map(open).collect::<Result<Vec<Codes>>>()?;
    let grid = maps[0].geobox().clone();
    let nodata = nodata_code(&legend);
    let mut file = class_raster(&job.out, &grid, &legend, nodata)?;
    let mut counts = Counts { stable: vec![0; legend.len()], first: vec![0; legend.len()] };
    let windows = WindowGrid::new(grid.shape(), WINDOW, 0)?;
    progress.begin("stable", windows.grid_shape().len() as u64, "windows");
    for window in windows.windows() {
        let place = grid.crop(window.core);
        let read =
            maps.iter().map(|map| Ok(map.read_indices(&place, &legend)?)).collect::<Result<Vec<_>>>()?;
        let agreed = counts.agreed(&read);
        file.write_window(1, window.core, &class_codes(&agreed, &legend, nodata))?;
        progress.advance(1, "");
    }
    progress.end();
    if counts.stable.iter().all(|pixels| *pixels == 0) {
        return Err(Error::NoStablePixel { maps: all.len(), first: all[0].clone() });
    }
    file.finish()?;
    Ok(counts.summary(&legend, job))
}

/// Pixels of each class in the first map, and of those the ones in which all maps agree.
struct Counts {
    first: Vec<u64>,
    stable: Vec<u64>,
}

impl Counts {
    /// The class index that all maps have in a pixel, [`IGNORE`] where they differ or one has none.
    fn agreed(&mut self, maps: &[Vec<u8>]) -> Vec<u8> {
        let pixel = |(pixel, class): (usize, &u8)| {
            if *class == IGNORE {
                return IGNORE;
            }
            self.first[usize::from(*class)] += 1;
            if maps[1..].iter().any(|map| map[pixel] != *class) {
                return IGNORE;
            }
            self.stable[usize::from(*class)] += 1;
            *class
        };
        maps[0].iter().enumerate().map(pixel).collect()
    }

    fn summary(&self, legend: &Legend, job: &StableJob) -> Summary {
        let mut summary = Summary::default();
        summary.fact("stable", share(self.stable.iter().sum(), self.first.iter().sum()));
        for ((entry, stable), first) in legend.entries().iter().zip(&self.stable).zip(&self.first) {
            if *first > 0 {
                summary.fact(&format!("  {}", entry.name), share(*stable, *first));
            }
        }
        summary.fact("labels", job.out.display().to_string());
        summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_is_stable_where_every_map_has_its_class() {
        let mut counts = Counts { first: vec![0; 2], stable: vec![0; 2] };
        let maps = [vec![0, 1, 1, IGNORE], vec![0, 1, 0, 1], vec![0, IGNORE, 1, 1]];
        assert_eq!(counts.agreed(&maps), [0, IGNORE, IGNORE, IGNORE]);
        assert_eq!((counts.first, counts.stable), (vec![1, 2], vec![1, 0]));
    }
}
