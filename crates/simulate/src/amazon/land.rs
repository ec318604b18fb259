//! The land as people have left it: natural cover, lots, the main road, a town, and gold mines by the river.

use super::cover::{Cover, Unit};
use super::lots::clear;
use super::natural::Natural;
use super::network::{Network, Station};
use super::water::Drainage;
use crate::noise::{NearestPoint, Purpose, field, fractal, hash, mix, quantile, seed_for, uniform, voronoi};
use crate::pieces::collect;

/// Town and mines as shares of the area.
const TOWN: f32 = 0.017;
const MINES: f32 = 0.013;
/// Side of a piece of natural land whose plants are alike, in metres.
const COMMUNITY: f32 = 420.0;
/// Half the width of the main road in metres.
const MAIN_ROAD: f32 = 8.0;
/// Half the width of a rib in metres, and the share of its pixels that is bare soil.
const RIB: (f32, f32) = (5.5, 0.5);

/// The pieces of land, and which one each pixel of 10 m belongs to.
pub(crate) struct Land {
    pub(crate) units: Vec<Unit>,
    pub(crate) unit: Vec<u32>,
    /// Share of bare soil in a pixel that its cover does not tell of: the ribs; 255 for all.
    pub(crate) soil: Vec<u8>,
}

struct Painter<'a> {
    seed: u64,
    natural: &'a Natural,
    stations: &'a [Station],
    uses: &'a [super::lots::Use],
    town: Vec<f32>,
    mines: Vec<f32>,
    ponds: Vec<f32>,
    /// Scores below which town and mines lie.
    limits: (f32, f32),
}

impl Land {
    pub(crate) fn new(seed: u64, size: usize) -> Self {
        let side = size as f32 * 10.0;
        let at = |r: usize, c: usize| (c as f32 * 10.0 + 5.0, r as f32 * 10.0 + 5.0);
        let drainage = Drainage::new(seed, side);
        let network = Network::new(seed, side, drainage.angle());
        let natural = Natural::new(seed, size, &drainage);
        let stations = field(size, size, |r, c| network.at(at(r, c).0, at(r, c).1));
        let clearable: Vec<bool> = natural
            .cover
            .iter()
            .map(|cover| matches!(cover, Cover::Forest | Cover::Savanna | Cover::Grassland))
            .collect();
        let uses = clear(seed, size, &stations, &clearable);
        let painter = Painter::new(seed, size, &natural, &stations, &uses);
        let keys: Vec<(Cover, u64)> = field(size, size, |r, c| painter.paint(r * size + c, at(r, c)));
        let (units, unit) = collect(&keys, |(cover, key)| Unit::new(seed, cover, key));
        let soil = keys.iter().zip(&stations).map(|((cover, _), at)| soil(*cover, at)).collect();
        Self { units, unit, soil }
    }

    pub(crate) fn unit_at(&self, pixel: usize) -> &Unit {
        &self.units[self.unit[pixel] as usize]
    }
}

fn soil(cover: Cover, at: &Station) -> u8 {
    let land = !matches!(cover.class(), 6 | 11 | 24 | 25 | 30 | 33);
    if land && at.reached && at.rib < RIB.0 { (255.0 * RIB.1) as u8 } else { 0 }
}

impl<'a> Painter<'a> {
    fn new(
        seed: u64,
        size: usize,
        natural: &'a Natural,
        stations: &'a [Station],
        uses: &'a [super::lots::Use],
    ) -> Self {
        let own = seed_for(seed, Purpose::Towns);
        let place = |i: usize| ((i % size) as f32 * 10.0, (i / size) as f32 * 10.0);
        let side = size as f32 * 10.0;
        let centre = side * (uniform(mix(own)) - 0.5) * 0.5;
        let town: Vec<f32> = field(size, size, |r, c| {
            let (i, (x, y)) = (r * size + c, place(r * size + c));
            let (u, v) = (stations[i].along - centre, 1.4 * stations[i].away);
            let edge = 1.0 + 0.3 * fractal(own, x / 260.0, y / 260.0, 4, 0.55);
            if natural.bank[i] < 40.0 { f32::MAX } else { (u * u + v * v).sqrt() * edge.max(0.2) }
        });
        let mines: Vec<f32> = field(size, size, |r, c| {
            let (i, (x, y)) = (r * size + c, place(r * size + c));
            let blob = fractal(mix(own ^ 2), x / 330.0, y / 330.0, 4, 0.55);
            if natural.bank[i] <= 0.0 {
                f32::MAX
            } else {
                (natural.bank[i] - 110.0).abs() / 120.0 - 1.3 * blob
            }
        });
        let ponds = field(size, size, |r, c| {
            let (x, y) = place(r * size + c);
            fractal(mix(own ^ 3), x / 45.0, y / 45.0, 2, 0.5)
        });
        let limits = (quantile(town.clone(), TOWN), quantile(mines.clone(), MINES));
        Self { seed: own, natural, stations, uses, town, mines, ponds, limits }
    }

