//! Which pixels a scene saw clearly, read from the masks that products bring along.

use crate::Result;
use crate::error::check_length;
use ecotone_core::Shape2d;

/// A class of Sen2Cor's scene classification layer (Sentinel-2 Products Specification Document, table 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names say it")]
pub enum SclClass {
    NoData = 0,
    SaturatedOrDefective = 1,
    DarkArea = 2,
    CloudShadow = 3,
    Vegetation = 4,
    NotVegetated = 5,
    Water = 6,
    Unclassified = 7,
    CloudMediumProbability = 8,
    CloudHighProbability = 9,
    ThinCirrus = 10,
    Snow = 11,
}

impl SclClass {
    /// All classes, in the order of their codes.
    pub const ALL: [Self; 12] = [
        Self::NoData,
        Self::SaturatedOrDefective,
        Self::DarkArea,
        Self::CloudShadow,
        Self::Vegetation,
        Self::NotVegetated,
        Self::Water,
        Self::Unclassified,
        Self::CloudMediumProbability,
        Self::CloudHighProbability,
        Self::ThinCirrus,
        Self::Snow,
    ];

    /// What says nothing about the ground: nodata, saturated, cloud shadow, clouds of medium and high probability, cirrus.
    pub const UNCLEAR: [Self; 6] = [
        Self::NoData,
        Self::SaturatedOrDefective,
        Self::CloudShadow,
        Self::CloudMediumProbability,
        Self::CloudHighProbability,
        Self::ThinCirrus,
    ];

    /// Its code in the file, 0 to 11.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The class of a code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// Its name, such as `cloud_shadow`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoData => "no_data",
            Self::SaturatedOrDefective => "saturated_or_defective",
            Self::DarkArea => "dark_area",
            Self::CloudShadow => "cloud_shadow",
            Self::Vegetation => "vegetation",
            Self::NotVegetated => "not_vegetated",
            Self::Water => "water",
            Self::Unclassified => "unclassified",
            Self::CloudMediumProbability => "cloud_medium_probability",
            Self::CloudHighProbability => "cloud_high_probability",
            Self::ThinCirrus => "thin_cirrus",
            Self::Snow => "snow",
        }
    }
}

/// How to read a mask layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MaskKind {
    /// Sen2Cor's scene classification: these classes are unclear, and so is a code that is none.
    Scl(Vec<SclClass>),
    /// Bits of an HLS `Fmask` layer (HLS User Guide 2.0, table 9): a pixel is unclear where one of these is set.
    /// 255 is nodata.
    Fmask(u8),
    /// Bits of any other layer, such as Landsat's `QA_PIXEL` of 16 bits: a pixel is unclear where one of these is set.
    Bits(u32),
    /// Bit masks in which 0 is clear and any bit is a reason against, such as MAJA's `CLM` and most cloud masks.
    AnyBit,
    /// Masks in which these values are clear and all others are not.
    Plain(Vec<u32>),
}

impl MaskKind {
    /// [`MaskKind::Scl`] without [`SclClass::UNCLEAR`].
    pub fn scl() -> Self {
        Self::Scl(SclClass::UNCLEAR.to_vec())
    }

    /// [`MaskKind::Fmask`] without bits 1 (cloud), 2 (next to cloud) and 3 (cloud shadow).
    pub const fn fmask() -> Self {
        Self::Fmask(0b1110)
    }

    /// Where the layer `[y, x]` is clear: true = valid.
    pub fn valid<T: Copy + Into<u32>>(&self, layer: &[T]) -> Vec<bool> {
        match self {
            Self::Scl(unclear) => {
                let mut clear = [false; 256];
                for class in SclClass::ALL.into_iter().filter(|class| !unclear.contains(class)) {
                    clear[usize::from(class.code())] = true;
                }
                each(layer, |value| clear.get(value as usize).copied().unwrap_or(false))
            }
            Self::Fmask(bits) => each(layer, |value| value != 255 && value & u32::from(*bits) == 0),
            Self::Bits(bits) => each(layer, |value| value & bits == 0),
            Self::AnyBit => each(layer, |value| value == 0),
            Self::Plain(clear) => each(layer, |value| clear.contains(&value)),
        }
    }
}

fn each<T: Copy + Into<u32>>(layer: &[T], clear: impl Fn(u32) -> bool) -> Vec<bool> {
    layer.iter().map(|value| clear((*value).into())).collect()
}

