//! Pieces of land as people divide it: plots of towns and parcels of fields.

use super::cover::Cover;
use crate::noise::{hash, mix, uniform};

/// What a pixel is a piece of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Piece {
    pub(crate) cover: Cover,
    /// Tells it from others of the same cover.
    pub(crate) key: u64,
    /// Height above the valley's floor in hundreds of metres.
    pub(crate) hundreds: u8,
    /// Number of the change that made it, plus one; 0 for none.
    pub(crate) change: u16,
}

/// Streets every 90 m, and between them plots of 20 m with houses or gardens.
pub(crate) fn town_piece(seed: u64, u: f32, v: f32) -> (Cover, u64) {
    let street = |w: f32| w - (w / 90.0).floor() * 90.0 < 11.0;
    if street(u) || street(v) {
        return (Cover::Street, 1);
    }
    let plot = hash(seed, (u / 20.0).floor() as i32, (v / 20.0).floor() as i32);
    // The key keeps to few units: a roof is one of 64 kinds.
    (if uniform(plot) < 0.52 { Cover::Roof } else { Cover::Garden }, plot % 64)
}

/// A parcel of a district: as its neighbours are in two cases of three.
pub(crate) fn parcel(district: u64, u: f32, v: f32) -> (Cover, u64) {
    let (width, length) = (60.0 + 60.0 * uniform(mix(district)), 170.0 + 190.0 * uniform(mix(district ^ 1)));
    let key = hash(district, (u / width).floor() as i32, (v / length).floor() as i32);
    let luck = if uniform(mix(key ^ 1)) < 0.66 { uniform(mix(district ^ 2)) } else { uniform(mix(key ^ 2)) };
    let cover = match (luck * 100.0) as u32 {
        0..34 => Cover::Field,
        34..50 => Cover::Orchard,
        50..60 => Cover::Vineyard,
        _ => Cover::Meadow,
    };
    (cover, key)
}
