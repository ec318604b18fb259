//! A map such as one finds: coarse, shifted, a year behind, and wrong between classes that look alike.

use super::cover::{Cover, Unit};
use super::land::Land;
use crate::mistakes::taken_for;
use crate::noise::{Purpose, field, fractal, hash, mix, seed_for, uniform, voronoi};
use crate::vote::winner;

/// Side of a label in pixels of 10 m.
pub(crate) const BLOCK: usize = 3;
/// Side of an area in which land is judged alike, in metres.
const JUDGEMENT: f32 = 300.0;
/// How far the map lies off, in metres: everywhere alike, and from place to place.
const SHIFT: (f32, f32) = (9.0, 5.0);

/// Labels at 10 m, in blocks of 30 m: class codes, `[row, col]` in row-major order.
pub(crate) fn labels(seed: u64, size: usize, land: &Land) -> Vec<u8> {
    let seed = seed_for(seed, Purpose::Labels);
    let believed: Vec<u8> = field(size, size, |r, c| {
        let (x, y) = (c as f32 * 10.0, r as f32 * 10.0);
        let unit = land.unit_at(r * size + c);
        taken_for(unit.cover.class(), mistakes(unit.cover), luck(seed, unit, x, y))
    });
    let side = size.div_ceil(BLOCK);
    let turn = uniform(mix(seed ^ 1)) * std::f32::consts::TAU;
    let moved = |at: f32, by: f32| ((at + by) / 10.0).floor().clamp(0.0, (size - 1) as f32) as usize;
    let coarse: Vec<u8> = field(side, side, |r, c| {
        let (x, y) = ((c * BLOCK) as f32 * 10.0, (r * BLOCK) as f32 * 10.0);
        let drift = |n: u64| SHIFT.1 * fractal(mix(seed ^ n), x / 800.0, y / 800.0, 2, 0.5);
        let east = SHIFT.0 * libm::cosf(turn) + drift(2);
        let south = SHIFT.0 * libm::sinf(turn) + drift(3);
        let pixel = |i: usize| {
            let (x, y) = (x + (i % BLOCK) as f32 * 10.0 + 5.0, y + (i / BLOCK) as f32 * 10.0 + 5.0);
            believed[moved(y, south) * size + moved(x, east)]
        };
        winner((0..BLOCK * BLOCK).map(pixel))
    });
    let clean = sieve(&coarse, side);
    (0..size * size).map(|i| clean[i / size / BLOCK * side + i % size / BLOCK]).collect()
}

/// Makers of maps take out specks: a block with fewer than two of its kind among its eight neighbours joins the most.
fn sieve(blocks: &[u8], side: usize) -> Vec<u8> {
    field(side, side, |r, c| {
        let rows = r.saturating_sub(1)..(r + 2).min(side);
        let around = || {
            rows.clone()
                .flat_map(|r| (c.saturating_sub(1)..(c + 2).min(side)).map(move |c| blocks[r * side + c]))
        };
        let own = blocks[r * side + c];
        if around().filter(|class| *class == own).count() > 2 { own } else { winner(around()) }
    })
}

/// The number that decides how a place is judged: alike over some hundred metres, but no further than its lot.
fn luck(seed: u64, unit: &Unit, x: f32, y: f32) -> f32 {
    let cell = voronoi(seed, x / JUDGEMENT, y / JUDGEMENT).cell;
    let lot = match unit.cover {
        Cover::Pasture | Cover::Felled | Cover::Soy | Cover::Crop | Cover::Plantation | Cover::Regrowth => {
            unit.key
        }
        natural => natural as u64,
    };
    uniform(hash(seed ^ lot, cell.0, cell.1))
}

/// What a cover is taken for, with which probability; else it is taken for what it is.
fn mistakes(cover: Cover) -> &'static [(u8, f32)] {
    match cover {
        Cover::Forest => &[(4, 0.01), (6, 0.01)],
        Cover::Regrowth => &[(15, 0.35), (4, 0.08)],
        // The map is of the year before.
        Cover::Felled => &[(3, 0.75)],
        Cover::Flooded => &[(3, 0.30), (11, 0.05)],
        Cover::Savanna => &[(3, 0.12), (12, 0.08), (15, 0.05)],
        Cover::Grassland => &[(15, 0.22), (4, 0.09)],
        Cover::Wetland => &[(12, 0.15), (15, 0.08), (6, 0.08)],
        Cover::Pasture => &[(12, 0.04), (41, 0.02), (39, 0.02), (3, 0.02)],
        Cover::Soy => &[(41, 0.10), (15, 0.06)],
        Cover::Crop => &[(39, 0.28), (15, 0.08)],
        Cover::Plantation => &[(3, 0.32), (4, 0.05)],
        Cover::Roof | Cover::Street | Cover::Yard => &[(15, 0.06), (25, 0.04)],
        Cover::Mine => &[(25, 0.20), (15, 0.08)],
        Cover::Pond => &[(33, 0.35)],
        Cover::Sand => &[(33, 0.20), (15, 0.10)],
        Cover::Road => &[(15, 0.20)],
        Cover::Water => &[(6, 0.04)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(seed: u64) -> (f32, Land, Vec<u8>) {
        let land = Land::new(seed, 384);
        let labels = labels(seed, 384, &land);
        let wrong = (0..labels.len()).filter(|i| labels[*i] != land.unit_at(*i).cover.class()).count();
        (wrong as f32 / labels.len() as f32, land, labels)
    }

    #[test]
    fn about_a_fifth_of_the_labels_is_wrong() {
        for seed in 1..=4 {
            let (share, ..) = wrong(seed);
            assert!((0.14..0.25).contains(&share), "seed {seed}: {share}");
        }
    }

    #[test]
    fn rare_classes_are_wrong_more_often_than_forest() {
        let (_, land, labels) = wrong(2);
        let share = |class: u8| {
            let of: Vec<usize> =
                (0..labels.len()).filter(|i| land.unit_at(*i).cover.class() == class).collect();
            of.iter().filter(|i| labels[**i] != class).count() as f32 / of.len() as f32
        };
        for rare in [6, 11, 25, 30] {
            assert!(share(rare) > 2.0 * share(3), "class {rare}: {}, forest {}", share(rare), share(3));
        }
    }

    #[test]
    fn labels_come_in_blocks() {
        let (_, _, labels) = wrong(1);
        for row in 0..384 {
            for col in 0..384 {
                assert_eq!(labels[row * 384 + col], labels[(row / 3 * 3) * 384 + col / 3 * 3]);
            }
        }
    }
}