/// Grows the invalid area of a mask `[y, x]` (true = valid) by a disk of so many pixels, because clouds and shadows
/// have soft edges. Pixels outside the mask count as valid.
///
/// # Errors
/// When the mask does not have the shape's size.
pub fn dilate(mask: &mut [bool], shape: Shape2d, pixels: usize) -> Result<()> {
    check_length("mask to dilate", shape.len(), mask.len())?;
    if pixels == 0 || shape.is_empty() {
        return Ok(());
    }
    let distance = distance_along_rows(mask, shape.cols);
    let pixels = pixels.min(shape.rows + shape.cols);
    let reach: Vec<usize> = (0..=pixels).map(|dy| (pixels * pixels - dy * dy).isqrt()).collect();
    for (y, row) in mask.chunks_exact_mut(shape.cols).enumerate() {
        for other in y.saturating_sub(pixels)..(y + pixels + 1).min(shape.rows) {
            let reach = reach[y.abs_diff(other)];
            let near = &distance[other * shape.cols..(other + 1) * shape.cols];
            for (valid, near) in row.iter_mut().zip(near) {
                *valid &= *near > reach;
            }
        }
    }
    Ok(())
}

/// Columns from each pixel to the next invalid one of its row.
fn distance_along_rows(mask: &[bool], cols: usize) -> Vec<usize> {
    const FAR: usize = usize::MAX / 2;
    let mut distance: Vec<usize> = mask.iter().map(|valid| if *valid { FAR } else { 0 }).collect();
    for row in distance.chunks_exact_mut(cols) {
        for x in 1..cols {
            row[x] = row[x].min(row[x - 1] + 1);
        }
        for x in (1..cols).rev() {
            row[x - 1] = row[x - 1].min(row[x] + 1);
        }
    }
    distance
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn dilation_is_a_disk(
            rows in 1usize..20, cols in 1usize..20, pixels in 0usize..7,
            holes in proptest::collection::vec((0usize..20, 0usize..20), 0..5),
        ) {
            let inside: Vec<_> = holes.iter().filter(|(y, x)| *y < rows && *x < cols).collect();
            let mut mask = vec![true; rows * cols];
            for (y, x) in &inside {
                mask[y * cols + x] = false;
            }
            dilate(&mut mask, Shape2d::new(rows, cols), pixels).unwrap();
            for y in 0..rows {
                for x in 0..cols {
                    let near = |hole: &&(usize, usize)| hole.0.abs_diff(y).pow(2) + hole.1.abs_diff(x).pow(2) <= pixels * pixels;
                    prop_assert_eq!(mask[y * cols + x], !inside.iter().any(near));
                }
            }
        }
    }

    #[test]
    fn masks_are_read_by_their_rules() {
        let scl: Vec<u8> = (0..=13).collect();
        let clear: Vec<u8> =
            scl.iter().zip(MaskKind::scl().valid(&scl)).filter(|p| p.1).map(|p| *p.0).collect();
        assert_eq!(clear, [2, 4, 5, 6, 7, 11]);
        assert_eq!(MaskKind::Scl(vec![SclClass::Snow]).valid(&[11u8, 9, 12]), [false, true, false]);
        // Cloud, adjacent, shadow, snow, water with high aerosol, nodata.
        let fmask = [0b10u8, 0b100, 0b1000, 0b1_0000, 0b1110_0000, 255];
        assert_eq!(MaskKind::fmask().valid(&fmask), [false, false, false, true, true, false]);
        assert_eq!(MaskKind::AnyBit.valid(&[0u16, 2, 255, 256]), [true, false, false, false]);
        assert_eq!(MaskKind::Plain(vec![1, 3]).valid(&[0u8, 1, 2, 3]), [false, true, false, true]);
    }

    #[test]
    fn scl_codes_round_trip() {
        for class in SclClass::ALL {
            assert_eq!(SclClass::from_code(class.code()), Some(class));
        }
        assert_eq!(SclClass::from_code(12), None);
        assert_eq!(SclClass::CloudShadow.name(), "cloud_shadow");
    }

    #[test]
    fn a_mask_of_another_size_is_refused() {
        assert!(dilate(&mut [true; 5], Shape2d::new(2, 3), 1).is_err());
    }
}
