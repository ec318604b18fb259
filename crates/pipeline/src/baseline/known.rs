//! What simpler methods learn from and are scored on: an area in a year, as the network knew it.

use ecotone_core::Cube;
use ecotone_curation::UNLABELLED;
use ecotone_tiling::Part;

/// An area in a year. All planes are `[y, x]` of the area, classes as indices, [`UNLABELLED`] for none.
pub(crate) struct Known<'a> {
    /// The series that the network sees, normalised.
    pub(crate) cube: &'a Cube<f32>,
    /// What the network learnt from, in the training blocks.
    pub(crate) learnt: &'a [u8],
    /// The parts of the split.
    pub(crate) parts: &'a [u8],
    /// The labels as they came.
    pub(crate) labels: &'a [u8],
    /// The network's map.
    pub(crate) map: &'a [u8],
    /// What all are scored against, where they are scored: in test blocks, where the map has a class.
    pub(crate) reference: &'a [u8],
    /// The number of the block that each pixel lies in.
    pub(crate) blocks: &'a [u32],
}

impl Known<'_> {
    /// Whether a pixel teaches.
    pub(crate) fn teaches(&self, pixel: usize) -> bool {
        self.parts[pixel] == Part::Train.code() && self.learnt[pixel] != UNLABELLED
    }

    /// The pixels that are scored.
    pub(crate) fn scored(&self) -> Vec<usize> {
        (0..self.reference.len()).filter(|pixel| self.reference[*pixel] != UNLABELLED).collect()
    }

    /// A map of classes that were found for some pixels, none elsewhere.
    pub(crate) fn map_of(&self, pixels: &[usize], classes: impl IntoIterator<Item = usize>) -> Vec<u8> {
        let mut map = vec![UNLABELLED; self.reference.len()];
        for (pixel, class) in pixels.iter().zip(classes) {
            map[*pixel] = class as u8;
        }
        map
    }

    /// Values that a method of single pixels sees of each.
    pub(crate) fn features(&self) -> usize {
        self.cube.timeline().steps() * self.cube.bands().len()
    }

    /// The values of a pixel as the network sees them, `[time, band]`; what is no number is the mean of its channel, as
    /// what nothing was seen of is.
    pub(crate) fn values(&self, pixel: usize) -> impl Iterator<Item = f32> {
        let finite = |value: f32| if value.is_finite() { value } else { 0.0 };
        self.cube.data().iter().skip(pixel).step_by(self.learnt.len().max(1)).map(move |value| finite(*value))
    }
}

/// How many pixels of each class teach.
pub(crate) fn class_counts(areas: &[Known<'_>], classes: usize) -> Vec<u64> {
    let mut counts = vec![0u64; classes];
    for area in areas {
        for pixel in (0..area.learnt.len()).filter(|pixel| area.teaches(*pixel)) {
            counts[usize::from(area.learnt[pixel])] += 1;
        }
    }
    counts
}

/// The class that most pixels teach, the first of equal ones.
pub(crate) fn majority_class(counts: &[u64]) -> usize {
    (0..counts.len()).max_by_key(|class| (counts[*class], std::cmp::Reverse(*class))).unwrap_or(0)
}
