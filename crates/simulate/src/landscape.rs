//! What covers the ground before anything happens to it: stands, parcels, meadows, settlements, roads and water.

use crate::noise::{NearestPoint, Purpose, field, fractal, hash, mix, quantile, seed_for, uniform, voronoi};
use crate::pieces::collect;
use std::collections::BTreeMap;

/// Mean side of a forest stand or a patch of other land, in metres.
const CELL_METRES: f32 = 240.0;
/// Mean side of a district: its fields share one direction, and roads run between districts.
const DISTRICT_METRES: f32 = 900.0;

/// How people use the land.
#[derive(Clone, Copy)]
pub(crate) struct LandUse {
    /// Forest and all that was forest lately, as a share of the land.
    pub(crate) forest: f32,
    /// Whether settlements lie in it, and roads between the districts.
    pub(crate) settled: bool,
}

/// What grows or stands on a unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cover {
    /// Trees; share of conifers 0 to 1, and thinness of the canopy 0 to 1.
    Forest {
        conifer: f32,
        thin: f32,
    },
    Crop,
    Meadow,
    Shrub,
    /// Rows of trees over grass.
    Orchard,
    Built,
    Road,
    /// Turbidity 0 to 1.
    Water(f32),
}

/// A piece of land of one kind: a stand, a parcel, a lake.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit {
    pub(crate) cover: Cover,
    /// Identity, from which its own random traits follow.
    pub(crate) key: u64,
    /// Days by which its season is late.
    pub(crate) shift: f32,
    /// Factor on its reflectance.
    pub(crate) bright: f32,
}

impl Unit {
    pub(crate) fn is_forest(&self) -> bool {
        matches!(self.cover, Cover::Forest { .. })
    }

    pub(crate) fn conifer(&self) -> f32 {
        if let Cover::Forest { conifer, .. } = self.cover { conifer } else { 0.0 }
    }
}

/// The units, and which one each pixel of 10 m belongs to.
pub(crate) struct Landscape {
    pub(crate) units: Vec<Unit>,
    pub(crate) unit: Vec<u32>,
}

/// A Voronoi cell while land use is decided.
struct Cell {
    pixels: usize,
    /// Centre in metres.
    at: (f32, f32),
    use_: CellUse,
    key: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum CellUse {
    Forest,
    Settlement,
    Orchard,
    Shrub,
    Meadow,
    Crop,
}

impl Landscape {
    pub(crate) fn new(seed: u64, size: usize, dem: &[f32], water: &[bool], land_use: LandUse) -> Self {
        let fine = size * 2;
        let at = |r: usize, c: usize| (c as f32 * 10.0 + 5.0, r as f32 * 10.0 + 5.0);
        let nearest: Vec<NearestPoint> = field(fine, fine, |r, c| cell_at(seed, at(r, c)));
        let cells = decide_use(seed, size, dem, water, &nearest, land_use);
        let district = seed_for(seed, Purpose::Parcels);
        let keys: Vec<(u64, Kind)> = field(fine, fine, |r, c| {
            let i = r * fine + c;
            if water[i] {
                return (mix(district ^ 1), Kind::Water);
            }
            let (x, y) = at(r, c);
            let home = voronoi(district, x / DISTRICT_METRES, y / DISTRICT_METRES);
            if land_use.settled && home.margin * DISTRICT_METRES < 9.0 {
                return (hash(district, home.cell.0, home.cell.1), Kind::Road);
            }
            cells.get(&nearest[i].cell).map_or((0, Kind::Crop), |cell| piece(cell, home, x, y))
        });
        let (units, unit) = collect(&keys, |key| make_unit(seed, key));
        Self { units, unit }
    }
}

/// What a pixel is a piece of; with its key it names a unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Water,
    Road,
    Built,
    Garden,
    Conifer,
    Mixed,
    Broadleaf,
    Orchard,
    Shrub,
    Meadow,
    Crop,
}

