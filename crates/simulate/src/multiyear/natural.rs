//! What the heights and the river make of the land: forest belts, alpine grass and shrubs, rock, and the river's bars.

use super::cover::Cover;
use super::relief::{FLOOR, Relief};
use crate::noise::{NearestPoint, Purpose, field, fractal, hash, mix, quantile, seed_for, uniform, voronoi};

/// Where the belts of the slopes end, as shares of the slopes' area from below: broadleaves, conifers, grass and shrubs.
const BELTS: [f32; 3] = [0.36, 0.735, 0.960];
/// Shares of the whole area: lakes, bars, screes, quarries, walls of rock in the forest belts.
const LAKE: f32 = 0.011;
const BARS: f32 = 0.009;
const SCREE: f32 = 0.011;
const QUARRY: f32 = 0.005;
const WALLS: f32 = 0.006;
/// Share of the land above the trees that shrubs cover, and share of the forest belts that is cleared for meadows, and
/// of these the share that shrubs have taken back.
const SHRUBS: f32 = 0.50;
const CLEARED: (f32, f32) = (0.085, 0.40);
/// Side of a stand, in metres.
pub(crate) const STAND: f32 = 210.0;

/// What nature has put on a pixel of 10 m, or that people may use it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nature {
    /// The valley's floor.
    Floor,
    /// A clearing on the slopes.
    Open,
    Is(Cover),
}

/// Nature at each pixel of 10 m, and how high it lies.
pub(crate) struct Natural {
    pub(crate) nature: Vec<Nature>,
    /// Metres above the sea.
    pub(crate) height: Vec<f32>,
    /// Metres to the river, negative in it.
    pub(crate) bank: Vec<f32>,
}

/// Fields over the area, row-major, from which the belts are cut.
struct Fields {
    off_floor: Vec<f32>,
    bank: Vec<f32>,
    /// Height as plants feel it: in metres, uneven by stands.
    belt: Vec<f32>,
    /// How alike a place is to the shrubs' places, likewise.
    bushy: Vec<f32>,
    lake: Vec<f32>,
    bars: Vec<f32>,
    stony: Vec<f32>,
    open: Vec<f32>,
    dug: Vec<f32>,
}

impl Natural {
    pub(crate) fn new(seed: u64, size: usize, relief: &Relief) -> Self {
        let at = |r: usize, c: usize| (c as f32 * 10.0 + 5.0, r as f32 * 10.0 + 5.0);
        let height = field(size, size, |r, c| relief.height(at(r, c).0, at(r, c).1));
        let fields = Fields::new(seed, size, relief, &height);
        let nature = fields.belts();
        Self { nature, height, bank: fields.bank }
    }
}

/// The key of the Voronoi cell of about `metres` that a place lies in, its borders bent by noise.
pub(crate) fn community(seed: u64, x: f32, y: f32, metres: f32) -> u64 {
    let bend = |n: u64| 0.2 * metres * fractal(mix(seed ^ n), x / metres, y / metres, 3, 0.5);
    let NearestPoint { cell, .. } = voronoi(seed ^ 6, (x + bend(4)) / metres, (y + bend(5)) / metres);
    hash(seed, cell.0, cell.1)
}

impl Fields {
    fn new(seed: u64, size: usize, relief: &Relief, height: &[f32]) -> Self {
        let seed = seed_for(seed, Purpose::Cover);
        let at = |r: usize, c: usize| (c as f32 * 10.0 + 5.0, r as f32 * 10.0 + 5.0);
        let noise = |n: u64, metres: f32, octaves: u32| {
            let seed = mix(seed ^ n);
            field(size, size, |r, c| fractal(seed, at(r, c).0 / metres, at(r, c).1 / metres, octaves, 0.55))
        };
        let stand = field(size, size, |r, c| {
            let key = community(seed, at(r, c).0, at(r, c).1, STAND);
            (uniform(mix(key ^ 1)) * 2.0 - 1.0, uniform(mix(key ^ 2)) * 2.0 - 1.0)
        });
        let range = height.iter().copied().fold(0.0, f32::max) - FLOOR;
        let (wide, bushes) = (noise(1, 900.0, 4), noise(2, 380.0, 4));
        let belt = (0..size * size)
            .map(|i| height[i] + range * (0.055 * wide[i].clamp(-2.0, 2.0) + 0.065 * stand[i].0))
            .collect();
        let bushy = (0..size * size).map(|i| bushes[i] + 0.6 * stand[i].1).collect();
        Self {
            off_floor: field(size, size, |r, c| relief.off_floor(at(r, c).0, at(r, c).1)),
            bank: field(size, size, |r, c| relief.bank(at(r, c).0, at(r, c).1)),
            belt,
            bushy,
            lake: noise(3, 420.0, 3),
            bars: noise(4, 260.0, 3),
            stony: noise(5, 330.0, 3),
            open: noise(6, 430.0, 4),
            dug: noise(7, 330.0, 3),
        }
    }

