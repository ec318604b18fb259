//! What covers the ground of an alpine valley, and the class that each cover belongs to.

use crate::noise::{mix, uniform};

/// Codes, names and colours of the classes: those of table 1 of the multi-year study of Trentino.
pub(crate) const CLASSES: [(u8, &str, [u8; 3]); 10] = [
    (1, "artificial", [0xd4, 0x27, 0x1e]),
    (2, "grass", [0xb5, 0xd9, 0x5f]),
    (3, "crops", [0xf2, 0xc8, 0x4b]),
    (4, "mineral", [0x9a, 0x6a, 0x4c]),
    (5, "rocks", [0x8d, 0x8d, 0x93]),
    (6, "sand", [0xf4, 0xe9, 0xc4]),
    (7, "broadleaves", [0x4f, 0xa8, 0x3d]),
    (8, "conifers", [0x16, 0x5b, 0x33]),
    (9, "shrubland", [0xa8, 0x84, 0x3a]),
    (10, "water", [0x2f, 0x7f, 0xc4]),
];

/// What grows or stands on a piece of land.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cover {
    Roof,
    Street,
    Garden,
    /// Meadow of the valley and of the clearings, cut for hay.
    Meadow,
    /// Grass above the forest.
    Pasture,
    /// Felled or thrown forest: herbs come within two summers.
    Clearing,
    /// Field that changes its crop from year to year.
    Field,
    /// Apple trees over grass.
    Orchard,
    Vineyard,
    /// Loose stones below the rocks.
    Scree,
    Quarry,
    Rock,
    /// Bar of sand and gravel by the river.
    Bar,
    Broadleaf,
    Conifer,
    Shrub,
    /// Shrubs and young trees on felled land.
    Young,
    Water,
}

impl Cover {
    /// Code of the class.
    pub(crate) const fn class(self) -> u8 {
        match self {
            Self::Roof | Self::Street | Self::Garden => 1,
            Self::Meadow | Self::Pasture | Self::Clearing => 2,
            Self::Field | Self::Orchard | Self::Vineyard => 3,
            Self::Scree | Self::Quarry => 4,
            Self::Rock => 5,
            Self::Bar => 6,
            Self::Broadleaf => 7,
            Self::Conifer => 8,
            Self::Shrub | Self::Young => 9,
            Self::Water => 10,
        }
    }

    /// Share of a pixel that its taller plants cover: mean, deviation from piece to piece and from pixel to pixel.
    pub(crate) const fn plants(self) -> (f32, f32, f32) {
        match self {
            Self::Roof => (0.12, 0.08, 0.13),
            Self::Street => (0.10, 0.06, 0.11),
            Self::Garden => (0.30, 0.12, 0.20),
            Self::Meadow => (0.09, 0.07, 0.12),
            Self::Pasture => (0.19, 0.11, 0.15),
            Self::Clearing => (0.12, 0.06, 0.10),
            Self::Field => (0.05, 0.03, 0.07),
            Self::Orchard => (0.50, 0.12, 0.12),
            Self::Vineyard => (0.42, 0.10, 0.10),
            Self::Scree => (0.20, 0.10, 0.18),
            Self::Quarry => (0.13, 0.08, 0.14),
            Self::Rock => (0.20, 0.10, 0.18),
            Self::Bar => (0.18, 0.10, 0.18),
            Self::Broadleaf | Self::Conifer => (0.91, 0.05, 0.08),
            Self::Shrub => (0.58, 0.13, 0.20),
            Self::Young => (0.55, 0.12, 0.18),
            Self::Water => (0.0, 0.0, 0.0),
        }
    }
}

/// A piece of land of one kind, with traits of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit {
    pub(crate) cover: Cover,
    /// Identity, from which the traits follow.
    pub(crate) key: u64,
    /// Day of the series on which it became what it is; long ago for most.
    pub(crate) born: f32,
    /// Days by which its season is late: its own, and its height's.
    pub(crate) late: f32,
    /// Factor on its reflectance in all bands, in the near infrared, and in the short-wave infrared.
    pub(crate) tint: [f32; 3],
    /// Share of taller plants, before the pixels differ.
    pub(crate) plants: f32,
}

/// Days by which spring is later for 100 m of height (Hopkins' law has 3 to 4; leaves in the Alps about 2.5).
const LATE_PER_100_M: f32 = 2.5;

impl Unit {
    /// A piece at a height above the valley's floor in hundreds of metres.
    pub(crate) fn new(seed: u64, cover: Cover, key: u64, hundreds: u8, born: f32) -> Self {
        let key = mix(key ^ seed);
        let even = |n: u64| uniform(mix(key ^ n)) * 2.0 - 1.0;
        let (mean, deviation, _) = cover.plants();
        Self {
            cover,
            key,
            born,
            late: 8.0 * even(1) + LATE_PER_100_M * f32::from(hundreds),
            tint: [1.0 + 0.15 * even(2), 1.0 + 0.12 * even(3), 1.0 + 0.14 * even(4)],
            plants: mean + 1.7 * deviation * even(5),
        }
    }

    /// A number of its own in [0, 1).
    pub(crate) fn pick(&self, number: u64) -> f32 {
        uniform(mix(self.key ^ (number + 16)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_cover_and_every_cover_a_class() {
        use Cover::*;
        let all = [
            Roof, Street, Garden, Meadow, Pasture, Clearing, Field, Orchard, Vineyard, Scree, Quarry, Rock,
            Bar, Broadleaf, Conifer, Shrub, Young, Water,
        ];
        for (code, name, _) in CLASSES {
            assert!(all.iter().any(|cover| cover.class() == code), "{name}");
        }
        assert!(all.iter().all(|cover| CLASSES.iter().any(|(code, ..)| *code == cover.class())));
    }
}
