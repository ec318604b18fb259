//! From digital numbers to reflectance, and whether an offset is still in them.
//!
//! Since processing baseline 04.00 (January 2022) ESA adds 1000 to every Sentinel-2 digital number, so that negative
//! reflectance can be stored, and gives the offset of -1000 in the metadata. Some providers take it out again, some
//! of those still list it, and archives reprocessed later have it on scenes of any date. [`OffsetEvidence`] collects
//! what is known about a scene and decides, or refuses.

use crate::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// Digital counts that baseline 04.00 and later add, as the offset to take them out again (Sentinel-2 Products
/// Specification Document 14.9, `BOA_ADD_OFFSET` and `RADIO_ADD_OFFSET`).
pub const SENTINEL2_OFFSET: f64 = -1000.0;

/// Reflectance of one digital count of Sentinel-2, the inverse of its quantification value.
pub const SENTINEL2_SCALE: f64 = 1e-4;

/// A Sentinel-2 processing baseline, such as 05.09.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Baseline {
    /// Before the point.
    pub major: u32,
    /// After the point.
    pub minor: u32,
}

impl Baseline {
    /// The first whose digital numbers hold an offset.
    pub const WITH_OFFSET: Self = Self { major: 4, minor: 0 };
}

impl FromStr for Baseline {
    type Err = Error;

    /// Reads `04.00`, and `N0400` as in product names.
    fn from_str(text: &str) -> Result<Self> {
        let trimmed = text.trim();
        let parts = match trimmed.strip_prefix(['N', 'n']) {
            Some(digits) if digits.len() == 4 && digits.is_ascii() => Some(digits.split_at(2)),
            Some(_) => None,
            None => trimmed.split_once('.'),
        };
        parts
            .and_then(|(major, minor)| Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? }))
            .ok_or_else(|| Error::Baseline { found: text.to_owned() })
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}.{:02}", self.major, self.minor)
    }
}

/// Scale and offset of `reflectance = DN * scale + offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScaleOffset {
    /// Reflectance of one count.
    pub scale: f64,
    /// Reflectance of zero counts.
    pub offset: f64,
}

impl ScaleOffset {
    fn counts(self) -> f64 {
        self.offset / self.scale
    }
}

/// What the pixels of a scene say about the offset.
///
/// If digital numbers still held 1000 counts, those under 800 would mean a reflectance below -0.02. Atmospheric
/// correction overshoots by less than that, so a scene with more than a few such pixels has no offset in it. A scene
/// without them proves nothing: clouds and deserts are bright under either convention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PixelEvidence {
    /// Valid pixels looked at.
    pub pixels: u64,
    /// Of these, pixels too dark to hold the offset.
    pub too_dark: u64,
}

impl PixelEvidence {
    const DARKEST_WITH_OFFSET: f32 = 800.0;
    const SHARE: f64 = 0.01;
    const LEAST: u64 = 50;

    /// Looks at valid digital numbers; dark bands (blue, red) tell most. Values that are not finite are passed over.
    pub fn of(digital_numbers: impl IntoIterator<Item = f32>) -> Self {
        let mut seen = Self::default();
        for value in digital_numbers.into_iter().filter(|value| value.is_finite()) {
            seen.pixels += 1;
            seen.too_dark += u64::from(value < Self::DARKEST_WITH_OFFSET);
        }
        seen
    }

    /// Adds what other pixels say, of another band or of another scene from the same source.
    pub const fn merge(&mut self, other: Self) {
        self.pixels += other.pixels;
        self.too_dark += other.too_dark;
    }

    /// True where the pixels show that there is no offset in them; false where they say nothing.
    pub fn shows_no_offset(self) -> bool {
        self.too_dark >= Self::LEAST && self.too_dark as f64 >= Self::SHARE * self.pixels as f64
    }
}

/// All that is known about the offset of a scene; what is not known is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OffsetEvidence {
    /// Scale and offset that the catalogue or the product's metadata gives.
    pub provider: Option<ScaleOffset>,
    /// Whether the provider says that it already applied the offset, as `earthsearch:boa_offset_applied` does.
    pub provider_applied: Option<bool>,
    /// The Sentinel-2 processing baseline.
    pub baseline: Option<Baseline>,
    /// A look at the pixels.
    pub pixels: Option<PixelEvidence>,
}

/// How to choose the offset.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum OffsetRule {
    /// Weigh the evidence, and refuse where it disagrees.
    #[default]
    Auto,
    /// Believe the catalogue's scale and offset.
    Provider,
    /// Add so many counts, whatever the evidence.
    Counts(f64),
}

impl FromStr for OffsetRule {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.trim() {
            "auto" => Ok(Self::Auto),
            "provider" => Ok(Self::Provider),
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
        })
    }
}

