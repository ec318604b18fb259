//! What test blocks have in common with training blocks, in words for the report.

use crate::Result;
use ecotone_core::{Resolution, Window};
use ecotone_curation::{Labels, UNLABELLED};
use ecotone_io::pixel_side_metres;
use ecotone_metrics::distance_transform;
use ecotone_tiling::{BlockSplit, Part, Shared};

/// How much of the labelled test ground lies in fields of training or beside training, how far it is from there (where a side of
/// pixels is one number of metres), and that both are
/// from the same scenes; `None` where there are not both.
pub(crate) fn in_words(
    split: &BlockSplit,
    shared: Option<Shared>,
    labels: &Labels,
    scenes: usize,
) -> Result<Option<String>> {
    let has = |part: Part| {
        let mut labelled = split.codes().iter().zip(&labels.indices);
        labelled.any(|(code, label)| *code == part.code() && *label != UNLABELLED)
    };
    if !(has(Part::Train) && has(Part::Test)) {
        return Ok(None);
    }
    // Where metres are not one number of pixels no distance is told.
    let apart = match pixel_side_metres(labels.geobox())? {
        Some(side) => {
            let mut found = distances(split, &labels.indices, Resolution::new(side.x, side.y)?)?;
            found.sort_unstable_by(f64::total_cmp);
            let (least, median) = (found[0], found[(found.len() - 1) / 2]);
            format!(
                "Test pixels lie {least:.0} m or more from training pixels, {median:.0} m in the median (split.gap_m and \
                 split.block_m widen this). "
            )
        }
        None => String::new(),
    };
    let known = shared.map_or(String::new(), |Shared { in_training_fields, touching_training }| {
        format!(
            "{:.1} % of the test pixels lie in a field that training pixels lie in, too (split.group keeps fields of at most a \
             block on one side; larger ones are not counted), and {:.1} % touch a training pixel. ",
            100.0 * in_training_fields,
            100.0 * touching_training
        )
    });
    Ok(Some(format!(
        "Leaks: {known}{apart}Both are seen by the same {scenes} scenes, so what a scene adds to all of its ground, such as haze, is \
         known from training."
    )))
}

/// How far each labelled test pixel lies from the nearest labelled training pixel, in any of the areas.
fn distances(split: &BlockSplit, labels: &[u8], side: Resolution) -> Result<Vec<f64>> {
    let areas = split.areas();
    let labelled = |part: Part, area: usize| -> Vec<bool> {
        let of_area = areas.part(area);
        let codes = split.codes()[of_area.clone()].iter().zip(&labels[of_area]);
        codes.map(|(code, label)| *code == part.code() && *label != UNLABELLED).collect()
    };
    let training: Vec<Vec<bool>> = (0..areas.areas().len()).map(|area| labelled(Part::Train, area)).collect();
    let mut found = Vec::new();
    for (area, window) in areas.areas().iter().enumerate() {
        let own = distance_transform(&training[area], window.shape(), side)?;
        let test = labelled(Part::Test, area);
        for (pixel, least) in own.into_iter().enumerate().filter(|(pixel, _)| test[*pixel]) {
            let (row, col) =
                (window.row + (pixel / window.cols) as i64, window.col + (pixel % window.cols) as i64);
            let others = areas.areas().iter().zip(&training).enumerate().filter(|(other, _)| *other != area);
            let least = others.fold(least, |least, (_, (other, training))| {
                nearest((row, col), *other, training, side, least)
            });
            found.push(least);
        }
    }
    Ok(found)
}