    /// Cuts the fields at the values that give every cover its share.
    fn belts(&self) -> Vec<Nature> {
        let all = self.belt.len();
        let within = |values: &[f32], test: &dyn Fn(usize) -> bool, share: f32| {
            quantile((0..all).filter(|i| test(*i)).map(|i| values[i]).collect(), share)
        };
        let slope = |i: usize| self.off_floor[i] > 0.0;
        let [leafy, dark, green] = BELTS.map(|share| within(&self.belt, &slope, share));
        let lake: Vec<f32> =
            (0..all).map(|i| if self.off_floor[i] < -60.0 { self.lake[i] } else { f32::MIN }).collect();
        let beach: Vec<f32> = (0..all)
            .map(|i| if self.bank[i] > 0.0 { self.bank[i] - 60.0 * self.bars[i] } else { f32::MAX })
            .collect();
        // Screes lie among the rocks and at their foot, quarries near the valley.
        let span = green - dark;
        let scree: Vec<f32> = (0..all)
            .map(|i| {
                if slope(i) {
                    self.stony[i] - 2.2 * ((self.belt[i] - green) / span - 0.12).abs()
                } else {
                    f32::MIN
                }
            })
            .collect();
        let quarry: Vec<f32> = (0..all)
            .map(|i| if slope(i) { self.dug[i] - self.off_floor[i] / 220.0 } else { f32::MIN })
            .collect();
        let wall: Vec<f32> = (0..all)
            .map(|i| if slope(i) && self.belt[i] < dark { self.stony[i] } else { f32::MAX })
            .collect();
        let share = |values: &[f32], share: f32| quantile(values.to_vec(), share);
        let (lakes, bars) = (share(&lake, 1.0 - LAKE), share(&beach, BARS));
        let walls = share(&wall, WALLS);
        let (screes, quarries) = (share(&scree, 1.0 - SCREE), share(&quarry, 1.0 - QUARRY));
        let open = within(&self.open, &|i| slope(i) && self.belt[i] < dark, 1.0 - CLEARED.0);
        let back =
            within(&self.bushy, &|i| slope(i) && self.belt[i] < dark && self.open[i] > open, 1.0 - CLEARED.1);
        let bushes = within(&self.bushy, &|i| slope(i) && self.belt[i] >= dark, 1.0 - SHRUBS);
        let nature = |i: usize| match () {
            () if self.bank[i] <= 0.0 || lake[i] > lakes => Nature::Is(Cover::Water),
            () if beach[i] < bars => Nature::Is(Cover::Bar),
            () if !slope(i) => Nature::Floor,
            () if quarry[i] > quarries => Nature::Is(Cover::Quarry),
            () if scree[i] > screes => Nature::Is(Cover::Scree),
            () if self.belt[i] > green || wall[i] < walls => Nature::Is(Cover::Rock),
            () if self.belt[i] >= dark && self.bushy[i] > bushes => Nature::Is(Cover::Shrub),
            () if self.belt[i] >= dark => Nature::Is(Cover::Pasture),
            () if self.open[i] > open && self.bushy[i] > back => Nature::Is(Cover::Shrub),
            () if self.open[i] > open => Nature::Open,
            () if self.belt[i] < leafy => Nature::Is(Cover::Broadleaf),
            () => Nature::Is(Cover::Conifer),
        };
        (0..all).map(nature).collect()
    }
}