impl OffsetDecision {
    /// Reflectance of digital numbers, in place: `DN * scale + offset`.
    ///
    /// Slightly negative values are kept: they are what atmospheric correction found, and cutting them off would bias
    /// the mean of dark surfaces.
    pub fn to_reflectance(&self, values: &mut [f32]) {
        let (scale, offset) = (self.used.scale as f32, self.used.offset as f32);
        for value in values {
            *value = *value * scale + offset;
        }
    }
}

impl OffsetEvidence {
    /// Decides how the digital numbers of a scene become reflectance.
    ///
    /// - A provider that says it applied the offset is believed, even where it still lists one.
    /// - Otherwise a listed offset counts, unless the baseline or the pixels contradict it.
    /// - A baseline of 04.00 or later means an offset of [`SENTINEL2_OFFSET`], unless the pixels show that it was taken
    ///   out, in which case nobody may claim that it is still there.
    ///
    /// The scale is the provider's, else [`SENTINEL2_SCALE`].
    ///
    /// # Errors
    /// [`Error::OffsetDisagreement`] where witnesses contradict each other, [`Error::OffsetUnknown`] where all are
    /// silent; both say how to settle it. [`Error::NoProviderOffset`] and [`Error::Scale`] where the provider's numbers
    /// are asked for and missing, or make no sense.
    pub fn decide(&self, scene: &str, rule: OffsetRule) -> Result<OffsetDecision> {
        let scale = self.provider.map_or(SENTINEL2_SCALE, |provider| provider.scale);
        let (counts, reason) = match rule {
            OffsetRule::Counts(counts) => (counts, OffsetReason::Told),
            OffsetRule::Provider => {
                let provider =
                    self.provider.ok_or_else(|| Error::NoProviderOffset { scene: scene.to_owned() })?;
                (provider.counts(), OffsetReason::Told)
            }
            OffsetRule::Auto => self.weigh(scene)?,
        };
        let used = ScaleOffset { scale, offset: counts * scale };
        let positive = scale > 0.0 && scale.is_finite();
        if !positive || !used.offset.is_finite() {
            return Err(Error::Scale { scene: scene.to_owned(), scale, offset: used.offset });
        }
        Ok(OffsetDecision { used, reason, evidence: *self })
    }

    fn weigh(&self, scene: &str) -> Result<(f64, OffsetReason)> {
        let taken_out = self.pixels.is_some_and(PixelEvidence::shows_no_offset);
        let with_offset = self.baseline.map(|baseline| baseline >= Baseline::WITH_OFFSET);
        let listed = self.provider.map(ScaleOffset::counts);
        let lists_offset = listed.map(|counts| counts <= SENTINEL2_OFFSET / 2.0);
        let disagreement =
            || Error::OffsetDisagreement { scene: scene.to_owned(), evidence: Box::new(*self) };

        if self.provider_applied == Some(true) {
            return Ok((0.0, OffsetReason::ProviderApplied));
        }
        if taken_out {
            // Baseline 04.00 and dark pixels do not contradict each other: somebody took the offset out. But who lists
            // it, or says that it was not applied, is wrong.
            let claimed = lists_offset == Some(true)
                || (self.provider_applied == Some(false) && with_offset == Some(true));
            return if claimed {
                Err(disagreement())
            } else {
                Ok((listed.unwrap_or(0.0), OffsetReason::Pixels))
            };
        }
        match (lists_offset, with_offset) {
            (Some(true), Some(false)) | (Some(false), Some(true)) => Err(disagreement()),
            (Some(_), _) => Ok((listed.unwrap_or(0.0), OffsetReason::Provider)),
            (None, Some(true)) => Ok((SENTINEL2_OFFSET, OffsetReason::Baseline)),
            (None, Some(false)) => Ok((0.0, OffsetReason::OldBaseline)),
            (None, None) => Err(Error::OffsetUnknown { scene: scene.to_owned(), evidence: Box::new(*self) }),
        }
    }
}

impl fmt::Display for OffsetEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.provider {
            Some(ScaleOffset { scale, offset }) => {
                write!(f, "the catalogue gives scale {scale} and offset {offset}")?;
            }
            None => write!(f, "the catalogue gives no scale and offset")?,
        }
        match self.provider_applied {
            Some(true) => write!(f, " and says the offset is applied")?,
            Some(false) => write!(f, " and says the offset is not applied")?,
            None => {}
        }
        match self.baseline {
            Some(baseline) if baseline >= Baseline::WITH_OFFSET => {
                write!(f, ", processing baseline {baseline} adds 1000 counts")?;
            }
            Some(baseline) => write!(f, ", processing baseline {baseline} adds no counts")?,
            None => write!(f, ", the processing baseline is unknown")?,
        }
        match self.pixels {
            Some(seen) => {
                let (dark, verdict) = (seen.too_dark, seen.shows_no_offset());
                let verdict = if verdict { "so it is not in them" } else { "which proves nothing" };
                write!(f, ", {dark} of {} pixels are too dark to hold it, {verdict}", seen.pixels)
            }
            None => write!(f, ", and no pixel was looked at"),
        }
    }
}

#[cfg(test)]
mod tests;
