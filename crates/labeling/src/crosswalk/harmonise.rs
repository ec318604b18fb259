//! Maps of one legend rewritten in another, block by block, so that memory does not know the size of the map.

use super::Crosswalk;
use crate::{Error, Result};
use ecotone_core::ClassCode;

/// What stands for "no data" before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HarmoniseNodata {
    /// In the map that is read; `None` where every pixel has a class.
    pub input: Option<u8>,
    /// In the map that is written, also for classes that the crosswalk drops.
    pub output: u8,
}

impl Crosswalk {
    /// Starts a map that is rewritten block by block.
    ///
    /// # Errors
    /// When a nodata value is a class of its legend.
    pub fn harmoniser(&self, nodata: HarmoniseNodata) -> Result<Harmoniser<'_>> {
        Harmoniser::new(self, nodata)
    }

    /// The codes of a whole map, rewritten.
    ///
    /// # Errors
    /// When a nodata value is a class of its legend, or a code is none of the source legend's; names each such code with
    /// its pixels, and the valid ones.
    pub fn apply(&self, codes: &[u8], nodata: HarmoniseNodata) -> Result<Vec<u8>> {
        let mut map = self.harmoniser(nodata)?;
        let mut codes = codes.to_vec();
        map.block(&mut codes);
        map.finish().map(|_| codes)
    }
}

/// Rewrites a map block by block, and counts what it saw.
///
/// ```
/// use ecotone_labeling::{Crosswalk, HarmoniseNodata};
///
/// let crosswalk = Crosswalk::named("esri", "worldcover")?;
/// let mut map = crosswalk.harmoniser(HarmoniseNodata { input: Some(0), output: 0 })?;
/// let mut block = [2, 5, 10, 0]; // trees, crops, clouds, no data
/// map.block(&mut block);
/// assert_eq!(block, [10, 40, 0, 0]);
/// let done = map.finish()?;
/// assert_eq!((done.pixels, done.nodata, done.dropped), (4, 1, 1));
/// # Ok::<(), ecotone_labeling::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Harmoniser<'a> {
    crosswalk: &'a Crosswalk,
    nodata: HarmoniseNodata,
    output: [u8; 256],
    pixels: [u64; 256],
}

/// What became of the pixels of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Harmonised {
    /// Pixels in all blocks.
    pub pixels: u64,
    /// Those without data to begin with.
    pub nodata: u64,
    /// Those whose class the crosswalk drops.
    pub dropped: u64,
    /// Pixels of each class of the target legend, in its order.
    pub classes: Vec<(ClassCode, u64)>,
}

impl<'a> Harmoniser<'a> {
    pub(super) fn new(crosswalk: &'a Crosswalk, nodata: HarmoniseNodata) -> Result<Self> {
        let is_class = |legend: &ecotone_core::Legend, code: u8| legend.index_of(ClassCode(code)).is_ok();
        if let Some(code) = nodata.input.filter(|code| is_class(&crosswalk.from, *code)) {
            return Err(Error::NodataIsClass { code, legend: "source" });
        }
        if is_class(&crosswalk.to, nodata.output) {
            return Err(Error::NodataIsClass { code: nodata.output, legend: "target" });
        }
        let mut output = [nodata.output; 256];
        for mapping in &crosswalk.mappings {
            output[usize::from(mapping.from.0)] = mapping.to.map_or(nodata.output, |to| to.0);
        }
        Ok(Self { crosswalk, nodata, output, pixels: [0; 256] })
    }

    /// Rewrites a block in place. A code that the source legend does not have becomes no data, and makes
    /// [`finish`](Self::finish) an error.
    pub fn block(&mut self, codes: &mut [u8]) {
        for code in codes {
            self.pixels[usize::from(*code)] += 1;
            *code = self.output[usize::from(*code)];
        }
    }

    /// Adds the counts of another part of the same map, such as one that another thread rewrote.
    pub fn merge(&mut self, other: &Harmoniser<'_>) {
        self.pixels.iter_mut().zip(other.pixels).for_each(|(pixels, more)| *pixels += more);
    }

