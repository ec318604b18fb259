//! Scale and offset of digital numbers.

/// Digital counts that baseline 04.00 and later add, as the offset to take them out again (Sentinel-2 Products
/// Specification Document 14.9, `BOA_ADD_OFFSET` and `RADIO_ADD_OFFSET`).
pub const SENTINEL2_OFFSET: f64 = -1000.0;

/// Reflectance of one digital count of Sentinel-2, the inverse of its quantification value.
pub const SENTINEL2_SCALE: f64 = 1e-4;

/// Reflectance of one count of Landsat (Landsat 8-9 Collection 2 Level 2 Science Product Guide, table on scale factors).
pub(crate) const LANDSAT_SCALE: f64 = 2.75e-5;
/// Reflectance of zero counts of Landsat, from the same table.
pub(crate) const LANDSAT_OFFSET: f64 = -0.2;

/// Scale and offset of `reflectance = DN * scale + offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScaleOffset {
    /// Reflectance of one count.
    pub scale: f64,
    /// Reflectance of zero counts.
    pub offset: f64,
}

impl ScaleOffset {
    /// The offset in digital counts.
    pub fn counts(self) -> f64 {
        self.offset / self.scale
    }

    /// True where integers can become reflectance by it: one count is a small part of full reflectance, and no offset
    /// exceeds it, as one in counts would.
    pub fn is_of_reflectance(self) -> bool {
        const LARGEST_COUNT: f64 = 0.1;
        self.scale > 0.0 && self.scale <= LARGEST_COUNT && (-1.0..=1.0).contains(&self.offset)
    }

    /// Physical values of digital numbers, in place: `DN * scale + offset`.
    ///
    /// Slightly negative reflectance is kept: it is what atmospheric correction found, and cutting it off would bias
    /// the mean of dark surfaces.
    pub fn apply(self, values: &mut [f32]) {
        let (scale, offset) = (self.scale as f32, self.offset as f32);
        for value in values {
            *value = *value * scale + offset;
        }
    }
}
