//! What pixels say about the offset of baseline 04.00: those of one scene, and those of all scenes of its kind.

use std::fmt;

/// What the measured pixels of a scene say about the offset.
///
/// If digital numbers still held 1000 counts, those under 800 would mean a reflectance below -0.02. Atmospheric
/// correction overshoots by less than that, so a scene with more than a few such pixels has no offset in it. A scene
/// without them proves nothing: clouds and deserts are bright under either convention. But where most of the ground
/// is as dark as vegetation and water are with the offset, and nothing at all is darker, it most likely holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PixelEvidence {
    /// Measured pixels looked at.
    pub pixels: u64,
    /// Of these, pixels too dark to hold the offset: below 800.
    pub too_dark: u64,
    /// Of these, pixels that are as dark as vegetation and water where they hold the offset: from 800, below 1800.
    pub dark: u64,
    /// Of these, values from -2 to 2: reflectance itself rather than counts of it.
    pub near_one: u64,
}

/// What pixels show of the offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PixelVerdict {
    /// Nothing: bright ground, or too little of it.
    Nothing,
    /// That there is none in them.
    NoOffset,
    /// That it is in them. Stands against other scenes; alone it is no proof.
    Offset,
}

impl PixelEvidence {
    const DARKEST_WITH_OFFSET: f32 = 800.0;
    const DARK_WITH_OFFSET: f32 = 1800.0;
    const SHARE: f64 = 0.01;
    const LEAST: u64 = 50;
    /// Pixels that show an offset by their darkness.
    const LEAST_OFFSET: u64 = 500;
    /// The most of them that may be too dark.
    const STRAY: f64 = 0.001;

    /// Looks at digital numbers of measured ground: what is nodata, or hidden by the scene's mask, is left out by the
    /// caller. Dark bands (blue, red) tell most. Values that are not finite are passed over.
    pub fn of(digital_numbers: impl IntoIterator<Item = f32>) -> Self {
        let mut seen = Self::default();
        for value in digital_numbers.into_iter().filter(|value| value.is_finite()) {
            seen.pixels += 1;
            seen.too_dark += u64::from(value < Self::DARKEST_WITH_OFFSET);
            seen.dark += u64::from((Self::DARKEST_WITH_OFFSET..Self::DARK_WITH_OFFSET).contains(&value));
            seen.near_one += u64::from((-2.0..=2.0).contains(&value));
        }
        seen
    }

    /// Adds what other pixels say, of another band or of another scene from the same source.
    pub const fn merge(&mut self, other: Self) {
        self.pixels += other.pixels;
        self.too_dark += other.too_dark;
        self.dark += other.dark;
        self.near_one += other.near_one;
    }

    /// True where the pixels show that there is no offset in them; false where they say nothing.
    pub fn shows_no_offset(self) -> bool {
        let counts = 2 * self.near_one < self.pixels;
        counts && self.too_dark >= Self::LEAST && self.too_dark as f64 >= Self::SHARE * self.pixels as f64
    }

    /// What they show.
    pub fn verdict(self) -> PixelVerdict {
        let strays = self.too_dark as f64 / self.pixels.max(1) as f64;
        if self.shows_no_offset() {
            PixelVerdict::NoOffset
        } else if self.pixels >= Self::LEAST_OFFSET && 2 * self.dark >= self.pixels && strays < Self::STRAY {
            PixelVerdict::Offset
        } else {
            PixelVerdict::Nothing
        }
    }

    /// True where floating-point values are reflectance already, as they are where most are near 1, or none is known.
    pub const fn is_reflectance(self) -> bool {
        2 * self.near_one >= self.pixels
    }
}

/// What the pixels of all scenes of one kind say: of one collection, processing baseline and provider's flag, so that
/// one rule holds for all of them. The order in which they are added changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KinEvidence {
    /// Scenes that were looked at.
    pub scenes: u64,
    /// Of these, scenes that show no offset.
    pub without: u64,
    /// Of these, scenes that show one.
    pub with: u64,
    /// The pixels of all.
    pub pixels: PixelEvidence,
}

/// What the scenes of one kind show together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KinVerdict {
    /// The same, as far as they show anything.
    Agreed(PixelVerdict),
    /// One thing here, another there.
    Mixed,
}

impl KinEvidence {
    /// Adds a scene.
    pub fn add(&mut self, scene: PixelEvidence) {
        let verdict = scene.verdict();
        self.scenes += 1;
        self.without += u64::from(verdict == PixelVerdict::NoOffset);
        self.with += u64::from(verdict == PixelVerdict::Offset);
        self.pixels.merge(scene);
    }

    /// What two thirds of those that show anything show; where none shows an offset, what all pixels together do.
    pub(crate) fn verdict(self) -> KinVerdict {
        let most = |scenes: u64| 3 * scenes >= 2 * (self.without + self.with);
        match (self.without, self.with) {
            (_, 0) if self.pixels.shows_no_offset() => KinVerdict::Agreed(PixelVerdict::NoOffset),
            (_, 0) => KinVerdict::Agreed(PixelVerdict::Nothing),
            (_, with) if most(with) => KinVerdict::Agreed(PixelVerdict::Offset),
            (without, _) if most(without) => KinVerdict::Agreed(PixelVerdict::NoOffset),
            _ => KinVerdict::Mixed,
        }
    }

    /// What every scene that shows anything shows.
    pub(crate) fn unanimous(self) -> PixelVerdict {
        match self.verdict() {
            KinVerdict::Agreed(verdict) if self.without == 0 || self.with == 0 => verdict,
            _ => PixelVerdict::Nothing,
        }
    }
}

impl fmt::Display for PixelEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict() {
            PixelVerdict::NoOffset => "so it is not in them",
            PixelVerdict::Offset => "and most are as dark as ground that holds it",
            PixelVerdict::Nothing => "which proves nothing",
        };
        write!(f, "{} of {} pixels are too dark to hold it, {verdict}", self.too_dark, self.pixels)
    }
}

impl fmt::Display for KinEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "of {} scenes of one collection, baseline and provider's flag {} show none and {} show one",
            self.scenes, self.without, self.with
        )
    }
}
