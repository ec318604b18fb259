//! Labels of one year that a forest confirms which was grown from their dominant clusters.

use crate::Result;
use crate::clean::{INDICES, SOIL_MOST};
use crate::labels::UNLABELLED;
use ecotone_core::{Cube, Legend};
use ecotone_cubes::Error as CubeError;
use ecotone_cubes::Series;
use ecotone_labeling::{ClusterCleaning, ClusterCount, Draw, RandomForest, Shares};
use ecotone_preprocessing::{BoundIndex, Index};
use ndarray::{Array2, Axis};
use rayon::prelude::*;
use std::ops::Range;

/// Pixels that a forest classifies at once.
const CHUNK: usize = 1 << 14;

/// Trees of a forest that confirms. Nearly four in ten have not drawn a pixel that the forest was taught (Breiman 1996), so
/// about a hundred vote on it, as many as an ordinary forest has: fewer would agree with a wrong label by chance more often.
const TREES: usize = 270;

/// What is known of a year.
pub struct YearSamples<'a> {
    /// Its scenes.
    pub series: &'a Series,
    /// For each area of the series its cubes, one a source, before normalisation.
    pub areas: &'a [Vec<Cube<f32>>],
    /// Class indices, a plane over the areas.
    pub labels: &'a [u8],
    /// Which pixels of the areas take part.
    pub open: &'a [bool],
}

/// What a year confirms.
pub struct Confirmed {
    /// Pixels of the areas whose label the forest gives them, too.
    pub pixels: Vec<bool>,
    /// Samples that clusters were looked for in.
    pub samples: usize,
    /// Samples in the dominant cluster of their class.
    pub dominant: usize,
}

/// How labels are confirmed.
#[derive(Debug, Clone, Copy)]
pub struct Confirming {
    /// Samples to draw.
    pub samples: usize,
    /// Clusters of each class; 0: as many as the samples show.
    pub clusters: usize,
    /// Decides every draw. Another one for each year: what all years confirm is then asked of forests that were taught other
    /// pixels.
    pub seed: u64,
}

/// A pixel that takes part.
#[derive(Clone, Copy)]
struct Candidate {
    area: usize,
    /// Its place in the area.
    pixel: usize,
    /// Its place in a plane over the areas.
    place: usize,
    label: u8,
}

/// Draws samples with the labels' shares of classes, keeps the dominant cluster of each class, draws again with those
/// shares, grows a forest, and asks it about every labelled pixel that takes part: about a pixel that it was taught only
/// the trees that did not draw it (Breiman 1996), since the others have its label by heart.
///
/// # Errors
/// When an index lacks its bands, or no labelled pixel was seen.
pub fn confirmed(year: &YearSamples<'_>, how: &Confirming, legend: &Legend) -> Result<Confirmed> {
    let (seed, candidates) = (how.seed, year.candidates());
    if candidates.is_empty() {
        return Err(CubeError::NothingObserved { scenes: year.series.scenes().count() }.into());
    }
    let (labels, names, shares) = present(&candidates, legend);
    let shares = Shares::Proportional(shares);
    let drawn = Draw::new(&labels, names.len(), how.samples, &shares, seed)?.rows;
    let of = |rows: &[usize]| -> Vec<Candidate> { rows.iter().map(|row| candidates[*row]).collect() };
    let own = |rows: &[usize]| -> Vec<usize> { rows.iter().map(|row| labels[*row]).collect() };
    let clusters = match how.clusters {
        0 => ClusterCleaning::default().clusters,
        clusters => ClusterCount::Given(clusters),
    };
    let cleaning = ClusterCleaning { clusters, seed, ..ClusterCleaning::default() };
    // A class that the draw left out has no cluster.
    let drawn_labels = own(&drawn);
    let (dense, dense_names) = dense(&drawn_labels, &names);
    let kept = cleaning.clean(&year.indices(&of(&drawn))?, &dense, &dense_names)?.kept;
    let kept: Vec<usize> = kept.iter().map(|place| drawn[*place]).collect();
    let again = Draw::new(&own(&kept), names.len(), kept.len(), &shares, seed)?.rows;
    let taught: Vec<usize> = again.iter().map(|place| kept[*place]).collect();
    let records = |rows: Range<usize>| year.records(&candidates[rows]);
    let agreed = agreed(&labels, &taught, &year.records(&of(&taught)), records, names.len(), seed)?;
    let mut pixels = vec![false; year.labels.len()];
    candidates.iter().zip(agreed).for_each(|(candidate, agreed)| pixels[candidate.place] = agreed);
    Ok(Confirmed { pixels, samples: drawn.len(), dominant: kept.len() })
}

