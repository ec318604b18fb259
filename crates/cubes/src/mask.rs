//! How a layer beside the bands tells clear pixels from others.

use crate::{Error, Result};
use ecotone_core::Sensor;
use ecotone_io::{KnownScene, ProviderMask, ProviderMaskKind, Scene, SceneBand};
use ecotone_jobs::Error as JobError;
use ecotone_preprocessing::{MaskKind, SclClass};
use serde::{Deserialize, Serialize};
use std::fmt;

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
    /// That of each scene's provider, or the scene classification of scenes that have one.
    Auto,
    /// Sentinel-2 scene classification: `values` are the classes to drop.
    Scl,
    /// HLS Fmask: `values` are the bits to drop.
    Fmask,
    /// Any other layer of bits, such as Landsat's QA_PIXEL: `values` are the bits to drop, from 0 to 31.
    Bits,
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
    /// The layer that hides pixels of a scene, and its own rules where those of the job leave them to the provider; `None`
    /// where nothing is hidden.
    ///
    /// # Errors
    /// When the scene has no such layer; the message says what to set.
    pub(crate) fn of_scene<'a>(&self, scene: &'a Scene) -> Result<Option<(SceneBand<'a>, Option<Self>)>> {
        let known = scene.known();
        let missing = |asset: &str| Error::NoMask {
            scene: scene.id.clone(),
            asset: asset.to_owned(),
            way_out: way_out(known, scene),
        };
        match (self.kind, known) {
            (MaskFormat::None, _) => Ok(None),
            (MaskFormat::Auto, Some(KnownScene { collection, .. })) => {
                let Some(mask) = collection.mask else { return Ok(None) };
                let found = mask.assets.iter().find_map(|asset| scene.band(asset).ok());
                let found = found.ok_or_else(|| missing(mask.assets.first().unwrap_or(&"")))?;
                Ok(Some((found, Some(self.by(mask, &found.asset.key)))))
            }
            (MaskFormat::Auto, None) if scene.sensor() == Some(Sensor::Sentinel1) => Ok(None),
            (MaskFormat::Auto, None) => {
                let rule = Self { dilate: self.dilate, ..Self::default() };
                let found = scene.band(&rule.asset).ok().ok_or_else(|| missing(&rule.asset))?;
                Ok(Some((found, Some(rule))))
            }
            _ => Ok(Some((scene.band(&self.asset).ok().ok_or_else(|| missing(&self.asset))?, None))),
        }
    }

    /// A provider's mask, grown as this one.
    fn by(&self, mask: ProviderMask, asset: &str) -> Self {
        let kind = match mask.kind {
            ProviderMaskKind::Scl => MaskFormat::Scl,
            ProviderMaskKind::Fmask => MaskFormat::Fmask,
            ProviderMaskKind::Bits => MaskFormat::Bits,
            ProviderMaskKind::Plain => MaskFormat::Plain,
        };
        Self { kind, asset: asset.to_owned(), values: mask.values.to_vec(), dilate: self.dilate }
    }

    /// How the values are read; `None` where there is no mask, or each scene has its own.
    ///
    /// # Errors
    /// When it names a value that its format does not have, or one beside `auto`.
    pub fn rules(&self) -> Result<Option<MaskKind>> {
        let values = &self.values;
        Ok(match self.kind {
            MaskFormat::None => None,
            MaskFormat::Auto => {
                let Self { asset, values, .. } = Self::default();
                if self.asset != asset {
                    return Err(beside_auto("inputs.mask.asset", &self.asset));
                }
                if *self.values != values {
                    return Err(beside_auto("inputs.mask.values", &format!("{:?}", self.values)));
                }
                None
            }
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
            MaskFormat::Bits => {
                let bit = |bits: u32, value: &u8| {
                    1u32.checked_shl(u32::from(*value))
                        .map(|bit| bits | bit)
                        .ok_or_else(|| wrong_value(*value, "bits from 0 to 31"))
                };
                Some(MaskKind::Bits(values.iter().try_fold(0, bit)?))
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

fn beside_auto(key: &'static str, found: &str) -> Error {
    let expected = "nothing beside inputs.mask.kind = \"auto\", which takes each provider's".to_owned();
    JobError::Value { key, found: found.to_owned(), expected }.into()
}

/// What to set where a scene has not the layer that it is to be masked by.
fn way_out(known: Option<KnownScene>, scene: &Scene) -> String {
    let Some(KnownScene { provider, collection }) = known else {
        let has = scene.band_names().join(", ");
        return format!(
            "name the layer that does by inputs.mask.kind, asset and values, of a prediction by --mask-asset (it has \
             {has}), or set inputs.mask.kind = \"none\""
        );
    };
    let from = format!("{} of {}", collection.id, provider.name);
    match collection.mask {
        Some(ProviderMask { kind, assets, values }) if assets.iter().any(|asset| scene.has_band(asset)) => {
            format!(
                "{from} is masked by `{}`: set inputs.mask.kind = \"auto\", or kind = \"{}\" with that asset and values = \
                 {values:?}",
                assets.join("` or `"),
                kind.name()
            )
        }
        Some(_) => format!("nor any other mask of {from}: set inputs.mask.kind = \"none\""),
        None => format!("{from} has no mask: set inputs.mask.kind = \"none\""),
    }
}

impl fmt::Display for Mask {
    /// As cards and lists say it: kind, layer, values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            MaskFormat::None | MaskFormat::Auto => write!(f, "{:?}", self.kind),
            kind => write!(f, "{kind:?} {} {:?}", self.asset, self.values),
        }
    }
}
