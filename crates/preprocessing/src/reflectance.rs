//! From digital numbers to reflectance, and whether an offset is still in them.
//!
//! Since processing baseline 04.00 (January 2022) ESA adds 1000 to every Sentinel-2 digital number, so that negative
//! reflectance can be stored, and gives the offset of -1000 in the metadata. Some providers take it out again, some
//! of those still list it, and archives reprocessed later have it on scenes of any date. [`OffsetEvidence`] collects
//! what is known about a scene and decides, or refuses.

use crate::pixel_evidence::KinVerdict;
use crate::{
    Baseline, Error, KinEvidence, OffsetEvidence, PixelEvidence, PixelVerdict, Result, SENTINEL2_OFFSET,
    SENTINEL2_SCALE, ScaleOffset,
};
use std::fmt;
use std::str::FromStr;

/// How to choose the offset.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum OffsetRule {
    /// Weigh the evidence, and refuse where it disagrees.
    #[default]
    Auto,
    /// Believe the catalogue's scale and offset.
    Provider,
    /// Believe each scene's own pixels, and of scenes that show nothing those of their kin.
    Pixels,
    /// Add so many counts, whatever the evidence.
    Counts(f64),
}

impl FromStr for OffsetRule {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.trim() {
            "auto" => Ok(Self::Auto),
            "provider" => Ok(Self::Provider),
            "pixels" => Ok(Self::Pixels),
            "none" => Ok(Self::Counts(0.0)),
            counts => match counts.parse::<f64>() {
                Ok(counts) if counts.is_finite() => Ok(Self::Counts(counts)),
                _ => Err(Error::OffsetRule { found: text.to_owned() }),
            },
        }
    }
}

/// The scale and offset to use for a scene, and why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OffsetDecision {
    /// What to use.
    pub used: ScaleOffset,
    /// Why.
    pub reason: OffsetReason,
    /// What it was decided from.
    pub evidence: OffsetEvidence,
}

/// Why an offset was chosen; `Display` says it in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffsetReason {
    /// The user said so.
    Told,
    /// The provider says that it took the offset out.
    ProviderApplied,
    /// The catalogue or the product's metadata gives it, and nothing contradicts.
    Provider,
    /// The processing baseline has an offset, and nothing contradicts.
    Baseline,
    /// The processing baseline is older than the offset.
    OldBaseline,
    /// Pixels are too dark to hold an offset.
    Pixels,
    /// The pixels of its kin are too dark to hold an offset.
    KinPixels,
    /// Pixels, its own or its kin's, are as dark as ground that holds an offset.
    PixelsHold,
}

impl fmt::Display for OffsetReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Told => "told by inputs.offset",
            Self::ProviderApplied => "the provider says that it applied the offset",
            Self::Provider => "the provider's metadata gives it",
            Self::Baseline => "processing baselines from 04.00 on have it",
            Self::OldBaseline => "processing baselines before 04.00 have none",
            Self::Pixels => "pixels are too dark to hold it",
            Self::KinPixels => "pixels of scenes of its kind are too dark to hold it",
            Self::PixelsHold => "pixels are as dark as ground that holds it",
        })
    }
}

impl OffsetEvidence {
    /// Decides how the digital numbers of a scene become reflectance.
    ///
    /// - A provider that says it applied the offset is believed, even where it still lists one.
    /// - Otherwise a listed offset counts, unless the baseline or the pixels contradict it.
    /// - A baseline of 04.00 or later means an offset of [`SENTINEL2_OFFSET`], unless the pixels show that it was taken
    ///   out, in which case nobody may claim that it is still there.
    /// - Pixels are those of the scene and of its kin: one that shows nothing takes the others' answer, one that shows
    ///   the opposite is refused.
    ///
    /// The scale is the user's, else the provider's, else [`SENTINEL2_SCALE`].
    ///
    /// # Errors
    /// [`Error::OffsetDisagreement`] and [`Error::OffsetKin`] where witnesses contradict each other,
    /// [`Error::OffsetUnknown`] where all are silent; they say how to settle it. [`Error::NoProviderOffset`] and
    /// [`Error::Scale`] where the provider's numbers are asked for and missing, or are none that reflectance has.
    pub fn decide(&self, scene: &str, rule: OffsetRule) -> Result<OffsetDecision> {
        let listed = self.provider.map_or(SENTINEL2_SCALE, |provider| provider.scale);
        let scale = self.scale.unwrap_or(listed);
        let (counts, reason) = match rule {
            OffsetRule::Counts(counts) => (counts, OffsetReason::Told),
            OffsetRule::Provider => {
                let provider =
                    self.provider.ok_or_else(|| Error::NoProviderOffset { scene: scene.to_owned() })?;
                (provider.counts(), OffsetReason::Told)
            }
            OffsetRule::Pixels => self.follow_pixels(scene)?,
            OffsetRule::Auto => self.weigh(scene)?,
        };
        let used = ScaleOffset { scale, offset: counts * scale };
        if used.is_of_reflectance() {
            Ok(OffsetDecision { used, reason, evidence: *self })
        } else {
            Err(Error::Scale { scene: scene.to_owned(), scale, offset: used.offset })
        }
    }