    /// What a pixel is a piece of.
    fn paint(&self, i: usize, (x, y): (f32, f32)) -> (Cover, u64) {
        let at = &self.stations[i];
        if self.town[i] < self.limits.0 {
            return self.town_piece(at);
        }
        if self.natural.cover[i] != Cover::Water && at.away.abs() < MAIN_ROAD {
            return (Cover::Road, 1);
        }
        if self.mines[i] < self.limits.1 {
            let cover = if self.ponds[i] > 0.7 { Cover::Pond } else { Cover::Mine };
            return (cover, self.community(x, y, 90.0));
        }
        match (self.natural.cover[i], self.uses[i]) {
            (_, Some((Cover::Pasture, lot))) => {
                let paddock = ((at.along / 150.0).floor() as i32, (at.away / 170.0).floor() as i32);
                (Cover::Pasture, hash(lot, paddock.0, paddock.1))
            }
            (_, Some((cover, lot))) => (cover, lot),
            (Cover::Water, None) => (Cover::Water, 1),
            (cover, None) => (cover, self.community(x, y, COMMUNITY)),
        }
    }

    /// The key of the Voronoi cell of about `metres` that a place lies in, its borders bent by noise.
    fn community(&self, x: f32, y: f32, metres: f32) -> u64 {
        let bend = |n: u64| 0.2 * metres * fractal(mix(self.seed ^ n), x / metres, y / metres, 3, 0.5);
        let NearestPoint { cell, .. } =
            voronoi(self.seed ^ 6, (x + bend(4)) / metres, (y + bend(5)) / metres);
        hash(self.seed, cell.0, cell.1)
    }

    /// Streets every 90 m along and across the main road, and between them plots of 20 m.
    fn town_piece(&self, at: &Station) -> (Cover, u64) {
        let street = |w: f32| w - (w / 90.0).floor() * 90.0 < 11.0;
        if street(at.along) || street(at.away) || at.away.abs() < MAIN_ROAD {
            return (Cover::Street, 1);
        }
        let plot = hash(self.seed, (at.along / 20.0).floor() as i32, (at.away / 20.0).floor() as i32);
        // The key keeps to few units: a roof is one of 64 kinds.
        (if uniform(plot) < 0.55 { Cover::Roof } else { Cover::Yard }, plot % 64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amazon::cover::CLASSES;

    #[test]
    fn classes_take_their_shares() {
        // Forest, savanna, floodable forest, plantation, wetland, grassland, pasture, urban, bare, mining, water, soy, other crops.
        let ranges = [
            (0.30, 0.58),
            (0.03, 0.11),
            (0.025, 0.07),
            (0.010, 0.035),
            (0.012, 0.04),
            (0.015, 0.07),
            (0.10, 0.28),
            (0.012, 0.022),
            (0.005, 0.020),
            (0.006, 0.017),
            (0.012, 0.065),
            (0.05, 0.14),
            (0.02, 0.06),
        ];
        for seed in 1..=4 {
            let land = Land::new(seed, 512);
            for ((code, name, _), (low, high)) in CLASSES.into_iter().zip(ranges) {
                let count = (0..land.unit.len()).filter(|i| land.unit_at(*i).cover.class() == code).count();
                let share = count as f32 / land.unit.len() as f32;
                assert!((low..high).contains(&share), "seed {seed} {name}: {share}");
            }
        }
    }
}
