//! All that was counted of some maps, and what it is called.

use super::count::Counted;
use ecotone_core::{GeoBox, Legend};
use ecotone_metrics::{ConfusionMatrix, SeriesAgreement};

/// All that was counted, and what it is called.
pub(crate) struct Compared {
    /// The maps' names.
    pub(crate) names: Vec<String>,
    /// The classes.
    pub(crate) legend: Legend,
    /// The counts.
    pub(crate) counted: Counted,
    /// Pixels.
    pub(crate) tolerance: usize,
}

impl Compared {
    /// What areas are counted in: parts of [`Counted::hectares`].
    pub(crate) fn areas(&self) -> &SeriesAgreement {
        self.counted.weighed.as_ref().unwrap_or(&self.counted.series)
    }

    /// Agreement over all steps from a map to the next: the share of their valid pixels that keep their class. Of two
    /// maps, that of the two.
    pub(crate) fn overall(&self) -> Option<f64> {
        let (mut same, mut all) = (0, 0);
        for matrix in self.counted.series.consecutive() {
            same += (0..matrix.classes()).map(|class| matrix.count(class, class)).sum::<u64>();
            all += matrix.total();
        }
        (all > 0).then(|| same as f64 / all as f64)
    }

    /// Every pair of maps with its matrix: each with the next, then the others.
    pub(crate) fn pairs(&self) -> Vec<(usize, usize, &ConfusionMatrix)> {
        let maps = self.names.len();
        let mut pairs: Vec<(usize, usize)> =
            (0..maps).flat_map(|first| (first + 1..maps).map(move |second| (first, second))).collect();
        pairs.sort_by_key(|(first, second)| (second - first > 1, *first, *second));
        let matrix = |(first, second)| Some((first, second, self.counted.series.pair(first, second)?));
        pairs.into_iter().filter_map(matrix).collect()
    }
}

/// Whether a map lies on the lattice of the grid, so that no pixel moves.
pub(super) fn same_grid(grid: &GeoBox, map: &GeoBox) -> bool {
    grid.window_of(map).is_some()
}