/// How far a pixel outside of an area lies from the nearest training pixel in it, where that is less than `least`.
fn nearest((row, col): (i64, i64), area: Window, training: &[bool], side: Resolution, least: f64) -> f64 {
    let beyond = |at: i64, first: i64, end: i64| (first - at).max(at - (end - 1)).max(0) as f64;
    let across = beyond(col, area.col, area.col_end()) * side.x();
    let distance = |down: f64, across: f64| (across.powi(2) + down.powi(2)).sqrt();
    // Most areas lie too far away to be looked into.
    if distance(beyond(row, area.row, area.row_end()) * side.y(), across) >= least {
        return least;
    }
    let mut lines: Vec<(i64, &[bool])> = (area.row..).zip(training.chunks_exact(area.cols)).collect();
    lines.sort_by_key(|(line, _)| (line - row).abs());
    let mut least = least;
    for (line, pixels) in lines {
        let down = (line - row).abs() as f64 * side.y();
        if distance(down, across) >= least {
            break;
        }
        let columns = (area.col..).zip(pixels).filter(|(_, training)| **training);
        let near = columns.map(|(column, _)| distance(down, (column - col).abs() as f64 * side.x()));
        least = near.fold(least, f64::min);
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::{AreaGrid, Crs, GeoBox, GeoTransform, Shape2d, XY};
    use ecotone_cubes::Site;
    use ecotone_tiling::{Fractions, SplitConfig};

    #[test]
    fn a_gap_keeps_test_pixels_away() {
        let shape = Shape2d::new(60, 60);
        let geobox = GeoBox::new(shape, GeoTransform::north_up(XY::new(0.0, 0.0), 20.0), Crs::epsg(32633));
        let words = |gap: usize, label: u8| {
            let fractions = Fractions { train: 0.6, validation: 0.2, test: 0.2 };
            let split = BlockSplit::new(shape, &SplitConfig { block: 10, gap, fractions, seed: 1 }).unwrap();
            let labels = Labels { site: Site::whole(geobox.clone()), indices: vec![label; shape.len()] };
            let shared = Some(Shared { in_training_fields: 0.25, touching_training: 0.1 });
            in_words(&split, shared, &labels, 7).unwrap()
        };
        assert!(words(0, 0).unwrap().contains("25.0 % of the test pixels lie in a field"));
        assert!(words(0, 0).unwrap().contains("10.0 % touch a training pixel"));
        assert!(
            words(0, 0).unwrap().contains("lie 20 m or more") && words(0, 0).unwrap().contains("7 scenes")
        );
        assert!(words(3, 0).unwrap().contains("lie 80 m or more"), "{:?}", words(3, 0));
        assert_eq!(words(0, UNLABELLED), None);
    }

    /// Of a geographic grid the shares are told, and no distance.
    #[test]
    fn shares_are_told_where_metres_are_no_one_number() {
        let shape = Shape2d::new(60, 60);
        let transform = GeoTransform::north_up(XY::new(20.0, 61.0), 0.5);
        let geobox = GeoBox::new(shape, transform, Crs::epsg(4326));
        assert_eq!(pixel_side_metres(&geobox).unwrap(), None);
        let fractions = Fractions { train: 0.6, validation: 0.2, test: 0.2 };
        let split = BlockSplit::new(shape, &SplitConfig { block: 10, gap: 0, fractions, seed: 1 }).unwrap();
        let labels = Labels { site: Site::whole(geobox), indices: vec![0; shape.len()] };
        let shared = Some(Shared { in_training_fields: 0.25, touching_training: 0.1 });
        let words = in_words(&split, shared, &labels, 7).unwrap().unwrap();
        assert!(
            words.contains("25.0 %") && words.contains("7 scenes") && !words.contains(" m or more"),
            "{words}"
        );
    }

    #[test]
    fn areas_are_as_far_from_each_other_as_in_the_whole_map() {
        let shape = Shape2d::new(90, 130);
        let windows =
            vec![Window::new(0, 0, 40, 40), Window::new(3, 45, 30, 30), Window::new(60, 100, 30, 30)];
        let areas = AreaGrid::new(shape, windows).unwrap();
        let mut whole = vec![UNLABELLED; shape.len()];
        // In one area next to nothing is known.
        let label = |row: usize, col: usize| match (col >= 100 && row != 70) || row.is_multiple_of(5) {
            true => UNLABELLED,
            false => (col % 2) as u8,
        };
        areas.pixels().for_each(|(row, col)| whole[row * shape.cols + col] = label(row, col));
        let plane: Vec<u8> = areas.pixels().map(|(row, col)| label(row, col)).collect();
        let side = Resolution::new(10.0, 20.0).unwrap();
        let mut fewer = 0;
        for seed in 0..8 {
            let fractions = Fractions { train: 0.4, validation: 0.1, test: 0.5 };
            let config = SplitConfig { block: 20, gap: 2, fractions, seed };
            let of = |ground: AreaGrid, labels: &[u8]| {
                let split = BlockSplit::stratified(ground, &config, 2, labels).unwrap();
                let mut found = distances(&split, labels, side).unwrap();
                found.sort_unstable_by(f64::total_cmp);
                found
            };
            let found = of(areas.clone(), &plane);
            assert_eq!(found, of(shape.into(), &whole), "seed {seed}");
            fewer += usize::from(found.last().is_some_and(|far| far.is_finite()));
        }
        assert!(fewer > 0);
    }
}
