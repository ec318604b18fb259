//! The nearest class centroid of each pixel's series: what costs nothing to beat.

use super::known::Known;
use ecotone_core::Cube;
use rayon::prelude::*;

/// The mean series of each class, over clear observations only.
pub(crate) struct Centroids {
    /// `[class, time, band]`; `None` where a class was never clear at a step.
    means: Vec<Vec<Option<f32>>>,
}

impl Centroids {
    /// From the training pixels of all areas and years.
    pub(crate) fn learn(areas: &[Known<'_>], classes: usize) -> Self {
        let (steps, bands) =
            areas.first().map_or((0, 0), |first| (first.cube.timeline().steps(), first.cube.bands().len()));
        let layers: Vec<Vec<Option<f32>>> = (0..steps * bands)
            .into_par_iter()
            .map(|feature| {
                let (step, band) = (feature / bands, feature % bands);
                let mut sums = vec![(0f64, 0u64); classes];
                for area in areas {
                    let seen = area.cube.valid_at(step);
                    for (pixel, value) in area.cube.layer(step, band).iter().enumerate() {
                        if seen[pixel] && area.teaches(pixel) {
                            let (sum, count) = &mut sums[usize::from(area.learnt[pixel])];
                            *sum += f64::from(*value);
                            *count += 1;
                        }
                    }
                }
                sums.into_iter()
                    .map(|(sum, count)| (count > 0).then(|| (sum / count as f64) as f32))
                    .collect()
            })
            .collect();
        let means = (0..classes).map(|class| layers.iter().map(|layer| layer[class]).collect()).collect();
        Self { means }
    }

    /// The map of an area where it is scored; a pixel that was never clear gets `unseen`.
    pub(crate) fn map(&self, area: &Known<'_>, unseen: usize) -> Vec<u8> {
        let pixels = area.scored();
        let nearest = |pixel: &usize| self.nearest(area.cube, *pixel).unwrap_or(unseen);
        let classes: Vec<usize> = pixels.par_iter().map(nearest).collect();
        area.map_of(&pixels, classes)
    }

    /// The class whose mean series is nearest, by the mean squared difference over clear steps; `None` where the
    /// pixel was never clear.
    fn nearest(&self, cube: &Cube<f32>, pixel: usize) -> Option<usize> {
        let (steps, bands) = (cube.timeline().steps(), cube.bands().len());
        let clear: Vec<usize> = (0..steps).filter(|step| cube.valid_at(*step)[pixel]).collect();
        let distance = |means: &[Option<f32>]| {
            let (mut sum, mut count) = (0f64, 0u32);
            for feature in clear.iter().flat_map(|step| step * bands..(step + 1) * bands) {
                if let Some(mean) = means[feature] {
                    let difference = f64::from(cube.layer(feature / bands, feature % bands)[pixel] - mean);
                    sum += difference * difference;
                    count += 1;
                }
            }
            (count > 0).then(|| sum / f64::from(count))
        };
        let distances =
            self.means.iter().enumerate().filter_map(|(class, means)| Some((class, distance(means)?)));
        distances.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(class, _)| class)
    }
}
