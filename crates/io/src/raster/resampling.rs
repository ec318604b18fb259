//! How pixels of one grid are made of pixels of another.

/// How a pixel of the target is made of pixels of the source. Invalid ones never count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resampling {
    /// The pixel under the centre: for categories.
    Nearest,
    /// The four around the centre, by distance; a triangle as wide as the target pixel where that is larger.
    Bilinear,
    /// Cubic convolution of the sixteen around the centre; may overshoot.
    Cubic,
    /// The mean of all under the target pixel: for going to larger pixels.
    Average,
    /// The most frequent under the target pixel; of equals the first in reading order. For categories.
    Mode,
}

impl Resampling {
    /// True where no value can appear that the source does not have.
    pub const fn keeps_values(self) -> bool {
        matches!(self, Self::Nearest | Self::Mode)
    }

    pub(crate) const fn gdal_name(self) -> &'static str {
        match self {
            Self::Nearest => "near",
            Self::Bilinear => "bilinear",
            Self::Cubic => "cubic",
            Self::Average => "average",
            Self::Mode => "mode",
        }
    }
}
