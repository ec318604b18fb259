//! Agreement across a series of maps of one place: pairs, changes per pixel, and what turned into what.

use crate::agreement::check_pixel_area;
use crate::{ConfusionMatrix, Error, IGNORE, Result};

/// Counts over a series of maps, window by window in any order.
///
/// Pairs count every pixel with a class in both of the two maps. Changes, stable pixels and flows count *complete*
/// pixels only, those with a class in every map, so that what flows into a class flows out of it again.
///
/// Changes between maps are no changes on the ground: errors of two maps add up, and flicker of a few percent a year
/// passes for change. Use the figures to compare the consistency of series; for areas of change use a sample.
///
/// ```
/// use ecotone_metrics::{PairAgreement, SeriesAgreement};
///
/// let (y2018, y2019, y2020) = ([0, 0, 1, 1], [0, 1, 1, 1], [0, 0, 1, 255]);
/// let mut series = SeriesAgreement::new(2, 3)?;
/// series.add(&[&y2018, &y2019, &y2020])?;
///
/// let table: Vec<_> = series.consecutive().map(PairAgreement::of).collect();
/// assert_eq!(table[0].overall_agreement, Some(0.75)); // 2018-2019
/// assert_eq!(table[1].classes[0].agreement, Some(2.0 / 3.0)); // 2019-2020, class 0
/// assert_eq!(series.changes(), [2, 0, 1]); // two pixels never change, one changes twice
/// assert_eq!(series.stable_share(), Some(2.0 / 3.0));
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesAgreement {
    classes: usize,
    maps: usize,
    /// First map before second, ordered by first, then second.
    pairs: Vec<ConfusionMatrix>,
    /// Of complete pixels, from each map to the next.
    steps: Vec<ConfusionMatrix>,
    changes: Vec<u64>,
    stable: Vec<u64>,
    incomplete: u64,
}

/// A band of an alluvial (Sankey) picture: what is of class `from` in one map and of class `to` in the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow {
    /// Index of the map it leaves; it arrives in the next.
    pub step: usize,
    /// Class index in map `step`.
    pub from: usize,
    /// Class index in map `step + 1`.
    pub to: usize,
    /// Complete pixels, at least 1.
    pub pixels: u64,
    /// Their area, in the unit of the pixel's.
    pub area: f64,
}

impl SeriesAgreement {
    /// Without any count.
    ///
    /// # Errors
    /// When there are not 2 to 255 maps.
    pub fn new(classes: usize, maps: usize) -> Result<Self> {
        if !(2..=255).contains(&maps) {
            return Err(Error::Maps { found: maps });
        }
        Ok(Self {
            classes,
            maps,
            pairs: vec![ConfusionMatrix::new(classes); maps * (maps - 1) / 2],
            steps: vec![ConfusionMatrix::new(classes); maps - 1],
            changes: vec![0; maps],
            stable: vec![0; classes],
            incomplete: 0,
        })
    }

    /// Counts one window: the class indices of its pixels in every map, [`IGNORE`] where a map has none.
    ///
    /// # Errors
    /// When the maps are not as many as the series has, their windows differ in size, or a class index is too large;
    /// nothing is counted then.
    pub fn add(&mut self, windows: &[&[u8]]) -> Result<()> {
        self.check(windows)?;
        for (pair, (first, second)) in self.pairs.iter_mut().zip(pairs_of(self.maps)) {
            pair.add_many(windows[first], windows[second])?;
        }
        for pixel in 0..windows[0].len() {
            let class = |map: &&[u8]| map[pixel];
            if windows.iter().map(class).any(|class| class == IGNORE) {
                self.incomplete += u64::from(windows.iter().map(class).any(|class| class != IGNORE));
                continue;
            }
            let mut changes = 0;
            for (step, pair) in windows.windows(2).enumerate() {
                self.steps[step].add(usize::from(pair[0][pixel]), usize::from(pair[1][pixel]))?;
                changes += usize::from(pair[0][pixel] != pair[1][pixel]);
            }
            self.changes[changes] += 1;
            if changes == 0 {
                self.stable[usize::from(windows[0][pixel])] += 1;
            }
        }
        Ok(())
    }

    fn check(&self, windows: &[&[u8]]) -> Result<()> {
        if windows.len() != self.maps {
            return Err(Error::Unlike {
                what: "numbers of maps",
                expected: self.maps as f64,
                found: windows.len() as f64,
            });
        }
        same_size(windows)?;
        for (map, window) in windows.iter().enumerate() {
            let outside = |class: &&u8| **class != IGNORE && usize::from(**class) >= self.classes;
            if let Some(class) = window.iter().find(outside) {
                return Err(Error::MapClass { map, index: usize::from(*class), classes: self.classes });
            }
        }
        Ok(())
    }

