//! What test blocks have in common with training blocks, in words for the report.

use crate::Result;
use crate::labels::{Labels, UNLABELLED};
use ecotone_core::Resolution;
use ecotone_io::pixel_side_metres;
use ecotone_metrics::distance_transform;
use ecotone_tiling::{BlockSplit, Part};

/// How far labelled test pixels lie from labelled training pixels, and that both are from the same scenes; `None` where
/// there are not both.
pub(crate) fn in_words(split: &BlockSplit, labels: &Labels, scenes: usize) -> Result<Option<String>> {
    let labelled = |part: Part| {
        let codes = split.codes().iter().zip(&labels.indices);
        codes.map(move |(code, label)| *code == part.code() && *label != UNLABELLED)
    };
    let training: Vec<bool> = labelled(Part::Train).collect();
    // Where metres are not one number of pixels no distance is told.
    let Some(side) = pixel_side_metres(&labels.geobox)? else { return Ok(None) };
    let resolution = Resolution::new(side.x, side.y)?;
    let distances = distance_transform(&training, labels.geobox.shape(), resolution)?;
    let mut found: Vec<f64> = distances
        .into_iter()
        .zip(labelled(Part::Test))
        .filter(|(_, test)| *test)
        .map(|(far, _)| far)
        .collect();
    found.sort_unstable_by(f64::total_cmp);
    let Some(least) = found.first().filter(|least| least.is_finite()) else { return Ok(None) };
    let median = found[(found.len() - 1) / 2];
    Ok(Some(format!(
        "Leaks: test pixels lie {least:.0} m or more from training pixels, {median:.0} m in the median (split.gap_m and \
         split.block_m widen this). Both are seen by the same {scenes} scenes, so what a scene adds to all of its ground, such as haze, is \
         known from training."
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::{Crs, GeoBox, GeoTransform, Shape2d, XY};
    use ecotone_tiling::{Fractions, SplitConfig};

    #[test]
    fn a_gap_keeps_test_pixels_away() {
        let shape = Shape2d::new(60, 60);
        let geobox = GeoBox::new(shape, GeoTransform::north_up(XY::new(0.0, 0.0), 20.0), Crs::epsg(32633));
        let words = |gap: usize, label: u8| {
            let fractions = Fractions { train: 0.6, validation: 0.2, test: 0.2 };
            let split = BlockSplit::new(shape, &SplitConfig { block: 10, gap, fractions, seed: 1 }).unwrap();
            let labels = Labels { geobox: geobox.clone(), indices: vec![label; shape.len()] };
            in_words(&split, &labels, 7).unwrap()
        };
        assert!(
            words(0, 0).unwrap().contains("lie 20 m or more") && words(0, 0).unwrap().contains("7 scenes")
        );
        assert!(words(3, 0).unwrap().contains("lie 80 m or more"), "{:?}", words(3, 0));
        assert_eq!(words(0, UNLABELLED), None);
    }
}