/// The cell of a place, its borders bent by noise.
fn cell_at(seed: u64, (x, y): (f32, f32)) -> NearestPoint {
    let warp = seed_for(seed, Purpose::Warp);
    let bend = |s: u64| 28.0 * fractal(s, x / 160.0, y / 160.0, 3, 0.5);
    let (x, y) = (x + bend(warp), y + bend(mix(warp)));
    voronoi(seed_for(seed, Purpose::Cells), x / CELL_METRES, y / CELL_METRES)
}

fn decide_use(
    seed: u64,
    size: usize,
    dem: &[f32],
    water: &[bool],
    nearest: &[NearestPoint],
    land_use: LandUse,
) -> BTreeMap<(i32, i32), Cell> {
    let traits = seed_for(seed, Purpose::CellTraits);
    let mut cells = BTreeMap::new();
    for (point, wet) in nearest.iter().zip(water) {
        let cell = cells.entry(point.cell).or_insert_with(|| Cell {
            pixels: 0,
            at: (point.at.0 * CELL_METRES, point.at.1 * CELL_METRES),
            use_: CellUse::Crop,
            key: hash(traits, point.cell.0, point.cell.1),
        });
        cell.pixels += usize::from(!wet);
    }
    let suit = seed_for(seed, Purpose::Suitability);
    let suitability = |cell: &Cell| {
        let (x, y) = cell.at;
        let index = |v: f32| ((v / 20.0).max(0.0) as usize).min(size - 1);
        let height = (dem[index(y) * size + index(x)] - 450.0) / 110.0;
        fractal(suit, x / 1700.0, y / 1700.0, 3, 0.5)
            + 0.5 * height.clamp(-1.5, 1.5)
            + 1.1 * (uniform(cell.key) - 0.5)
    };
    // Cells in order of suitability become forest until the share is reached.
    let mut order: Vec<(f32, (i32, i32))> = cells.iter().map(|(id, cell)| (suitability(cell), *id)).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut left = land_use.forest * cells.values().map(|cell| cell.pixels).sum::<usize>() as f32;
    let towns = quantile(order.iter().map(|(_, id)| town_score(seed, cells[id].at)).collect(), 0.90);
    for (_, id) in order {
        if let Some(cell) = cells.get_mut(&id) {
            let forest = left > 0.5 * cell.pixels as f32;
            left -= if forest { cell.pixels as f32 } else { 0.0 };
            cell.use_ = if forest {
                CellUse::Forest
            } else {
                open_use(cell.key, land_use.settled && town_score(seed, cell.at) > towns)
            };
        }
    }
    cells
}

fn town_score(seed: u64, (x, y): (f32, f32)) -> f32 {
    fractal(seed_for(seed, Purpose::LandUse), x / 1300.0, y / 1300.0, 2, 0.5)
}

fn open_use(key: u64, town: bool) -> CellUse {
    if town {
        return CellUse::Settlement;
    }
    match (uniform(mix(key ^ 2)) * 100.0) as u32 {
        0..4 => CellUse::Orchard,
        4..11 => CellUse::Shrub,
        11..38 => CellUse::Meadow,
        _ => CellUse::Crop,
    }
}

/// Which piece of its cell a place lies in.
fn piece(cell: &Cell, district: NearestPoint, x: f32, y: f32) -> (u64, Kind) {
    match cell.use_ {
        CellUse::Forest => (cell.key, Kind::of_stand(cell.key)),
        CellUse::Orchard => (cell.key, Kind::Orchard),
        CellUse::Shrub => (cell.key, Kind::Shrub),
        CellUse::Meadow => (cell.key, Kind::Meadow),
        CellUse::Settlement | CellUse::Crop => {
            let traits = hash(77, district.cell.0, district.cell.1);
            let angle = uniform(traits) * std::f32::consts::PI;
            let (sin, cos) = (libm::sinf(angle), libm::cosf(angle));
            let (u, v) = (x * cos + y * sin, y * cos - x * sin);
            if cell.use_ == CellUse::Settlement {
                town_piece(cell.key, u, v)
            } else {
                parcel(cell.key, traits, u, v)
            }
        }
    }
}

