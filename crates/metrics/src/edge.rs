//! Scores of lines, such as roads, that may lie a little off.

use crate::{Error, Haloed, IGNORE, Result, distance_transform};
use ecotone_core::Resolution;

/// No window has a greater halo than this.
const MOST_PIXELS: f64 = 65_535.0;

/// Pixels of a line class in a map and a reference that lie within a buffer of each other, window by window in any
/// order.
///
/// A mapped pixel is right when the reference has a line within the buffer, a reference pixel is found when the map
/// has one (relaxed precision and recall, Mnih & Hinton 2010; correctness and completeness, Heipke et al. 1997). A
/// buffer of 0 gives plain precision and recall.
///
/// Pixels stand for length: thin both sides to lines one pixel wide first, or wide roads count for more. State the
/// buffer with the figure, as every score rises with it: it should be the positional error of the reference, not more.
/// No score here says whether a network of roads is connected.
///
/// ```
/// use ecotone_core::{Resolution, Shape2d};
/// use ecotone_metrics::{EdgeScores, Haloed};
///
/// // A road (class 1) along a row; the map has half of it, one pixel of 10 m to the north.
/// let mut scores = EdgeScores::new(1, 10.0, Resolution::square(10.0).unwrap())?;
/// let frame = Haloed::around(Shape2d::new(2, 4), scores.halo());
/// let mut map = vec![255; frame.shape.len()]; // beyond the map
/// let mut reference = map.clone();
/// map[7..11].copy_from_slice(&[1, 1, 0, 0]);
/// map[13..17].copy_from_slice(&[0, 0, 0, 0]);
/// reference[7..11].copy_from_slice(&[0, 0, 0, 0]);
/// reference[13..17].copy_from_slice(&[1, 1, 1, 1]);
/// scores.add(&map, &reference, frame)?;
///
/// assert_eq!((scores.precision(), scores.recall()), (Some(1.0), Some(0.5)));
/// assert_eq!(scores.iou(), Some(0.0)); // no pixel in common
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct EdgeScores {
    class: u8,
    buffer: f64,
    resolution: Resolution,
    map: Line,
    reference: Line,
    both: u64,
}

/// Pixels of a line, and those of them that have the other line within the buffer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Line {
    pixels: u64,
    near: u64,
}

impl EdgeScores {
    /// Without any count, for the class index of the lines, the buffer, and the pixel's sides in the same unit (metres).
    ///
    /// # Errors
    /// When the buffer is no finite number from 0 or reaches over 65535 pixels, or the class is [`IGNORE`].
    pub fn new(class: u8, buffer: f64, resolution: Resolution) -> Result<Self> {
        if !(buffer.is_finite() && buffer >= 0.0) {
            return Err(Error::Range {
                what: "the buffer",
                value: buffer,
                expected: "0 or a positive number",
            });
        }
        let pixels = buffer / resolution.x().min(resolution.y());
        if pixels > MOST_PIXELS {
            return Err(Error::Range { what: "the buffer in pixels", value: pixels, expected: "0 to 65535" });
        }
        if class == IGNORE {
            let (what, expected) = ("the class index of the lines", "0 to 254");
            return Err(Error::Range { what, value: f64::from(class), expected });
        }
        let none = Line::default();
        Ok(Self { class, buffer, resolution, map: none, reference: none, both: 0 })
    }

    /// Pixels of halo that a window needs on each side: none farther can lie within the buffer.
    pub fn halo(&self) -> usize {
        (self.reach() / self.resolution.x().min(self.resolution.y())).floor() as usize
    }

    /// The buffer, with room for rounding where it is a multiple of the pixel's side.
    fn reach(&self) -> f64 {
        self.buffer * (1.0 + 1e-9)
    }

    /// Counts one window: class indices of map and reference, both arrays of the frame's shape, row by row.
    ///
    /// A pixel that is [`IGNORE`] on either side is left out; a line beside it, in the halo or on the other side, still
    /// counts as near. What is only not to be counted is said by [`add_where`](Self::add_where): a line that is erased is
    /// near to none.
    ///
    /// # Errors
    /// When the arrays do not have the frame's shape, or the halo is smaller than [`halo`](Self::halo); nothing is
    /// counted then.
    pub fn add(&mut self, map: &[u8], reference: &[u8], frame: Haloed) -> Result<()> {
        self.add_where(map, reference, |_| true, frame)
    }