/// Whether a forest gives each candidate its label. It is grown from the `taught` rows, which `lessons` are the records of;
/// `records` gives those of some candidates.
fn agreed(
    labels: &[usize],
    taught: &[usize],
    lessons: &Array2<f32>,
    records: impl Fn(Range<usize>) -> Array2<f32>,
    classes: usize,
    seed: u64,
) -> Result<Vec<bool>> {
    let forest = RandomForest::params().trees(TREES).classes(classes).seed(seed).out_of_bag(true);
    let own: Vec<usize> = taught.iter().map(|row| labels[*row]).collect();
    let forest = forest.grow(lessons, &own)?;
    let mut agreed = Vec::with_capacity(labels.len());
    for start in (0..labels.len()).step_by(CHUNK) {
        let rows = start..(start + CHUNK).min(labels.len());
        let found = forest.classify(&records(rows.clone()))?;
        agreed.extend(found.iter().zip(&labels[rows]).map(|(class, label)| class == label));
    }
    if let Some(out) = forest.out_of_bag() {
        let found = out.classes();
        taught.iter().zip(found).for_each(|(row, class)| agreed[*row] = class == Some(labels[*row]));
    }
    Ok(agreed)
}

impl YearSamples<'_> {
    /// Labelled pixels that take part and were seen.
    fn candidates(&self) -> Vec<Candidate> {
        let mut found = Vec::new();
        for (area, cubes) in self.areas.iter().enumerate() {
            let part = self.series.site().area_grid().part(area);
            let mut seen = vec![false; part.len()];
            for cube in cubes {
                seen.iter_mut().zip(cube.observations()).for_each(|(seen, count)| *seen |= count > 0);
            }
            let (labels, open) = (&self.labels[part.clone()], &self.open[part.clone()]);
            let wanted = (0..seen.len()).filter(|i| seen[*i] && open[*i] && labels[*i] != UNLABELLED);
            found.extend(wanted.map(|pixel| Candidate {
                area,
                pixel,
                place: part.start + pixel,
                label: labels[pixel],
            }));
        }
        found
    }

    /// The values of pixels, `[pixel, source x step x channel]`.
    fn records(&self, pixels: &[Candidate]) -> Array2<f32> {
        let features = self.areas[0].iter().map(|cube| cube.timeline().steps() * cube.bands().len()).sum();
        let mut records = Array2::zeros((pixels.len(), features));
        let rows: Vec<_> = records.axis_iter_mut(Axis(0)).zip(pixels).collect();
        rows.into_par_iter().for_each(|(mut record, candidate)| {
            let layers = self.areas[candidate.area].iter().flat_map(layers);
            record.iter_mut().zip(layers).for_each(|(value, layer)| *value = layer[candidate.pixel]);
        });
        records
    }

    /// The indices of pixels at each step, `[pixel, step x index]`, of the first source.
    fn indices(&self, pixels: &[Candidate]) -> Result<Array2<f32>> {
        let bands = self.series.channels_of(0);
        let bound = |text: &&str| Ok(Index::parse(text)?.bind(bands)?);
        let space = INDICES.iter().map(bound).collect::<Result<Vec<BoundIndex>>>()?;
        let steps = self.areas[0][0].timeline().steps();
        let mut found = Array2::zeros((pixels.len(), steps * space.len()));
        for (area, cubes) in self.areas.iter().enumerate() {
            let own: Vec<usize> = (0..pixels.len()).filter(|row| pixels[*row].area == area).collect();
            for step in 0..steps {
                let at = |band: usize| -> Vec<f32> {
                    let layer = cubes[0].layer(step, band);
                    own.iter().map(|row| layer[pixels[*row].pixel]).collect()
                };
                let values: Vec<Vec<f32>> = (0..bands.len()).map(at).collect();
                let values: Vec<&[f32]> = values.iter().map(Vec::as_slice).collect();
                let mut out = vec![0.0; own.len()];
                for (place, index) in space.iter().enumerate() {
                    index.evaluate(&values, &mut out)?;
                    for (row, value) in own.iter().zip(&out) {
                        found[[*row, step * space.len() + place]] = *value;
                    }
                }
            }
        }
        // Over snow and deep water the soil ratio grows without bound, and of nothing to nothing it says nothing.
        found.mapv_inplace(|value| if value.is_nan() { 0.0 } else { value.clamp(-SOIL_MOST, SOIL_MOST) });
        Ok(found)
    }
}

