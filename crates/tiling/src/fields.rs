//! Which labelled pixels belong together: fields, whose pixels are no independent samples of each other.

use crate::{Error, Result};
use ecotone_core::{AreaGrid, Shape2d, Window};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The number of a pixel in no field.
const NONE: u32 = 0;

/// The class index of a pixel without a label.
const UNLABELLED: u8 = 255;

/// Fields: groups of labelled pixels that look alike for a reason that is theirs alone, as the crop of one farmer does.
///
/// Whoever learnt one pixel of a field knows the others, so a field should not train and test. A plane over an
/// [`AreaGrid`] says which field each pixel belongs to.
///
/// ```
/// use ecotone_core::Shape2d;
/// use ecotone_tiling::Fields;
///
/// let labels = [0, 0, 1, //
///               1, 0, 1, //
///               1, 1, 0];
/// let fields = Fields::components(&Shape2d::new(3, 3).into(), &labels)?;
/// assert_eq!(fields.numbers(), [1, 1, 2, 3, 1, 2, 3, 3, 4]);
/// # Ok::<(), ecotone_tiling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields {
    numbers: Vec<u32>,
}

impl Fields {
    /// No pixel belongs to another.
    pub const fn none() -> Self {
        Self { numbers: Vec::new() }
    }

    /// The field of each pixel, a plane over the areas, counted through from 1; 0 for none.
    ///
    /// # Errors
    /// When there is not one number a pixel of the areas, or a number is larger than there are pixels.
    pub fn numbered(areas: &AreaGrid, numbers: Vec<u32>) -> Result<Self> {
        check(areas, numbers.len())?;
        match numbers.iter().find(|number| **number as usize > numbers.len()) {
            Some(number) => Err(Error::Field { number: *number, pixels: numbers.len() }),
            None => Ok(Self { numbers }),
        }
    }

    /// Pixels of one label (class index; 255 for none) that touch by their sides, also from one area to the next:
    /// connected components of 4-neighbours, counted from 1 in the order of their first pixels in the plane.
    ///
    /// # Errors
    /// When there is not one label a pixel of the areas, or more pixels than 32 bits count.
    pub fn components(areas: &AreaGrid, labels: &[u8]) -> Result<Self> {
        check(areas, labels.len())?;
        let mut sets =
            joined(areas, |pixel, other| labels[pixel] != UNLABELLED && labels[pixel] == labels[other]);
        let mut numbers = vec![NONE; labels.len()];
        let mut last = NONE;
        for pixel in 0..labels.len() {
            // The first pixel of a set stands for it.
            let first = sets.find(pixel as u32) as usize;
            if labels[pixel] != UNLABELLED {
                if first == pixel {
                    last += 1;
                }
                numbers[pixel] = if first == pixel { last } else { numbers[first] };
            }
        }
        Ok(Self { numbers })
    }

    /// The same with groups of more than `block` x `block` labelled pixels, which no block can hold, parted into what touches
    /// by its sides, whatever its labels are; and how many such groups there were. Pixels without a label get no field.
    ///
    /// # Errors
    /// When labels or fields do not fill the areas.
    pub fn parted(self, areas: &AreaGrid, labels: &[u8], block: usize) -> Result<(Self, usize)> {
        if self.numbers.is_empty() {
            return Ok((self, 0));
        }
        check(areas, labels.len())?;
        if self.numbers.len() != labels.len() {
            return Err(Error::Fields { expected: labels.len(), found: self.numbers.len() });
        }
        let most = (block as u64).saturating_mul(block as u64);
        let large: Vec<bool> = self.sizes(labels).into_iter().map(|size| u64::from(size) > most).collect();
        let groups = large.iter().filter(|large| **large).count();
        if groups == 0 {
            return Ok((self, 0));
        }
        let field = |pixel: usize| self.of(pixel, labels);
        let mut sets = joined(areas, |pixel, other| {
            field(pixel).is_some_and(|group| large[group] && field(other) == Some(group))
        });
        let (mut numbers, mut last) = (vec![NONE; labels.len()], NONE);
        let mut known = vec![NONE; large.len()];
        for pixel in 0..labels.len() {
            let Some(group) = field(pixel) else { continue };
            let first = sets.find(pixel as u32) as usize;
            let number = if large[group] { numbers[first] } else { known[group] };
            if number == NONE {
                last += 1;
            }
            numbers[pixel] = if number == NONE { last } else { number };
            known[group] = numbers[pixel];
        }
        Ok((Self { numbers }, groups))
    }

    /// The field of each pixel, a plane; 0 for none. Empty where there are no fields at all.
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// The field of a labelled pixel.
    fn of(&self, pixel: usize, labels: &[u8]) -> Option<usize> {
        let number = self.numbers.get(pixel).copied().unwrap_or(NONE);
        (number != NONE && labels[pixel] != UNLABELLED).then_some(number as usize)
    }

