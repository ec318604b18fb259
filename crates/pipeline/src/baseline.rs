//! What a map costs nothing to beat: the majority class and the nearest class centroid of each pixel's series.

use ecotone_core::Cube;
use ecotone_curation::UNLABELLED;
use ecotone_metrics::ConfusionMatrix;
use rayon::prelude::*;

/// A classifier of single pixels and its scores on the test pixels.
#[derive(Debug, Clone)]
pub(crate) struct Baseline {
    /// What it is.
    pub(crate) name: &'static str,
    /// Rows = its map, columns = reference.
    pub(crate) confusion: ConfusionMatrix,
}

/// What is known of an area, all `[y, x]`.
pub(crate) struct Known<'a> {
    /// Its series, with normalised values.
    pub(crate) cube: &'a Cube<f32>,
    /// Class indices, [`UNLABELLED`] for none.
    pub(crate) labels: Vec<u8>,
    /// Pixels that teach.
    pub(crate) train: Vec<bool>,
    /// Pixels that are scored.
    pub(crate) test: Vec<bool>,
}

/// Both baselines, learnt from all areas.
pub(crate) fn baselines(areas: &[Known<'_>], classes: usize) -> crate::Result<Vec<Baseline>> {
    let majority = majority_class(areas, classes);
    let centroids = Centroids::learn(areas, classes);
    let mut all_majority = ConfusionMatrix::new(classes);
    let mut all_nearest = ConfusionMatrix::new(classes);
    for Known { cube, labels, test, .. } in areas {
        let pixels: Vec<usize> = (0..labels.len()).filter(|i| test[*i] && labels[*i] != UNLABELLED).collect();
        let nearest: Vec<usize> =
            pixels.par_iter().map(|pixel| centroids.nearest(cube, *pixel).unwrap_or(majority)).collect();
        for (pixel, found) in pixels.iter().zip(nearest) {
            let reference = usize::from(labels[*pixel]);
            all_majority.add(majority, reference)?;
            all_nearest.add(found, reference)?;
        }
    }
    Ok(vec![
        Baseline { name: "majority class", confusion: all_majority },
        Baseline { name: "nearest centroid, pixel by pixel", confusion: all_nearest },
    ])
}

fn majority_class(areas: &[Known<'_>], classes: usize) -> usize {
    let mut counts = vec![0u64; classes];
    let pixels = areas.iter().flat_map(|area| area.labels.iter().zip(&area.train));
    for (label, _) in pixels.filter(|(label, train)| **train && **label != UNLABELLED) {
        counts[usize::from(*label)] += 1;
    }
    (0..classes).max_by_key(|class| (counts[*class], std::cmp::Reverse(*class))).unwrap_or(0)
}

/// The mean series of each class, over clear observations only.
struct Centroids {
    /// `[class, time, band]`; `None` where a class was never clear at a step.
    means: Vec<Vec<Option<f32>>>,
}

impl Centroids {
    fn learn(areas: &[Known<'_>], classes: usize) -> Self {
        let (steps, bands) =
            areas.first().map_or((0, 0), |first| (first.cube.timeline().steps(), first.cube.bands().len()));
        let layers: Vec<Vec<Option<f32>>> = (0..steps * bands)
            .into_par_iter()
            .map(|feature| {
                let (step, band) = (feature / bands, feature % bands);
                let mut sums = vec![(0f64, 0u64); classes];
                for Known { cube, labels, train, .. } in areas {
                    let seen = cube.valid_at(step);
                    for (pixel, value) in cube.layer(step, band).iter().enumerate() {
                        if seen[pixel] && train[pixel] && labels[pixel] != UNLABELLED {
                            let (sum, count) = &mut sums[usize::from(labels[pixel])];
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

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;
    use ecotone_core::{Crs, GeoBox, GeoTransform, Shape2d, Timeline, XY};

    #[test]
    fn clear_steps_tell_the_classes_apart() {
        let geobox = GeoBox::new(
            Shape2d::new(1, 6),
            GeoTransform::north_up(XY::new(0.0, 0.0), 20.0),
            Crs::epsg(32633),
        );
        let timeline = Timeline::new(NaiveDate::from_ymd_opt(2020, 1, 1).unwrap(), 10, 2).unwrap();
        // Step 0 is cloudy with a misleading value at the last pixel; step 1 tells.
        let values = vec![0.0, 0.1, 1.0, 0.9, 0.0, 1.0, 0.0, 0.1, 1.0, 0.9, 0.1, 0.1];
        let mut valid = vec![true; 12];
        valid[5] = false;
        let cube = Cube::new(geobox, timeline, vec!["NDVI".to_owned()], values, valid).unwrap();
        let labels = vec![0, 0, 1, 0, 0, 0];
        let train = vec![true, true, true, false, false, false];
        let test = vec![false, false, false, false, true, true];
        let found = baselines(&[Known { cube: &cube, labels, train, test }], 2).unwrap();
        assert_eq!(found[0].confusion.count(0, 0), 2);
        assert_eq!(found[1].confusion.count(0, 0), 2);
    }
}
