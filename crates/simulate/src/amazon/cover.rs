//! What covers the ground at the arc of deforestation, and the class that each cover belongs to.

use crate::noise::{mix, uniform};

/// Codes, names and colours of the classes: those of MapBiomas Brazil, collection 8.
pub(crate) const CLASSES: [(u8, &str, [u8; 3]); 13] = [
    (3, "forest formation", [0x1f, 0x8d, 0x49]),
    (4, "savanna formation", [0x7d, 0xc9, 0x75]),
    (6, "floodable forest", [0x02, 0x69, 0x75]),
    (9, "forest plantation", [0x7a, 0x59, 0x00]),
    (11, "wetland", [0x51, 0x97, 0x99]),
    (12, "grassland", [0xd6, 0xbc, 0x74]),
    (15, "pasture", [0xed, 0xde, 0x8e]),
    (24, "urban area", [0xd4, 0x27, 0x1e]),
    (25, "other non-vegetated area", [0xdb, 0x4d, 0x4f]),
    (30, "mining", [0x9c, 0x00, 0x27]),
    (33, "river, lake and ocean", [0x25, 0x32, 0xe4]),
    (39, "soybean", [0xf5, 0xb3, 0xc8]),
    (41, "other temporary crops", [0xf5, 0x4c, 0xa9]),
];

/// What grows or stands on a piece of land.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cover {
    Forest,
    /// Secondary forest of ten to twenty years on land once cleared.
    Regrowth,
    /// Forest felled and burnt in the first months of the year, then pasture.
    Felled,
    Flooded,
    Savanna,
    Grassland,
    Wetland,
    Pasture,
    Soy,
    /// Cotton, first-season maize, beans.
    Crop,
    Plantation,
    Roof,
    Street,
    Yard,
    Mine,
    Pond,
    Sand,
    /// Unpaved.
    Road,
    Water,
}

impl Cover {
    /// Code of the class.
    pub(crate) const fn class(self) -> u8 {
        match self {
            Self::Forest | Self::Regrowth => 3,
            Self::Savanna => 4,
            Self::Flooded => 6,
            Self::Plantation => 9,
            Self::Wetland => 11,
            Self::Grassland => 12,
            Self::Pasture | Self::Felled => 15,
            Self::Roof | Self::Street | Self::Yard => 24,
            Self::Sand | Self::Road => 25,
            Self::Mine | Self::Pond => 30,
            Self::Water => 33,
            Self::Soy => 39,
            Self::Crop => 41,
        }
    }

    /// Share of the ground under trees and shrubs: mean, and deviation from pixel to pixel.
    pub(crate) const fn woody(self) -> (f32, f32) {
        match self {
            Self::Forest | Self::Felled => (0.97, 0.03),
            Self::Regrowth => (0.82, 0.14),
            Self::Flooded => (0.93, 0.06),
            Self::Plantation => (0.92, 0.06),
            Self::Savanna => (0.42, 0.22),
            Self::Grassland => (0.10, 0.09),
            Self::Wetland => (0.12, 0.12),
            Self::Pasture => (0.04, 0.07),
            Self::Yard => (0.45, 0.25),
            Self::Road => (0.15, 0.12),
            Self::Mine => (0.14, 0.16),
            Self::Street | Self::Sand => (0.04, 0.05),
            Self::Soy | Self::Crop | Self::Roof | Self::Pond | Self::Water => (0.0, 0.0),
        }
    }
}

/// What the parcels of other temporary crops grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CropKind {
    Cotton,
    Maize,
    Beans,
}

/// A piece of land of one kind, with traits of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit {
    pub(crate) cover: Cover,
    /// Identity, from which the traits follow.
    pub(crate) key: u64,
    /// Factor on its reflectance in all bands, in the near infrared, and in the short-wave infrared.
    pub(crate) bright: f32,
    pub(crate) near: f32,
    pub(crate) short: f32,
    /// Days by which its season is late.
    pub(crate) late: f32,
}

impl Unit {
    pub(crate) fn new(seed: u64, cover: Cover, key: u64) -> Self {
        let key = mix(key ^ seed);
        let spread = |n: u64, width: f32| 1.0 + width * (uniform(mix(key ^ n)) - 0.5);
        Self {
            cover,
            key,
            bright: spread(1, 0.24),
            near: spread(2, 0.20),
            short: spread(3, 0.24),
            late: 24.0 * (uniform(mix(key ^ 4)) - 0.5),
        }
    }

    /// A number of its own in [0, 1).
    pub(crate) fn pick(&self, number: u64) -> f32 {
        uniform(mix(self.key ^ (number + 16)))
    }

    /// What a parcel of other crops grows.
    pub(crate) fn crop(&self) -> CropKind {
        match (self.pick(0) * 100.0) as u32 {
            0..45 => CropKind::Cotton,
            45..75 => CropKind::Maize,
            _ => CropKind::Beans,
        }
    }

    /// Day of the year of agriculture (from 1 August) on which the forest of a [`Cover::Felled`] lot falls.
    pub(crate) fn felling(&self) -> f32 {
        5.0 + 65.0 * self.pick(1)
    }

    /// Shrubs that have come into a pasture, on top of [`Cover::woody`].
    pub(crate) fn shrubs(&self) -> f32 {
        let share = self.pick(2);
        if self.cover == Cover::Pasture { if share < 0.25 { 0.22 } else { 0.10 * share } } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_cover_and_every_cover_a_class() {
        use Cover::*;
        let all = [
            Forest, Regrowth, Felled, Flooded, Savanna, Grassland, Wetland, Pasture, Soy, Crop, Plantation,
            Roof, Street, Yard, Mine, Pond, Sand, Road, Water,
        ];
        for (code, name, _) in CLASSES {
            assert!(all.iter().any(|cover| cover.class() == code), "{name}");
        }
        assert!(all.iter().all(|cover| CLASSES.iter().any(|(code, ..)| *code == cover.class())));
    }
}
