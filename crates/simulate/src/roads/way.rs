//! A road as a line, and how lines bend.

use crate::noise::{fractal, mix};

/// A place in metres east and south of the area's upper left corner.
pub(crate) type Place = (f32, f32);

/// What kind of road, by the words of OpenStreetMap's key `highway`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Highway {
    /// Two carriageways and what lies between.
    Motorway,
    /// Between towns.
    Primary,
    /// Between villages.
    Secondary,
    /// Streets with houses.
    Residential,
    /// Unpaved, between fields and in woods.
    Track,
}

impl Highway {
    /// From the widest to the narrowest.
    pub const ALL: [Self; 5] =
        [Self::Motorway, Self::Primary, Self::Secondary, Self::Residential, Self::Track];

    /// The value of OpenStreetMap's key `highway`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Motorway => "motorway",
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Residential => "residential",
            Self::Track => "track",
        }
    }

    /// Metres from edge to edge, shoulders included.
    pub const fn width(self) -> f32 {
        match self {
            Self::Motorway => 26.0,
            Self::Primary => 12.0,
            Self::Secondary => 9.0,
            Self::Residential => 8.0,
            Self::Track => 4.5,
        }
    }
}

/// A road on the ground.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Way {
    pub(crate) highway: Highway,
    pub(crate) points: Vec<Place>,
    /// Identity, from which its traits follow.
    pub(crate) key: u64,
}

/// Metres from point to point of a line.
pub(crate) const STEP: f32 = 25.0;

/// A line from one place to another that bends by about `bend` of its length, at most 260 m.
pub(crate) fn bent(from: Place, to: Place, bend: f32, key: u64) -> Vec<Place> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy).max(1.0);
    let steps = (length / STEP).ceil().max(1.0);
    let amplitude = (bend * length).min(260.0);
    (0..=steps as usize)
        .map(|i| {
            let t = i as f32 / steps;
            let free = (4.0 * t * (1.0 - t)).min(1.0);
            let wave = 0.5 * amplitude * fractal(key, 0.5 + 2.2 * t, 0.5, 2, 0.5)
                + 14.0 * fractal(mix(key), t * length / 420.0, 0.5, 2, 0.5);
            let off = free * wave;
            (from.0 + dx * t - dy / length * off, from.1 + dy * t + dx / length * off)
        })
        .collect()
}

/// Length of a line in metres.
pub(crate) fn length(points: &[Place]) -> f32 {
    points.windows(2).map(|w| (w[1].0 - w[0].0).hypot(w[1].1 - w[0].1)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_they_should() {
        let line = bent((100.0, 50.0), (2100.0, 900.0), 0.08, 5);
        assert_eq!(line[0], (100.0, 50.0));
        let last = line[line.len() - 1];
        assert!((last.0 - 2100.0).abs() < 0.01 && (last.1 - 900.0).abs() < 0.01);
        let straight = 2000f32.hypot(850.0);
        assert!((straight..1.3 * straight).contains(&length(&line)));
    }
}
