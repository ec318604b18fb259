//! The roads as a map of volunteers has them: a little off, and not all of them.

use super::burn::near;
use super::way::{Highway, Place, Way};
use crate::noise::{Purpose, fractal, mix, seed_for, smoothstep, uniform};

/// How far the lines lie off, in metres: at least and at most.
pub(crate) const OFFSET: (f32, f32) = (5.0, 15.0);

/// The probability that a way is not in the map.
const fn missing(highway: Highway) -> f32 {
    match highway {
        Highway::Motorway => 0.0,
        Highway::Primary => 0.01,
        Highway::Secondary => 0.03,
        Highway::Residential => 0.09,
        Highway::Track => 0.35,
    }
}

/// Where the map has a place: shifted by 5 to 15 m, alike over a kilometre or more, so that lines that meet still do.
pub(crate) fn misplaced(seed: u64, (x, y): Place) -> Place {
    let seed = seed_for(seed, Purpose::Offset);
    let wave = |n: u64| fractal(mix(seed ^ n), x / 1600.0, y / 1600.0, 1, 0.5);
    let angle = uniform(seed) * std::f32::consts::TAU + 1.3 * wave(1);
    let metres = OFFSET.0 + (OFFSET.1 - OFFSET.0) * smoothstep(-1.6, 1.6, wave(2));
    (x + metres * libm::cosf(angle), y + metres * libm::sinf(angle))
}

/// The ways that the map has, where it has them.
pub(crate) fn mapped(seed: u64, ways: &[Way]) -> Vec<Way> {
    let kept = ways.iter().filter(|way| uniform(mix(way.key ^ 0x6f73)) >= missing(way.highway));
    kept.map(|way| Way { points: way.points.iter().map(|p| misplaced(seed, *p)).collect(), ..way.clone() })
        .collect()
}

/// The map's lines on pixels of 10 m, dilated by one pixel up, down, left and right: 2 road, 1 elsewhere.
pub(crate) fn labels(size: usize, mapped: &[Way]) -> Vec<u8> {
    let mut line = vec![false; size * size];
    for way in mapped {
        near(size, &way.points, 5.2, |pixel, _| line[pixel] = true);
    }
    let is = |row: usize, col: usize| row < size && col < size && line[row * size + col];
    let grown = |i: usize| {
        let (r, c) = (i / size, i % size);
        is(r, c) || is(r.wrapping_sub(1), c) || is(r + 1, c) || is(r, c.wrapping_sub(1)) || is(r, c + 1)
    };
    (0..size * size).map(|i| if grown(i) { 2 } else { 1 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lie_off_within_bounds_and_neighbours_alike() {
        let mut most = 0f32;
        let mut least = f32::MAX;
        for i in 0..4000 {
            let place = ((i % 80) as f32 * 100.0, (i / 80) as f32 * 100.0);
            let (x, y) = misplaced(4, place);
            let off = (x - place.0).hypot(y - place.1);
            most = most.max(off);
            least = least.min(off);
            let (nx, ny) = misplaced(4, (place.0 + 20.0, place.1));
            // By less than a tenth of their distance, so that lines keep their shape and meet where they met.
            assert!((nx - 20.0 - x).hypot(ny - y) < 2.0);
        }
        assert!(least >= OFFSET.0 - 0.01 && most <= OFFSET.1 + 0.01, "{least} to {most}");
        assert!(most - least > 5.0, "{least} to {most}");
    }
}