    /// The same for the pixels that count, by their place in the arrays; the lines of all others are partners of theirs
    /// still, so that which pixels count changes no hit.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn add_where(
        &mut self,
        map: &[u8],
        reference: &[u8],
        counts: impl Fn(usize) -> bool,
        frame: Haloed,
    ) -> Result<()> {
        frame.check(self.halo(), &[map, reference])?;
        let to_map = self.distances(map, frame)?;
        let to_reference = self.distances(reference, frame)?;
        let reach = self.reach();
        let known = |place: &usize| map[*place] != IGNORE && reference[*place] != IGNORE && counts(*place);
        for place in frame.places().filter(known) {
            let (mapped, referenced) = (map[place] == self.class, reference[place] == self.class);
            self.map.count(mapped, to_reference[place] <= reach);
            self.reference.count(referenced, to_map[place] <= reach);
            self.both += u64::from(mapped && referenced);
        }
        Ok(())
    }

    fn distances(&self, array: &[u8], frame: Haloed) -> Result<Vec<f64>> {
        let line: Vec<bool> = array.iter().map(|class| *class == self.class).collect();
        distance_transform(&line, frame.shape, self.resolution)
    }

    /// Adds the counts of another.
    ///
    /// # Errors
    /// When the two differ in class, buffer or pixel.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        let settings = |scores: &Self| {
            let (x, y) = (scores.resolution.x(), scores.resolution.y());
            [
                ("classes", f64::from(scores.class)),
                ("buffers", scores.buffer),
                ("pixel widths", x),
                ("pixel heights", y),
            ]
        };
        for ((what, expected), (_, found)) in settings(self).into_iter().zip(settings(other)) {
            if expected != found {
                return Err(Error::Unlike { what, expected, found });
            }
        }
        self.map.merge(other.map);
        self.reference.merge(other.reference);
        self.both += other.both;
        Ok(())
    }

    /// The buffer.
    pub const fn buffer(&self) -> f64 {
        self.buffer
    }

    /// Line pixels of the map that were counted.
    pub const fn map_pixels(&self) -> u64 {
        self.map.pixels
    }

    /// Line pixels of the reference that were counted.
    pub const fn reference_pixels(&self) -> u64 {
        self.reference.pixels
    }

    /// Share of the mapped line within the buffer of the reference's, 0 to 1: relaxed precision, *correctness* (Heipke
    /// et al. 1997).
    pub fn precision(&self) -> Option<f64> {
        self.map.share()
    }

    /// Share of the reference's line within the buffer of the mapped one, 0 to 1: relaxed recall, *completeness* (same).
    pub fn recall(&self) -> Option<f64> {
        self.reference.share()
    }

    /// Harmonic mean of relaxed precision and recall, 0 to 1; `None` where neither side has a line.
    ///
    /// 0 where one side has no line at all.
    pub fn f1(&self) -> Option<f64> {
        match (self.precision(), self.recall()) {
            (None, None) => None,
            (Some(precision), Some(recall)) if precision + recall > 0.0 => {
                Some(2.0 * precision * recall / (precision + recall))
            }
            _ => Some(0.0),
        }
    }

    /// *Quality*: the matched map over the whole map and what it misses of the reference, 0 to 1 (Heipke et al.
    /// 1997).
    pub fn quality(&self) -> Option<f64> {
        let whole = self.map.pixels + self.reference.pixels - self.reference.near;
        (whole > 0).then(|| self.map.near as f64 / whole as f64)
    }

    /// Intersection over union of the line pixels, without any buffer, 0 to 1 (Jaccard 1912).
    ///
    /// For lines it is close to 0 at a shift of one pixel: read it beside the relaxed scores.
    pub fn iou(&self) -> Option<f64> {
        let either = self.map.pixels + self.reference.pixels - self.both;
        (either > 0).then(|| self.both as f64 / either as f64)
    }
}

impl Line {
    fn count(&mut self, line: bool, near: bool) {
        self.pixels += u64::from(line);
        self.near += u64::from(line && near);
    }

    fn merge(&mut self, other: Self) {
        self.pixels += other.pixels;
        self.near += other.near;
    }

    fn share(self) -> Option<f64> {
        (self.pixels > 0).then(|| self.near as f64 / self.pixels as f64)
    }
}

#[cfg(test)]
mod tests;