fn parcel(cell: u64, district: u64, u: f32, v: f32) -> (u64, Kind) {
    let (width, length) = (55.0 + 70.0 * uniform(mix(district)), 180.0 + 220.0 * uniform(mix(district ^ 1)));
    (hash(cell, (u / width).floor() as i32, (v / length).floor() as i32), Kind::Crop)
}

/// Streets every 90 m, and between them houses and gardens of about 20 m.
fn town_piece(cell: u64, u: f32, v: f32) -> (u64, Kind) {
    let street = |w: f32| w - (w / 90.0).floor() * 90.0 < 9.0;
    if street(u) || street(v) {
        return (cell, Kind::Road);
    }
    let plot = hash(cell, (u / 20.0).floor() as i32, (v / 20.0).floor() as i32);
    (cell, if uniform(plot) < 0.45 { Kind::Built } else { Kind::Garden })
}

impl Kind {
    /// Species of a stand.
    fn of_stand(key: u64) -> Self {
        match (uniform(mix(key ^ 3)) * 100.0) as u32 {
            0..48 => Self::Conifer,
            48..72 => Self::Mixed,
            _ => Self::Broadleaf,
        }
    }
}

fn make_unit(seed: u64, (key, kind): (u64, Kind)) -> Unit {
    let own = mix(key ^ seed);
    let pick = |n: u64| uniform(mix(own ^ n));
    let thin = 0.02 + 0.22 * pick(4) * pick(5);
    let cover = match kind {
        Kind::Water => Cover::Water(0.15 + 0.5 * pick(1)),
        Kind::Road => Cover::Road,
        Kind::Built => Cover::Built,
        Kind::Garden | Kind::Meadow => Cover::Meadow,
        Kind::Conifer => Cover::Forest { conifer: 0.85 + 0.15 * pick(1), thin },
        Kind::Mixed => Cover::Forest { conifer: 0.25 + 0.5 * pick(1), thin },
        Kind::Broadleaf => Cover::Forest { conifer: 0.12 * pick(1), thin },
        Kind::Orchard => Cover::Orchard,
        Kind::Shrub => Cover::Shrub,
        Kind::Crop => Cover::Crop,
    };
    Unit { cover, key: own, shift: (pick(2) - 0.5) * 14.0, bright: 0.9 + 0.2 * pick(3) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::LAND_USE;
    use crate::terrain::Terrain;

    #[test]
    fn forest_takes_its_share_and_every_cover_occurs() {
        for seed in 1..4 {
            let terrain = Terrain::new(seed, 160);
            let land = Landscape::new(seed, 160, &terrain.dem, &terrain.water, LAND_USE);
            let of = |test: &dyn Fn(&Cover) -> bool| {
                let count = land.unit.iter().filter(|u| test(&land.units[**u as usize].cover)).count();
                count as f32 / land.unit.len() as f32
            };
            let forest = of(&|c| matches!(c, Cover::Forest { .. }));
            assert!((0.47..0.58).contains(&forest), "{forest}");
            assert!(of(&|c| matches!(c, Cover::Crop)) > 0.1);
            for cover in [Cover::Meadow, Cover::Shrub, Cover::Orchard, Cover::Road] {
                assert!(of(&|c| *c == cover) > 0.002, "{cover:?}");
            }
        }
    }

    #[test]
    fn stands_are_pieces_not_pixels() {
        let terrain = Terrain::new(1, 100);
        let land = Landscape::new(1, 100, &terrain.dem, &terrain.water, LAND_USE);
        let borders = land.unit.chunks(200).flat_map(|row| row.windows(2)).filter(|w| w[0] != w[1]).count();
        assert!(borders * 6 < land.unit.len(), "{borders}");
    }
}