    /// True where the decision may depend on pixels: where they need not be looked at, a scene is planned unread.
    pub fn needs_pixels(&self, rule: OffsetRule) -> bool {
        let dark = PixelEvidence { pixels: 1000, too_dark: 1000, ..PixelEvidence::default() };
        let used = |pixels| Self { pixels, kin: None, ..*self }.decide("", rule).ok().map(|d| d.used);
        used(None) != used(Some(dark))
    }

    fn weigh(&self, scene: &str) -> Result<(f64, OffsetReason)> {
        if self.provider_applied == Some(true) {
            return Ok((0.0, OffsetReason::ProviderApplied));
        }
        let with_offset = self.baseline.map(|baseline| baseline >= Baseline::WITH_OFFSET);
        let listed = self.provider.map(ScaleOffset::counts);
        let lists_offset = self.lists_offset();
        let disagreement =
            || Error::OffsetDisagreement { scene: scene.to_owned(), evidence: Box::new(*self) };

        if self.pixels_show(scene)? == PixelVerdict::NoOffset {
            // Baseline 04.00 and dark pixels do not contradict each other: somebody took the offset out. But who lists
            // it, or says that it was not applied, is wrong.
            let claimed = lists_offset == Some(true)
                || (self.provider_applied == Some(false) && with_offset == Some(true));
            return if claimed {
                Err(disagreement())
            } else {
                Ok((listed.unwrap_or(0.0), self.whose_pixels()))
            };
        }
        match (lists_offset, with_offset) {
            (Some(true), Some(false)) | (Some(false), Some(true)) => Err(disagreement()),
            (Some(_), _) => Ok((listed.unwrap_or(0.0), OffsetReason::Provider)),
            (None, Some(true)) => Ok((SENTINEL2_OFFSET, OffsetReason::Baseline)),
            (None, Some(false)) => Ok((0.0, OffsetReason::OldBaseline)),
            (None, None) => Err(self.unknown(scene)),
        }
    }

    /// What the pixels of the scene show, or where they show nothing those of its kin.
    fn pixels_show(&self, scene: &str) -> Result<PixelVerdict> {
        let own = self.pixels.map_or(PixelVerdict::Nothing, PixelEvidence::verdict);
        let kin = self.kin.map_or(KinVerdict::Agreed(own), KinEvidence::verdict);
        match kin {
            KinVerdict::Agreed(kin) if own == kin || own == PixelVerdict::Nothing => Ok(kin),
            _ => Err(Error::OffsetKin { scene: scene.to_owned(), evidence: Box::new(*self) }),
        }
    }

    fn follow_pixels(&self, scene: &str) -> Result<(f64, OffsetReason)> {
        let own = self.pixels.map_or(PixelVerdict::Nothing, PixelEvidence::verdict);
        let kin = self.kin.map_or(PixelVerdict::Nothing, KinEvidence::unanimous);
        let listed = self.provider.map(ScaleOffset::counts).filter(|_| self.lists_offset() == Some(true));
        match if own == PixelVerdict::Nothing { kin } else { own } {
            PixelVerdict::NoOffset => Ok((0.0, self.whose_pixels())),
            PixelVerdict::Offset => Ok((listed.unwrap_or(SENTINEL2_OFFSET), OffsetReason::PixelsHold)),
            PixelVerdict::Nothing => Err(self.unknown(scene)),
        }
    }

    fn whose_pixels(&self) -> OffsetReason {
        let own = self.pixels.is_some_and(PixelEvidence::shows_no_offset);
        if own { OffsetReason::Pixels } else { OffsetReason::KinPixels }
    }

    fn lists_offset(&self) -> Option<bool> {
        self.provider.map(|provider| provider.counts() <= SENTINEL2_OFFSET / 2.0)
    }

    fn unknown(&self, scene: &str) -> Error {
        Error::OffsetUnknown { scene: scene.to_owned(), evidence: Box::new(*self) }
    }
}

#[cfg(test)]
mod tests;
