//! Which lots are cleared, and what for.

use super::cover::Cover;
use super::network::Station;
use crate::noise::{Purpose, fractal, hash, mix, quantile, seed_for, uniform};
use std::collections::BTreeMap;

/// Cleared land as a share of the area.
const CLEARED: f32 = 0.42;
/// Uses of the cleared land as shares of the area; the rest is pasture.
const USES: [(Cover, f32); 5] = [
    (Cover::Soy, 0.110),
    (Cover::Crop, 0.042),
    (Cover::Plantation, 0.024),
    (Cover::Regrowth, 0.045),
    (Cover::Felled, 0.022),
];
/// Share of the area where large farms hold the land.
const FARMS: f32 = 0.40;

/// A lot of a settler, or a field of a large farm.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Lot {
    farm: bool,
    id: (i32, i32),
}

/// The use of a pixel's lot and the lot's key; nothing where the land is not cleared.
pub(crate) type Use = Option<(Cover, u64)>;

struct Claim {
    pixels: usize,
    away: f32,
    place: (f32, f32),
}

/// Clears lots of an area of `size` pixels a side, those near the main road first, where `clearable` allows it.
pub(crate) fn clear(seed: u64, size: usize, stations: &[Station], clearable: &[bool]) -> Vec<Use> {
    let seed = seed_for(seed, Purpose::Lots);
    let owner = |at: &Station| fractal(seed, at.along / 2300.0, at.away / 2300.0, 3, 0.5);
    let large = quantile(stations.iter().map(owner).collect(), 1.0 - FARMS);
    let lot_of = |at: &Station| {
        // A field belongs whole to the one who owns its middle.
        let middle = Station {
            along: (at.field.0 as f32 + 0.5) * super::network::FIELD.0,
            away: (at.field.1 as f32 + 0.5) * super::network::FIELD.1,
            ..*at
        };
        if owner(&middle) > large {
            return Some(Lot { farm: true, id: at.field });
        }
        let lot = Lot { farm: false, id: at.lot };
        (at.reached && at.depth < front(seed, lot)).then_some(lot)
    };
    let lots: Vec<Option<Lot>> =
        stations.iter().zip(clearable).map(|(at, may)| lot_of(at).filter(|_| *may)).collect();
    let mut claims = BTreeMap::new();
    for (i, (lot, at)) in lots.iter().zip(stations).enumerate() {
        if let Some(lot) = lot {
            let claim = claims.entry(*lot).or_insert(Claim { pixels: 0, away: 0.0, place: (0.0, 0.0) });
            claim.pixels += 1;
            claim.away += at.away.abs();
            claim.place = ((i % size) as f32 * 10.0, (i / size) as f32 * 10.0);
        }
    }
    let uses = decide(seed, size * size, &claims);
    lots.iter().map(|lot| lot.and_then(|lot| uses.get(&lot).map(|cover| (*cover, key(seed, lot))))).collect()
}

/// How far from the rib a lot is cleared, as a share of its depth.
fn front(seed: u64, lot: Lot) -> f32 {
    0.30 + 0.85 * uniform(mix(key(seed, lot)))
}

fn key(seed: u64, lot: Lot) -> u64 {
    hash(seed ^ u64::from(lot.farm), lot.id.0, lot.id.1)
}

fn decide(seed: u64, area: usize, claims: &BTreeMap<Lot, Claim>) -> BTreeMap<Lot, Cover> {
    let urge = |lot: &Lot, claim: &Claim| {
        let away = claim.away / claim.pixels as f32;
        let pull = fractal(seed ^ 3, claim.place.0 / 900.0, claim.place.1 / 900.0, 2, 0.5);
        let farm = if lot.farm { 0.9 } else { 0.0 };
        farm + 0.5 * pull + 1.4 * uniform(mix(key(seed, *lot) ^ 1)) - away / 1400.0
    };
    let mut order: Vec<(f32, Lot, usize)> =
        claims.iter().map(|(lot, claim)| (urge(lot, claim), *lot, claim.pixels)).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut left = CLEARED * area as f32;
    order.retain(|(_, _, pixels)| {
        let take = left > 0.5 * *pixels as f32;
        left -= if take { *pixels as f32 } else { 0.0 };
        take
    });
    let mut uses: BTreeMap<Lot, Cover> = order.iter().map(|(_, lot, _)| (*lot, Cover::Pasture)).collect();
    for (cover, share) in USES {
        // Crops and plantations want large fields; forest comes back, and falls, on the settlers' lots.
        let large = matches!(cover, Cover::Soy | Cover::Crop | Cover::Plantation);
        let wish = |lot: &Lot| {
            uniform(mix(key(seed, *lot) ^ (cover as u64 + 7))) + if lot.farm == large { 1.0 } else { 0.0 }
        };
        order.sort_by(|a, b| wish(&b.1).total_cmp(&wish(&a.1)).then(a.1.cmp(&b.1)));
        let mut left = share * area as f32;
        for (_, lot, pixels) in &order {
            let part = *pixels as f32;
            if uses.get(lot) == Some(&Cover::Pasture) && left > 0.5 * part {
                uses.insert(*lot, cover);
                left -= part;
            }
        }
    }
    uses
}
