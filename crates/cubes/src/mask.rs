//! How a layer beside the bands tells clear pixels from others.

use crate::{Error, Result};
use ecotone_jobs::Error as JobError;
use ecotone_preprocessing::{MaskKind, SclClass};
use serde::{Deserialize, Serialize};

/// How cloudy pixels are recognised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mask {
    /// What its values mean.
    pub kind: MaskFormat,
    /// The layer, as the scene calls it.
    pub asset: String,
    /// Values that the format takes.
    pub values: Vec<u8>,
    /// Pixels by which what is hidden grows.
    pub dilate: usize,
}

/// What the values of a mask layer mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MaskFormat {
    /// No mask: every measured pixel counts.
    None,
    /// Sentinel-2 scene classification: `values` are the classes to drop.
    Scl,
    /// HLS Fmask: `values` are the bits to drop.
    Fmask,
    /// Any bit set means not clear (MAJA's CLM).
    Anybit,
    /// `values` are the clear ones.
    Plain,
}

impl Default for Mask {
    fn default() -> Self {
        Self { kind: MaskFormat::Scl, asset: "SCL".to_owned(), values: vec![0, 1, 3, 8, 9, 10], dilate: 0 }
    }
}

impl Mask {
    /// How the values are read; `None` where there is no mask.
    ///
    /// # Errors
    /// When it names a value that its format does not have.
    pub fn rules(&self) -> Result<Option<MaskKind>> {
        let values = &self.values;
        Ok(match self.kind {
            MaskFormat::None => None,
            MaskFormat::Scl => {
                let class = |value: &u8| {
                    SclClass::from_code(*value)
                        .ok_or_else(|| wrong_value(*value, "scene classes from 0 to 11"))
                };
                // Where nothing was measured nothing was clear, whatever else is dropped.
                let unclear = values.iter().map(class).chain([Ok(SclClass::NoData)]);
                Some(MaskKind::Scl(unclear.collect::<Result<_>>()?))
            }
            MaskFormat::Fmask => {
                let bit = |bits: u8, value: &u8| {
                    1u8.checked_shl(u32::from(*value))
                        .map(|bit| bits | bit)
                        .ok_or_else(|| wrong_value(*value, "bits from 0 to 7"))
                };
                Some(MaskKind::Fmask(values.iter().try_fold(0, bit)?))
            }
            MaskFormat::Anybit => Some(MaskKind::AnyBit),
            MaskFormat::Plain => {
                Some(MaskKind::Plain(values.iter().map(|value| u32::from(*value)).collect()))
            }
        })
    }
}

fn wrong_value(found: u8, expected: &str) -> Error {
    JobError::Value { key: "inputs.mask.values", found: found.to_string(), expected: expected.to_owned() }
        .into()
}