    /// Labelled pixels of each field, by its number; no plane has more than 32 bits count.
    fn sizes(&self, labels: &[u8]) -> Vec<u32> {
        let largest = self.numbers.iter().max().map_or(0, |largest| *largest as usize + 1);
        let mut sizes = vec![0; largest];
        (0..labels.len()).filter_map(|pixel| self.of(pixel, labels)).for_each(|field| sizes[field] += 1);
        sizes
    }

    /// Those of at most `block` x `block` labelled pixels. What is larger is ground: no block can hold it.
    pub(crate) fn no_larger_than<'a>(&'a self, block: usize, labels: &'a [u8]) -> SmallFields<'a> {
        let most = (block as u64).saturating_mul(block as u64);
        let small =
            self.sizes(labels).into_iter().map(|size| (1..=most).contains(&u64::from(size))).collect();
        SmallFields { fields: self, labels, small }
    }
}

/// Fields that a block could hold.
pub(crate) struct SmallFields<'a> {
    fields: &'a Fields,
    labels: &'a [u8],
    /// By number.
    small: Vec<bool>,
}

impl SmallFields<'_> {
    /// The number of such a field that a pixel belongs to.
    pub(crate) fn of(&self, pixel: usize) -> Option<usize> {
        self.fields.of(pixel, self.labels).filter(|field| self.small[*field])
    }

    /// For each field the block that holds most of its pixels, the first of equals; `blocks` says of every pixel of the
    /// plane in which one it lies.
    pub(crate) fn homes(&self, blocks: impl Iterator<Item = u32> + Clone) -> Homes {
        let of_fields = || blocks.clone().enumerate().filter_map(|(pixel, at)| Some((self.of(pixel)?, at)));
        let (mut found, mut seen) = (vec![0; self.small.len()], vec![false; self.small.len()]);
        let mut wide: BTreeMap<usize, BTreeMap<u32, u64>> = BTreeMap::new();
        for (field, block) in of_fields() {
            if !std::mem::replace(&mut seen[field], true) {
                found[field] = block;
            } else if found[field] != block {
                wide.entry(field).or_default();
            }
        }
        // Most fields lie in one block; the others are counted.
        for (field, block) in of_fields() {
            if let Some(counts) = wide.get_mut(&field) {
                *counts.entry(block).or_default() += 1;
            }
        }
        for (field, counts) in wide {
            let most = counts.into_iter().max_by_key(|(block, count)| (*count, Reverse(*block)));
            found[field] = most.map_or(found[field], |(block, _)| block);
        }
        Homes(found)
    }
}

/// The block of each field that a block could hold, by its number; of others it says nothing.
pub(crate) struct Homes(Vec<u32>);

impl Homes {
    /// That of a field of [`SmallFields::of`].
    pub(crate) fn of(&self, field: usize) -> u32 {
        self.0[field]
    }
}

/// Refuses a plane that does not fill the areas, or whose pixels cannot be numbered.
fn check(areas: &AreaGrid, pixels: usize) -> Result<()> {
    let Shape2d { rows, cols } = areas.shape();
    if pixels != areas.len() {
        return Err(Error::Labels { rows, cols, expected: areas.len(), found: pixels });
    }
    if u32::try_from(pixels).is_err() {
        return Err(Error::TooManyPixels { pixels });
    }
    Ok(())
}

/// Sets of pixels that hang together by their sides, also from one area to the next, where two neighbours are the `same`.
fn joined(areas: &AreaGrid, same: impl Fn(usize, usize) -> bool) -> Sets {
    let mut sets = Sets { parents: (0..areas.len() as u32).collect() };
    for (number, area) in areas.areas().iter().enumerate() {
        let start = areas.part(number).start;
        for pixel in 0..area.shape().len() {
            let (row, col) = (pixel / area.cols, pixel % area.cols);
            let elsewhere = |up: i64, left: i64| beside(areas, *area, row as i64 - up, col as i64 - left);
            let above = if row > 0 { Some(start + pixel - area.cols) } else { elsewhere(1, 0) };
            let left = if col > 0 { Some(start + pixel - 1) } else { elsewhere(0, 1) };
            for other in [above, left].into_iter().flatten().filter(|other| same(start + pixel, *other)) {
                sets.join((start + pixel) as u32, other as u32);
            }
        }
    }
    sets
}

/// The place in a plane of a pixel that lies beside an area, in another one.
fn beside(areas: &AreaGrid, area: Window, row: i64, col: i64) -> Option<usize> {
    let (row, col) = (usize::try_from(area.row + row).ok()?, usize::try_from(area.col + col).ok()?);
    areas.place(row, col)
}