fn layers(cube: &Cube<f32>) -> impl Iterator<Item = &[f32]> {
    let (steps, bands) = (cube.timeline().steps(), cube.bands().len());
    (0..steps).flat_map(move |step| (0..bands).map(move |band| cube.layer(step, band)))
}

/// The labels counted through from 0 over the classes that occur, with their names and their numbers of pixels.
fn present(candidates: &[Candidate], legend: &Legend) -> (Vec<usize>, Vec<String>, Vec<f64>) {
    let mut counts = vec![0u64; legend.len()];
    candidates.iter().for_each(|candidate| counts[usize::from(candidate.label)] += 1);
    let classes: Vec<usize> = (0..counts.len()).filter(|class| counts[*class] > 0).collect();
    let place = |label: u8| classes.binary_search(&usize::from(label)).unwrap_or(0);
    let labels = candidates.iter().map(|candidate| place(candidate.label)).collect();
    let names = classes.iter().map(|class| legend.entries()[*class].name.clone()).collect();
    (labels, names, classes.iter().map(|class| counts[*class] as f64).collect())
}

/// Labels counted through from 0 over those that occur, with their names.
fn dense(labels: &[usize], names: &[String]) -> (Vec<usize>, Vec<String>) {
    let used: std::collections::BTreeSet<usize> = labels.iter().copied().collect();
    let used: Vec<usize> = used.into_iter().collect();
    let place = |label: &usize| used.binary_search(label).unwrap_or(0);
    (labels.iter().map(place).collect(), used.iter().map(|class| names[*class].clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers from 0 to 1 that look random (splitmix64).
    fn numbers(mut state: u64) -> impl FnMut() -> f64 {
        move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
        }
    }

    /// Of the pixels that a forest was taught, or of the others.
    #[derive(Default)]
    struct Found {
        wrong: f64,
        wrong_confirmed: f64,
        right: f64,
        right_confirmed: f64,
    }

    /// Of 6000 pixels of two classes that lie well apart one in five has the other's label; a quarter is taught.
    fn plant(seed: u64, inside: &mut Found, outside: &mut Found) {
        let mut random = numbers(seed);
        let rows = 6000;
        let truth: Vec<usize> = (0..rows).map(|_| usize::from(random() < 0.5)).collect();
        let wrong: Vec<bool> = (0..rows).map(|_| random() < 0.2).collect();
        let labels: Vec<usize> =
            truth.iter().zip(&wrong).map(|(class, wrong)| class ^ usize::from(*wrong)).collect();
        let mut noise = || (0..4).map(|_| random() as f32 - 0.5).sum::<f32>();
        let records = Array2::from_shape_fn((rows, 4), |(row, _)| 3.0 * truth[row] as f32 + noise());
        let taught: Vec<usize> = (0..rows).step_by(4).collect();
        let lessons = records.select(Axis(0), &taught);
        let of = |range: Range<usize>| records.slice(ndarray::s![range, ..]).to_owned();
        let confirmed = agreed(&labels, &taught, &lessons, of, 2, seed).unwrap();
        for (row, (confirmed, wrong)) in confirmed.into_iter().zip(wrong).enumerate() {
            let found = if row % 4 == 0 { &mut *inside } else { &mut *outside };
            let (all, counted) = match wrong {
                true => (&mut found.wrong, &mut found.wrong_confirmed),
                false => (&mut found.right, &mut found.right_confirmed),
            };
            *all += 1.0;
            *counted += f64::from(u8::from(confirmed));
        }
    }

    #[test]
    fn wrong_labels_are_confirmed_no_more_often_where_they_were_taught() {
        let (mut inside, mut outside) = (Found::default(), Found::default());
        (0..6).for_each(|seed| plant(seed, &mut inside, &mut outside));
        let share = |of: &Found| of.wrong_confirmed / of.wrong;
        let variance = |of: &Found| share(of) * (1.0 - share(of)) / of.wrong;
        let error = (variance(&inside) + variance(&outside)).sqrt();
        let (taught, others) = (share(&inside), share(&outside));
        assert!(
            taught <= others + 2.0 * error,
            "{taught} of those taught, {others} of the others, +- {error}"
        );
        assert!(others < 0.1, "{others}");
        for of in [inside, outside] {
            assert!(of.right_confirmed > 0.9 * of.right, "{} of {}", of.right_confirmed, of.right);
        }
    }
}
