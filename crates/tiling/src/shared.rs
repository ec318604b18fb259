//! What test pixels have in common with training pixels.

use crate::blocks::BlockSplit;
use crate::fields::Fields;
use crate::part::Part;
use crate::{Error, Result};
use ecotone_core::AreaGrid;

/// How much of the labelled test ground a network half knows from training; both from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shared {
    /// Share of test pixels in a field that has training pixels, too. Fields larger than a block do not count: no block
    /// could hold them.
    pub in_training_fields: f64,
    /// Share of test pixels with a training pixel among their eight neighbours.
    pub touching_training: f64,
}

impl Shared {
    /// Of labels (class indices, a plane over the areas of the split; 255 for none) and the fields among them; `None`
    /// where no test pixel has a label.
    ///
    /// # Errors
    /// When labels or fields do not fill the areas of the split.
    pub fn of(split: &BlockSplit, labels: &[u8], fields: &Fields) -> Result<Option<Self>> {
        let (codes, areas) = (split.codes(), split.areas());
        if labels.len() != codes.len() {
            let (rows, cols) = (areas.shape().rows, areas.shape().cols);
            return Err(Error::Labels { rows, cols, expected: codes.len(), found: labels.len() });
        }
        if !fields.numbers().is_empty() && fields.numbers().len() != labels.len() {
            return Err(Error::Fields { expected: labels.len(), found: fields.numbers().len() });
        }
        let is = |pixel: usize, part: Part| codes[pixel] == part.code() && labels[pixel] != 255;
        let small = fields.no_larger_than(split.block(), labels);
        let mut learnt = vec![false; fields.numbers().len() + 1];
        for pixel in (0..labels.len()).filter(|pixel| is(*pixel, Part::Train)) {
            if let Some(field) = small.of(pixel) {
                learnt[field] = true;
            }
        }
        let (mut test, mut known, mut touching) = (0u64, 0u64, 0u64);
        for (number, area) in areas.areas().iter().enumerate() {
            let start = areas.part(number).start;
            let neighbour = |row: i64, col: i64| {
                let inside = (0..area.rows as i64).contains(&row) && (0..area.cols as i64).contains(&col);
                match inside {
                    true => Some(start + row as usize * area.cols + col as usize),
                    // Another area may lie beside this one.
                    false => place(areas, area.row + row, area.col + col),
                }
            };
            for pixel in areas.part(number).filter(|pixel| is(*pixel, Part::Test)) {
                let at = pixel - start;
                let (row, col) = ((at / area.cols) as i64, (at % area.cols) as i64);
                let mut around =
                    (row - 1..=row + 1).flat_map(|row| (col - 1..=col + 1).map(move |col| (row, col)));
                let touches =
                    around.any(|(row, col)| neighbour(row, col).is_some_and(|at| is(at, Part::Train)));
                test += 1;
                known += u64::from(small.of(pixel).is_some_and(|field| learnt[field]));
                touching += u64::from(touches);
            }
        }
        let share = |part: u64| part as f64 / test as f64;
        let both = Self { in_training_fields: share(known), touching_training: share(touching) };
        Ok((test > 0).then_some(both))
    }
}

/// The place in a plane of a pixel of the map, where an area has it.
fn place(areas: &AreaGrid, row: i64, col: i64) -> Option<usize> {
    areas.place(usize::try_from(row).ok()?, usize::try_from(col).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::SplitConfig;
    use crate::part::Fractions;
    use ecotone_core::{Shape2d, Window};

    /// Two blocks of 4 x 4, one of which trains and one tests, with this gap between.
    fn halves(gap: usize, labels: &[u8], fields: &Fields) -> (BlockSplit, AreaGrid) {
        let areas = AreaGrid::from(Shape2d::new(4, 8));
        let fractions = Fractions { train: 0.5, validation: 0.0, test: 0.5 };
        let config = SplitConfig { block: 4, gap, fractions, seed: 1 };
        (BlockSplit::stratified_by_fields(areas.clone(), &config, 2, labels, fields).unwrap(), areas)
    }

    #[test]
    fn shares_are_counted_by_hand() {
        // A field of class 1, two rows of four, lies over the border between the blocks; the rest is one large field.
        let labels: Vec<u8> =
            (0..32).map(|at| u8::from((1..3).contains(&(at / 8)) && (2..6).contains(&(at % 8)))).collect();
        let areas = AreaGrid::from(Shape2d::new(4, 8));
        let fields = Fields::components(&areas, &labels).unwrap();
        let apart = halves(0, &labels, &Fields::none()).0;
        let of = |split: &BlockSplit| Shared::of(split, &labels, &fields).unwrap().unwrap();
        // Whichever half tests, its column at the border touches the other one.
        assert_eq!(of(&apart).touching_training, 4.0 / 16.0);
        let tested = (0..32).filter(|at| apart.codes()[*at] == 3 && labels[*at] == 1).count();
        assert_eq!(of(&apart).in_training_fields, tested as f64 / 16.0);
        // With a gap nothing touches, but pixels of the field are known still; whole it is on one side.
        assert_eq!(of(&halves(1, &labels, &Fields::none()).0).touching_training, 0.0);
        assert!(of(&halves(1, &labels, &Fields::none()).0).in_training_fields > 0.0);
        assert_eq!(of(&halves(0, &labels, &fields).0).in_training_fields, 0.0);
        assert_eq!(Shared::of(&apart, &[255; 32], &fields).unwrap(), None);
    }

    /// Areas side by side touch each other as the same ground in one area does.
    #[test]
    fn areas_touch_across_their_borders() {
        let labels: Vec<u8> = (0..32).map(|at| (at % 2) as u8).collect();
        let whole = halves(0, &labels, &Fields::none()).0;
        let parts = vec![Window::new(0, 0, 4, 4), Window::new(0, 4, 4, 4)];
        let areas = AreaGrid::new(Shape2d::new(4, 8), parts).unwrap();
        let own: Vec<u8> = areas.pixels().map(|(row, col)| labels[row * 8 + col]).collect();
        let fractions = Fractions { train: 0.5, validation: 0.0, test: 0.5 };
        let config = SplitConfig { block: 4, gap: 0, fractions, seed: 1 };
        let split = BlockSplit::stratified(areas, &config, 2, &own).unwrap();
        let found = Shared::of(&split, &own, &Fields::none()).unwrap();
        assert_eq!(found, Shared::of(&whole, &labels, &Fields::none()).unwrap());
        assert_eq!(found.unwrap().touching_training, 0.25);
    }
}
