//! The layer by which a provider tells clear pixels from others.

/// A mask of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderMask {
    /// What its values mean.
    pub kind: ProviderMaskKind,
    /// Names of the asset, the first that a scene has.
    pub assets: &'static [&'static str],
    /// Values that the kind takes.
    pub values: &'static [u8],
}

/// What the values of a mask mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderMaskKind {
    /// Classes of Sentinel-2's scene classification that are dropped.
    Scl,
    /// Bits of the Fmask of HLS that are dropped; 255 stands for nothing.
    Fmask,
    /// Bits of any other layer that are dropped.
    Bits,
    /// Values that are kept.
    Plain,
}

impl ProviderMaskKind {
    /// As recipes call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scl => "scl",
            Self::Fmask => "fmask",
            Self::Bits => "bits",
            Self::Plain => "plain",
        }
    }
}

impl ProviderMask {
    /// Nodata, saturated, shadow of clouds, clouds of medium and high probability, cirrus (Sentinel-2 Products
    /// Specification Document, table 3).
    pub(super) const SCL: Self =
        Self { kind: ProviderMaskKind::Scl, assets: &["SCL"], values: &[0, 1, 3, 8, 9, 10] };

    /// Cloud, beside cloud, shadow of clouds (HLS User Guide 2.0, table 9).
    pub(super) const HLS: Self =
        Self { kind: ProviderMaskKind::Fmask, assets: &["Fmask"], values: &[1, 2, 3] };

    /// Fill, dilated cloud, cirrus, cloud, shadow of clouds (Landsat 8-9 Collection 2 Level 2 Science Product Guide,
    /// table 6-3).
    pub(super) const LANDSAT: Self = Self {
        kind: ProviderMaskKind::Bits,
        assets: &["qa_pixel", "QA_PIXEL.TIF", "pixel_quality"],
        values: &[0, 1, 2, 3, 4],
    };

    /// Clear, snow and water are kept; 0 is nodata, 2 cloud, 3 shadow (Geoscience Australia, `oa_fmask`).
    pub(super) const AUSTRALIA: Self =
        Self { kind: ProviderMaskKind::Plain, assets: &["oa_fmask"], values: &[1, 4, 5] };
}
