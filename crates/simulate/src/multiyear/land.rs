//! The land of every year: what people made of it before the series, and what changes.

use super::changes::{Change, Changes};
use super::cover::{Cover, Unit};
use super::natural::{Natural, Nature, STAND, community};
use super::piece::{Piece, parcel, town_piece};
use super::relief::{FLOOR, Relief};
use crate::noise::{Purpose, field, fractal, hash, quantile, seed_for, uniform, voronoi};
use crate::pieces::collect;

/// Towns and their industry as a share of the area.
const TOWN: f32 = 0.046;
/// Half the width of the valley's road in metres, and where it runs, from the axis.
const ROAD: (f32, f32) = (8.0, 260.0);
/// Mean side of a district in metres: its parcels share one direction, and mostly one use.
const DISTRICT: f32 = 620.0;
/// Before any series.
const LONG_AGO: f32 = -9999.0;

/// The pieces of land, and which one each pixel of 10 m belongs to, before and after its change.
pub(crate) struct Land {
    pub(crate) units: Vec<Unit>,
    /// Unit in the year of the old map.
    before: Vec<u32>,
    /// Unit after the change; the same where there is none.
    after: Vec<u32>,
    /// Number of the change plus one, 0 for none.
    change: Vec<u16>,
    changes: Vec<Change>,
}

impl Land {
    /// The land and its changes up to the last of `years`.
    pub(crate) fn new(seed: u64, size: usize, years: u32, relief: &Relief) -> Self {
        let natural = Natural::new(seed, size, relief);
        let painter = Painter::new(seed, size, relief, &natural);
        let mut pieces: Vec<Piece> = field(size, size, |r, c| painter.paint(r * size + c));
        let Changes { list: changes, at: change } = Changes::new(seed, size, years, &pieces);
        let changed = |i: usize| match changes.get(usize::from(change[i]).wrapping_sub(1)) {
            Some(made) => Piece { change: change[i], ..made.apply(seed, i % size, i / size, pieces[i]) },
            None => pieces[i],
        };
        let after: Vec<Piece> = (0..size * size).map(changed).collect();
        pieces.extend(after);
        let (units, mut before) = collect(&pieces, |Piece { cover, key, hundreds, change }| {
            let born = changes.get(usize::from(change).wrapping_sub(1)).map_or(LONG_AGO, |made| made.day);
            Unit::new(seed, cover, key, hundreds, born)
        });
        let after = before.split_off(size * size);
        Self { units, before, after, change, changes }
    }

    /// Number of the unit of a pixel on a day of the series.
    pub(crate) fn on_day(&self, pixel: usize, day: f32) -> usize {
        let done = self.changed(pixel).is_some_and(|change| change.day <= day);
        (if done { self.after[pixel] } else { self.before[pixel] }) as usize
    }

    /// Cover of a pixel in the summer of a year, counted from the first.
    pub(crate) fn in_year(&self, pixel: usize, year: i32) -> Cover {
        let done = self.changed(pixel).is_some_and(|change| change.year <= year);
        self.units[(if done { self.after[pixel] } else { self.before[pixel] }) as usize].cover
    }

    /// The unit of a pixel in the year of the old map.
    pub(crate) fn of_old(&self, pixel: usize) -> &Unit {
        &self.units[self.before[pixel] as usize]
    }

    fn changed(&self, pixel: usize) -> Option<&Change> {
        self.changes.get(usize::from(self.change[pixel]).wrapping_sub(1))
    }
}

struct Painter<'a> {
    seed: u64,
    size: usize,
    relief: &'a Relief,
    natural: &'a Natural,
    town: Vec<f32>,
    /// Score below which the towns lie.
    limit: f32,
}

impl<'a> Painter<'a> {
    fn new(seed: u64, size: usize, relief: &'a Relief, natural: &'a Natural) -> Self {
        let own = seed_for(seed, Purpose::Towns);
        let reach = 900.0_f32.min(size as f32 * 2.5);
        let town = field(size, size, |r, c| {
            let i = r * size + c;
            let (x, y) = (c as f32 * 10.0, r as f32 * 10.0);
            if natural.nature[i] != Nature::Floor || natural.bank[i] < 45.0 {
                return f32::MAX;
            }
            // Towns keep off the middle of the floor, where the river floods.
            let dry = relief.along_across(x, y).1.abs() / reach;
            -fractal(own, x / reach, y / reach, 4, 0.5) - 0.9 * dry
        });
        let limit = quantile(town.clone(), TOWN);
        Self { seed: own, size, relief, natural, town, limit }
    }

    /// What a pixel is a piece of in the year of the old map.
    fn paint(&self, i: usize) -> Piece {
        let (x, y) = ((i % self.size) as f32 * 10.0 + 5.0, (i / self.size) as f32 * 10.0 + 5.0);
        let hundreds = ((self.natural.height[i] - FLOOR) / 100.0).clamp(0.0, 40.0) as u8;
        let (cover, key) = match self.natural.nature[i] {
            Nature::Is(Cover::Water) => (Cover::Water, 1),
            Nature::Is(cover) => {
                let metres =
                    if matches!(cover, Cover::Bar | Cover::Scree | Cover::Rock) { 120.0 } else { STAND };
                (cover, community(self.seed, x, y, metres))
            }
            Nature::Open => (Cover::Meadow, community(self.seed, x, y, 120.0)),
            Nature::Floor => self.floor(i, x, y),
        };
        Piece { cover, key, hundreds, change: 0 }
    }

    fn floor(&self, i: usize, x: f32, y: f32) -> (Cover, u64) {
        let (_, across) = self.relief.along_across(x, y);
        let home = voronoi(self.seed, x / DISTRICT, y / DISTRICT).cell;
        let traits = hash(self.seed, home.0, home.1);
        let angle = uniform(traits) * std::f32::consts::PI;
        let (sin, cos) = (libm::sinf(angle), libm::cosf(angle));
        let (u, v) = (x * cos + y * sin, y * cos - x * sin);
        if self.town[i] < self.limit {
            town_piece(self.seed, u, v)
        } else if (across - ROAD.1).abs() < ROAD.0 {
            (Cover::Street, 1)
        } else {
            parcel(traits, u, v)
        }
    }
}
