//! Lines onto pixels of 10 m.

use super::way::{Place, Way};

/// Side of a pixel in metres.
pub(crate) const PIXEL: f32 = 10.0;

/// Calls `touch` for every pixel (row-major) whose middle lies within `reach` metres of a line, with the distance.
pub(crate) fn near(size: usize, points: &[Place], reach: f32, mut touch: impl FnMut(usize, f32)) {
    let index = |v: f32| ((v / PIXEL).floor().max(0.0) as usize).min(size);
    for piece in points.windows(2) {
        let (a, b) = (piece[0], piece[1]);
        let rows = index(a.1.min(b.1) - reach)..index(a.1.max(b.1) + reach + PIXEL);
        let cols = index(a.0.min(b.0) - reach)..index(a.0.max(b.0) + reach + PIXEL);
        for row in rows {
            for col in cols.clone() {
                let middle = ((col as f32 + 0.5) * PIXEL, (row as f32 + 0.5) * PIXEL);
                let distance = to_segment(middle, a, b);
                if distance <= reach {
                    touch(row * size + col, distance);
                }
            }
        }
    }
}

/// Metres from a place to the segment between two others.
pub(crate) fn to_segment(p: Place, a: Place, b: Place) -> f32 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let t = ((p.0 - a.0) * dx + (p.1 - a.1) * dy) / (dx * dx + dy * dy).max(1e-6);
    let t = t.clamp(0.0, 1.0);
    (a.0 + dx * t - p.0).hypot(a.1 + dy * t - p.1)
}

/// The roads of each pixel.
pub(crate) struct Burnt {
    /// Share of the pixel under a road, 0 to 1.
    pub(crate) share: Vec<f32>,
    /// Number of the way that takes most of it; meaningless where the share is 0.
    pub(crate) way: Vec<u32>,
    /// Whether a person would draw a road here: the pixel's middle on it, or next to the line of a narrow one.
    pub(crate) drawn: Vec<bool>,
}

/// Burns ways; of two on one pixel the one that takes more of it wins, of equals the later.
pub(crate) fn burn(size: usize, ways: &[Way]) -> Burnt {
    let pixels = size * size;
    let mut out = Burnt { share: vec![0.0; pixels], way: vec![0; pixels], drawn: vec![false; pixels] };
    for (number, way) in ways.iter().enumerate() {
        let half = 0.5 * way.highway.width();
        let line = (half + 2.0).max(5.2);
        near(size, &way.points, half + 0.5 * PIXEL, |pixel, distance| {
            let share = ((half + 0.5 * PIXEL - distance) / PIXEL).clamp(0.0, (2.0 * half / PIXEL).min(1.0));
            if share >= out.share[pixel] && share > 0.0 {
                out.share[pixel] = share;
                out.way[pixel] = number as u32;
            }
            out.drawn[pixel] |= distance <= line;
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roads::way::Highway;

    #[test]
    fn a_road_is_as_wide_as_its_kind() {
        for highway in Highway::ALL {
            let way = Way { highway, points: vec![(0.0, 203.0), (400.0, 203.0)], key: 0 };
            let burnt = burn(40, &[way]);
            let metres: f32 = (0..40).map(|row| burnt.share[row * 40 + 20] * PIXEL).sum();
            assert!((metres - highway.width()).abs() < 0.3 * highway.width() + 1.0, "{highway:?}: {metres}");
            let drawn = (0..40).filter(|row| burnt.drawn[row * 40 + 20]).count();
            assert!(drawn >= 1 && drawn as f32 * PIXEL < highway.width() + 14.0, "{highway:?}: {drawn}");
        }
    }
}