    /// Adds the counts of another series over the same maps.
    ///
    /// # Errors
    /// When the two differ in classes or maps.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.merge_times(other, 1)
    }

    /// Adds the counts of another series so many times: pixels weighed by their area, in whole parts of it.
    ///
    /// # Errors
    /// When the two differ in classes or maps.
    pub fn merge_times(&mut self, other: &Self, times: u64) -> Result<()> {
        if self.classes != other.classes {
            return Err(Error::Classes { expected: self.classes, found: other.classes });
        }
        if self.maps != other.maps {
            let (expected, found) = (self.maps as f64, other.maps as f64);
            return Err(Error::Unlike { what: "numbers of maps", expected, found });
        }
        for (mine, theirs) in self.pairs.iter_mut().zip(&other.pairs) {
            mine.merge_times(theirs, times)?;
        }
        for (mine, theirs) in self.steps.iter_mut().zip(&other.steps) {
            mine.merge_times(theirs, times)?;
        }
        for (mine, theirs) in self.changes.iter_mut().zip(&other.changes) {
            *mine += theirs * times;
        }
        for (mine, theirs) in self.stable.iter_mut().zip(&other.stable) {
            *mine += theirs * times;
        }
        self.incomplete += other.incomplete * times;
        Ok(())
    }

    /// Number of maps.
    pub const fn maps(&self) -> usize {
        self.maps
    }

    /// The matrix of two maps, rows = `first`, columns = `second`; `None` unless `first < second < maps`.
    pub fn pair(&self, first: usize, second: usize) -> Option<&ConfusionMatrix> {
        let place = pairs_of(self.maps).position(|pair| pair == (first, second))?;
        self.pairs.get(place)
    }

    /// The matrices of each map and the next.
    pub fn consecutive(&self) -> impl Iterator<Item = &ConfusionMatrix> {
        (1..self.maps).filter_map(|second| self.pair(second - 1, second))
    }

    /// Complete pixels by number of changes from one map to the next, 0 to `maps - 1`.
    pub fn changes(&self) -> &[u64] {
        &self.changes
    }

    /// Pixels with a class in every map.
    pub fn complete(&self) -> u64 {
        self.changes.iter().sum()
    }

    /// Pixels with a class in some maps and none in others; those without any are not counted.
    pub const fn incomplete(&self) -> u64 {
        self.incomplete
    }

    /// Share of the complete pixels that have one class in all maps, 0 to 1.
    pub fn stable_share(&self) -> Option<f64> {
        let complete = self.complete();
        (complete > 0).then(|| self.changes[0] as f64 / complete as f64)
    }

    /// Pixels that have one class in all maps, by class index.
    pub fn stable_pixels(&self) -> &[u64] {
        &self.stable
    }

    /// Mean number of changes of a complete pixel, 0 to `maps - 1`.
    pub fn mean_changes(&self) -> Option<f64> {
        let complete = self.complete();
        let all: u128 =
            (0u128..).zip(&self.changes).map(|(changes, pixels)| changes * u128::from(*pixels)).sum();
        (complete > 0).then(|| all as f64 / complete as f64)
    }

    /// The bands of an alluvial picture, of complete pixels: those that are not empty, by step, from and to.
    ///
    /// ```
    /// # use ecotone_metrics::SeriesAgreement;
    /// let mut series = SeriesAgreement::new(2, 2)?;
    /// series.add(&[&[0, 0, 1], &[0, 1, 1]])?;
    /// let flows = series.flows(400.0)?; // pixels of 20 m
    /// assert_eq!(flows.len(), 3);
    /// assert_eq!((flows[1].from, flows[1].to, flows[1].area), (0, 1, 400.0));
    /// # Ok::<(), ecotone_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the area of a pixel is not a positive finite number.
    pub fn flows(&self, pixel_area: f64) -> Result<Vec<Flow>> {
        check_pixel_area(pixel_area)?;
        let mut flows = vec![];
        for (step, matrix) in self.steps.iter().enumerate() {
            for (cell, pixels) in
                matrix.counts().iter().copied().enumerate().filter(|(_, pixels)| *pixels > 0)
            {
                let (from, to) = (cell / self.classes, cell % self.classes);
                flows.push(Flow { step, from, to, pixels, area: pixels as f64 * pixel_area });
            }
        }
        Ok(flows)
    }
}

/// The number of changes of each pixel of a window, from each map to the next; [`IGNORE`] where a map has no class.
///
/// ```
/// use ecotone_metrics::changes_per_pixel;
///
/// let changes = changes_per_pixel(&[&[0, 0, 1], &[0, 1, 255], &[0, 0, 1]])?;
/// assert_eq!(changes, [0, 2, 255]);
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
///
/// # Errors
/// When there are not 2 to 255 maps, or their windows differ in size.
pub fn changes_per_pixel(windows: &[&[u8]]) -> Result<Vec<u8>> {
    if !(2..=255).contains(&windows.len()) {
        return Err(Error::Maps { found: windows.len() });
    }
    same_size(windows)?;
    let changes = |pixel: usize| {
        let complete = windows.iter().all(|map| map[pixel] != IGNORE);
        let changes = windows.windows(2).map(|pair| u8::from(pair[0][pixel] != pair[1][pixel])).sum();
        if complete { changes } else { IGNORE }
    };
    Ok((0..windows[0].len()).map(changes).collect())
}

fn pairs_of(maps: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..maps).flat_map(move |first| (first + 1..maps).map(move |second| (first, second)))
}

fn same_size(windows: &[&[u8]]) -> Result<()> {
    let expected = windows[0].len();
    for (map, window) in windows.iter().enumerate() {
        if window.len() != expected {
            return Err(Error::SeriesWindow { map, expected, found: window.len() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