/// Disjoint sets of pixels, each named by its first one.
struct Sets {
    parents: Vec<u32>,
}

impl Sets {
    fn find(&mut self, pixel: u32) -> u32 {
        let mut at = pixel;
        while self.parents[at as usize] != at {
            let above = self.parents[self.parents[at as usize] as usize];
            self.parents[at as usize] = above;
            at = above;
        }
        at
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        self.parents[a.max(b) as usize] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn diagonals_and_pixels_without_a_label_do_not_join() {
        let labels = [0, 255, 0, 255, 255, 255, 1, 255, 1];
        let fields = Fields::components(&Shape2d::new(3, 3).into(), &labels).unwrap();
        assert_eq!(fields.numbers(), [1, 0, 2, 0, 0, 0, 3, 0, 4]);
        let corner = Fields::components(&Shape2d::new(2, 2).into(), &[0, 1, 1, 0]).unwrap();
        assert_eq!(corner.numbers(), [1, 2, 3, 4]);
    }

    #[test]
    fn a_field_goes_where_most_of_it_lies_and_to_the_first_of_equals() {
        // Blocks of two pixels in a row; field 1 lies 1 + 2, field 2 lies 1 + 1 in them.
        let (labels, fields) =
            ([0u8; 6], Fields::numbered(&Shape2d::new(1, 6).into(), vec![2, 1, 1, 1, 2, 0]).unwrap());
        let small = fields.no_larger_than(2, &labels);
        let homes = small.homes((0..6).map(|pixel| pixel / 2));
        assert_eq!([homes.of(1), homes.of(2)], [1, 0]);
        // Of one pixel more than a block it is no field any more.
        assert_eq!(fields.no_larger_than(1, &labels).of(1), None);
    }

    #[test]
    fn a_group_larger_than_a_block_is_what_touches() {
        // Group 2 has seven pixels in three pieces; group 1 has two far apart, which a block of two holds.
        let shape = Shape2d::new(2, 8);
        let groups = vec![2, 2, 0, 2, 1, 0, 2, 2, 2, 2, 0, 1, 0, 0, 0, 0];
        let labels = [0, 1, 255, 0, 0, 255, 1, 255, 0, 0, 0, 0, 0, 0, 0, 0];
        let fields = Fields::numbered(&shape.into(), groups.clone()).unwrap();
        let (parted, large) = fields.clone().parted(&shape.into(), &labels, 2).unwrap();
        assert_eq!(large, 1);
        assert_eq!(parted.numbers(), [1, 1, 0, 2, 3, 0, 4, 0, 1, 1, 0, 3, 0, 0, 0, 0]);
        assert_eq!(fields.clone().parted(&shape.into(), &labels, 3).unwrap(), (fields.clone(), 0));
        assert!(fields.parted(&shape.into(), &labels[1..], 2).is_err());
    }

    proptest! {
        #[test]
        fn two_neighbours_are_of_one_field_where_their_label_is_one(
            rows in 1usize..12, cols in 1usize..12, labels in proptest::collection::vec(prop_oneof![0u8..3, Just(255u8)], 144),
        ) {
            let labels = &labels[..rows * cols];
            let fields = Fields::components(&Shape2d::new(rows, cols).into(), labels).unwrap();
            let numbers = fields.numbers();
            for pixel in 0..labels.len() {
                prop_assert_eq!(numbers[pixel] == NONE, labels[pixel] == UNLABELLED);
                let right = (pixel % cols + 1 < cols).then_some(pixel + 1);
                let below = (pixel + cols < labels.len()).then_some(pixel + cols);
                for other in [right, below].into_iter().flatten().filter(|_| labels[pixel] != UNLABELLED) {
                    prop_assert_eq!(numbers[pixel] == numbers[other], labels[pixel] == labels[other]);
                }
            }
            // Pixels of one number have one label, and are reached from each other by a flood.
            let largest = numbers.iter().copied().max().unwrap_or(0);
            for number in 1..=largest {
                let first = numbers.iter().position(|found| *found == number).unwrap();
                let (mut reached, mut open) = (vec![false; labels.len()], vec![first]);
                while let Some(pixel) = open.pop() {
                    if !std::mem::replace(&mut reached[pixel], true) {
                        let (row, col) = (pixel / cols, pixel % cols);
                        let around = [
                            (row > 0).then(|| pixel - cols), (row + 1 < rows).then_some(pixel + cols),
                            (col > 0).then(|| pixel - 1), (col + 1 < cols).then_some(pixel + 1),
                        ];
                        open.extend(around.into_iter().flatten().filter(|at| numbers[*at] == number));
                    }
                }
                let all = numbers.iter().filter(|found| **found == number).count();
                prop_assert_eq!(reached.iter().filter(|reached| **reached).count(), all);
            }
        }
    }
}