    /// Ends the map.
    ///
    /// # Errors
    /// When a block had a code that the source legend does not have: names each, with its pixels in all blocks, and the
    /// valid ones. What was written then is not to be used.
    pub fn finish(self) -> Result<Harmonised> {
        let mut rest = self.pixels;
        let nodata = self.nodata.input.map_or(0, |code| std::mem::take(&mut rest[usize::from(code)]));
        let targets = self.crosswalk.to.entries().iter().map(|entry| (entry.code, 0));
        let mut done =
            Harmonised { pixels: self.pixels.iter().sum(), nodata, dropped: 0, classes: targets.collect() };
        for mapping in &self.crosswalk.mappings {
            let pixels = std::mem::take(&mut rest[usize::from(mapping.from.0)]);
            match done.classes.iter_mut().find(|class| Some(class.0) == mapping.to) {
                Some(class) => class.1 += pixels,
                None => done.dropped += pixels,
            }
        }
        let unknown: Vec<_> = (0u16..).zip(rest).filter(|(_, pixels)| *pixels > 0).collect();
        if unknown.is_empty() {
            return Ok(done);
        }
        let valid = self.crosswalk.from.entries().iter().map(|entry| u16::from(entry.code.0));
        Err(Error::unknown_codes(unknown, valid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nodata(input: Option<u8>, output: u8) -> HarmoniseNodata {
        HarmoniseNodata { input, output }
    }

    #[test]
    fn an_unknown_code_is_counted_over_all_blocks() {
        let crosswalk = Crosswalk::named("dynamic-world", "worldcover").unwrap();
        let mut first = crosswalk.harmoniser(nodata(Some(255), 0)).unwrap();
        first.block(&mut [0, 9, 255]);
        let mut second = first.clone();
        second.pixels = [0; 256];
        second.block(&mut [9, 9, 44]);
        first.merge(&second);
        let error = first.finish().unwrap_err().to_string();
        let expected =
            "no class has the code 9 (3 pixels), 44 (1 pixel); the codes are 0, 1, 2, 3, 4, 5, 6, 7, 8";
        assert_eq!(error, expected);
    }

    #[test]
    fn nodata_is_no_class() {
        let crosswalk = Crosswalk::named("dynamic-world", "worldcover").unwrap();
        let input = crosswalk.harmoniser(nodata(Some(0), 0)).unwrap_err().to_string();
        assert_eq!(input, "the nodata value 0 is a class of the source legend");
        let output = crosswalk.harmoniser(nodata(None, 10)).unwrap_err().to_string();
        assert_eq!(output, "the nodata value 10 is a class of the target legend");
    }

    proptest! {
        #[test]
        fn how_a_map_is_cut_into_blocks_changes_nothing(
            codes in proptest::collection::vec(0u8..12, 1..200),
            cut in 1usize..50,
        ) {
            let crosswalk = Crosswalk::named("esri", "worldcover").unwrap();
            let whole = crosswalk.apply(&codes, nodata(Some(0), 0));
            let mut map = crosswalk.harmoniser(nodata(Some(0), 0)).unwrap();
            let mut blocks = codes.clone();
            blocks.chunks_mut(cut).for_each(|block| map.block(block));
            match (whole, map.finish()) {
                (Ok(whole), Ok(done)) => {
                    prop_assert_eq!(whole, blocks);
                    let classes: u64 = done.classes.iter().map(|class| class.1).sum();
                    prop_assert_eq!(done.pixels, classes + done.nodata + done.dropped);
                    prop_assert_eq!(done.pixels, codes.len() as u64);
                }
                (whole, done) => {
                    prop_assert_eq!(whole.unwrap_err().to_string(), done.unwrap_err().to_string());
                    prop_assert!(codes.iter().any(|code| [3, 6].contains(code)));
                }
            }
        }
    }
}
