//! A thematic map such as one finds: six years old, wrong between classes that look alike, and generalised.

use super::cover::{Cover, Unit};
use super::generalise::{sieve, smooth};
use super::land::Land;
use crate::mistakes::taken_for;
use crate::noise::{Purpose, field, fractal, hash, mix, seed_for, uniform, voronoi};

/// Side of an area in which land is judged alike, in metres.
const JUDGEMENT: f32 = 450.0;
/// How far borders lie off, in metres: everywhere alike, and from place to place.
const SHIFT: (f32, f32) = (6.0, 11.0);
/// Half the side of the square that a border is drawn through, in pixels.
const BRUSH: usize = 3;
/// Smallest patch that is mapped, in pixels of 10 m: 2 ha. CORINE's is 25 ha over whole countries; regional maps of its
/// kind go down to a few.
const SMALLEST: usize = 200;

/// Class codes at 10 m, `[row, col]` in row-major order.
pub(crate) fn labels(seed: u64, size: usize, land: &Land) -> Vec<u8> {
    let seed = seed_for(seed, Purpose::Labels);
    let turn = uniform(mix(seed ^ 1)) * std::f32::consts::TAU;
    let moved = |at: f32, by: f32| ((at + by) / 10.0).floor().clamp(0.0, (size - 1) as f32) as usize;
    let believed = field(size, size, |r, c| {
        let (x, y) = (c as f32 * 10.0 + 5.0, r as f32 * 10.0 + 5.0);
        let drift = |n: u64| SHIFT.1 * fractal(mix(seed ^ n), x / 300.0, y / 300.0, 2, 0.5);
        let east = SHIFT.0 * libm::cosf(turn) + drift(2);
        let south = SHIFT.0 * libm::sinf(turn) + drift(3);
        let unit = land.of_old(moved(y, south) * size + moved(x, east));
        taken_for(unit.cover.class(), mistakes(unit.cover), luck(seed, unit, x, y))
    });
    sieve(smooth(&believed, size, BRUSH), size, SMALLEST)
}

/// The number that decides how a place is judged: alike over some hundred metres, but no further than its parcel.
fn luck(seed: u64, unit: &Unit, x: f32, y: f32) -> f32 {
    let cell = voronoi(seed, x / JUDGEMENT, y / JUDGEMENT).cell;
    let lot = match unit.cover {
        Cover::Field | Cover::Orchard | Cover::Vineyard | Cover::Meadow => unit.key,
        Cover::Roof | Cover::Street | Cover::Garden => 0,
        natural => natural as u64,
    };
    uniform(hash(seed ^ lot, cell.0, cell.1))
}

/// What a cover is taken for, with which probability; else it is taken for what it is.
fn mistakes(cover: Cover) -> &'static [(u8, f32)] {
    match cover {
        Cover::Roof | Cover::Street | Cover::Garden => &[(3, 0.04)],
        Cover::Meadow => &[(3, 0.16), (9, 0.05)],
        Cover::Pasture => &[(9, 0.14), (5, 0.03)],
        Cover::Clearing => &[(8, 0.30), (9, 0.20)],
        Cover::Field => &[(2, 0.08)],
        Cover::Orchard => &[(2, 0.08), (7, 0.05)],
        Cover::Vineyard => &[(2, 0.06), (9, 0.06)],
        Cover::Scree => &[(5, 0.32), (2, 0.05)],
        Cover::Quarry => &[(5, 0.14), (1, 0.10)],
        Cover::Rock => &[(4, 0.15), (2, 0.07)],
        Cover::Bar => &[(4, 0.14), (10, 0.14)],
        Cover::Broadleaf => &[(9, 0.05), (8, 0.05)],
        Cover::Conifer => &[(7, 0.05), (9, 0.02)],
        Cover::Shrub | Cover::Young => &[(7, 0.15), (2, 0.14)],
        Cover::Water => &[(6, 0.03)],
    }
}
