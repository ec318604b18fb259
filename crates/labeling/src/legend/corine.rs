//! CORINE's 3-digit codes, 111 to 523, and the raster values 1 to 44 that stand for them in a byte.

use crate::{Error, Result};
use ecotone_core::ClassCode;
use std::collections::BTreeMap;

/// The codes of level 3, in the order of the raster values 1 to 44.
const CODES: [u16; 44] = [
    111, 112, 121, 122, 123, 124, 131, 132, 133, 141, 142, 211, 212, 213, 221, 222, 223, 231, 241, 242, 243,
    244, 311, 312, 313, 321, 322, 323, 324, 331, 332, 333, 334, 335, 411, 412, 421, 422, 423, 511, 512, 521,
    522, 523,
];

/// The raster value, and so the class of the legend `corine`, of a 3-digit code.
///
/// ```
/// use ecotone_labeling::{corine_code, corine_value};
///
/// let olives = corine_value(223).unwrap();
/// assert_eq!(olives.0, 17);
/// assert_eq!(corine_code(olives), Some(223));
/// assert_eq!(corine_value(224), None);
/// ```
pub fn corine_value(code: u16) -> Option<ClassCode> {
    let value = CODES.binary_search(&code).ok()? + 1;
    u8::try_from(value).ok().map(ClassCode)
}

/// The 3-digit code of a raster value, 1 to 44.
pub fn corine_code(value: ClassCode) -> Option<u16> {
    CODES.get(usize::from(value.0).checked_sub(1)?).copied()
}

/// Turns rasters of 3-digit codes into raster values block by block, and remembers what it did not know.
///
/// ```
/// use ecotone_labeling::CorineCodes;
///
/// let mut codes = CorineCodes::new(Some(999), 0);
/// assert_eq!(codes.block(&[111, 523, 999]), [1, 44, 0]);
/// codes.finish()?;
/// # Ok::<(), ecotone_labeling::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CorineCodes {
    nodata: Option<u16>,
    fill: u8,
    unknown: BTreeMap<u16, u64>,
}

impl CorineCodes {
    /// `nodata` is what stands for no data in the raster, `fill` what is written for it (and for unknown codes).
    pub fn new(nodata: Option<u16>, fill: u8) -> Self {
        Self { nodata, fill, unknown: BTreeMap::new() }
    }

    /// The raster values of a block.
    pub fn block(&mut self, codes: &[u16]) -> Vec<u8> {
        let value = |code: &u16| match corine_value(*code) {
            _ if self.nodata == Some(*code) => self.fill,
            Some(value) => value.0,
            None => {
                *self.unknown.entry(*code).or_default() += 1;
                self.fill
            }
        };
        codes.iter().map(value).collect()
    }

    /// Ends the raster.
    ///
    /// # Errors
    /// When a block had a code that is none of CORINE's: names each, with its pixels in all blocks, and the valid ones.
    pub fn finish(self) -> Result<()> {
        if self.unknown.is_empty() {
            return Ok(());
        }
        Err(Error::unknown_codes(self.unknown, CODES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_values_are_a_bijection_that_the_names_of_the_legend_agree_with() {
        let legend = crate::legend("corine").unwrap();
        for (entry, code) in legend.entries().iter().zip(CODES) {
            assert_eq!(corine_value(code), Some(entry.code));
            assert_eq!(corine_code(entry.code), Some(code));
            assert!(entry.name.starts_with(&format!("{code} ")), "{}", entry.name);
        }
        assert_eq!(legend.len(), CODES.len());
        assert_eq!((corine_code(ClassCode(0)), corine_code(ClassCode(45))), (None, None));
    }

    #[test]
    fn unknown_codes_are_counted_over_all_blocks() {
        let mut codes = CorineCodes::new(None, 255);
        assert_eq!(codes.block(&[112, 999, 311]), [2, 255, 23]);
        assert_eq!(codes.block(&[999, 7]), [255, 255]);
        let error = codes.finish().unwrap_err().to_string();
        let start = "no class has the code 7 (1 pixel), 999 (2 pixels); the codes are 111, 112, 121,";
        assert!(error.starts_with(start), "{error}");
    }
}
