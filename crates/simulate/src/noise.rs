//! Hashes and smooth noise fields: every random number of the simulator is a pure function of a seed and a place.

use rayon::prelude::*;

/// What a stream of random numbers is for, so that no two purposes share numbers.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Relief = 1,
    Valley,
    Lake,
    Cells,
    CellTraits,
    Suitability,
    Warp,
    LandUse,
    Parcels,
    Texture,
    PixelTexture,
    Vitality,
    VitalityWave,
    Patches,
    Blob,
    Severity,
    Spots,
    Weather,
    Cloud,
    Cirrus,
    Haze,
    Mask,
    Sensor,
    Season,
    Snow,
    River,
    Network,
    Lots,
    Cover,
    Woody,
    Radar,
    Speckle,
    Labels,
    Towns,
    Streets,
    Offset,
    Changes,
    Years,
}

/// Finaliser of SplitMix64 (Steele, Lea and Flood 2014): a bijection whose output bits look independent.
pub(crate) const fn mix(z: u64) -> u64 {
    let z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The seed of a stream.
pub(crate) const fn seed_for(seed: u64, purpose: Purpose) -> u64 {
    mix(mix(seed) ^ purpose as u64)
}

/// A hash of a lattice point.
pub(crate) const fn hash(seed: u64, x: i32, y: i32) -> u64 {
    mix(seed ^ mix(((x as u32 as u64) << 32) | y as u32 as u64))
}

/// Uniform in [0, 1), from the high bits.
pub(crate) fn uniform(hash: u64) -> f32 {
    (hash >> 40) as f32 / (1u64 << 24) as f32
}

/// Close to a standard normal in (-3.5, 3.5): four bytes added.
pub(crate) fn bell(bits: u32) -> f32 {
    let sum = bits.to_le_bytes().iter().map(|byte| u32::from(*byte)).sum::<u32>();
    (sum as f32 - 510.0) / 147.8
}

/// 0 below `low`, 1 above `high`, a cubic between.
pub(crate) fn smoothstep(low: f32, high: f32, value: f32) -> f32 {
    let t = ((value - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// 0 below `low`, 1 above `high`, a line between.
pub(crate) fn ramp(low: f32, high: f32, value: f32) -> f32 {
    ((value - low) / (high - low)).clamp(0.0, 1.0)
}

/// Value noise in [-1, 1]: random numbers on the integer lattice, joined by quintic curves.
fn value_noise(seed: u64, x: f32, y: f32) -> f32 {
    let (x0, y0) = (x.floor(), y.floor());
    let (tx, ty) = (x - x0, y - y0);
    let fade = |t: f32| t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
    let (fx, fy) = (fade(tx), fade(ty));
    let (ix, iy) = (x0 as i32, y0 as i32);
    let corner = |dx: i32, dy: i32| uniform(hash(seed, ix + dx, iy + dy)) * 2.0 - 1.0;
    let top = corner(0, 0) + (corner(1, 0) - corner(0, 0)) * fx;
    let bottom = corner(0, 1) + (corner(1, 1) - corner(0, 1)) * fx;
    top + (bottom - top) * fy
}

/// Fractal noise of about zero mean and unit variance: `octaves` of value noise, each half as wide and `gain` as strong.
pub(crate) fn fractal(seed: u64, x: f32, y: f32, octaves: u32, gain: f32) -> f32 {
    let (mut sum, mut power, mut amplitude, mut frequency) = (0.0, 0.0, 1.0, 1.0);
    for octave in 0..octaves {
        sum += amplitude * value_noise(seed.wrapping_add(u64::from(octave)), x * frequency, y * frequency);
        power += amplitude * amplitude;
        amplitude *= gain;
        // Not 2: lattices of successive octaves must not line up.
        frequency *= 1.97;
    }
    const LATTICE_DEVIATION: f32 = 0.41;
    sum / (LATTICE_DEVIATION * power.sqrt())
}

/// A grid filled in parallel: `value(row, col)`, row-major.
pub(crate) fn field<T: Send>(rows: usize, cols: usize, value: impl Fn(usize, usize) -> T + Sync) -> Vec<T> {
    let value = &value;
    (0..rows).into_par_iter().flat_map_iter(|row| (0..cols).map(move |col| value(row, col))).collect()
}

/// The value below which a share of the numbers lies; shares are clamped to [0, 1].
pub(crate) fn quantile(mut values: Vec<f32>, share: f32) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let at = ((values.len() - 1) as f32 * share.clamp(0.0, 1.0)) as usize;
    let (_, value, _) = values.select_nth_unstable_by(at, f32::total_cmp);
    *value
}

/// A stream of standard normal numbers.
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    pub(crate) fn next(&mut self) -> f32 {
        self.0 = mix(self.0);
        bell(self.0 as u32)
    }
}

/// The nearest of points scattered one to a unit cell of the plane: a Voronoi tessellation.
#[derive(Clone, Copy)]
pub(crate) struct NearestPoint {
    /// The cell of the lattice that the point belongs to.
    pub(crate) cell: (i32, i32),
    /// The point.
    pub(crate) at: (f32, f32),
    /// How much further the second nearest is, in cells.
    pub(crate) margin: f32,
}

/// Which Voronoi cell a place lies in.
pub(crate) fn voronoi(seed: u64, x: f32, y: f32) -> NearestPoint {
    let (cx, cy) = (x.floor() as i32, y.floor() as i32);
    let mut nearest = NearestPoint { cell: (cx, cy), at: (x, y), margin: 0.0 };
    let (mut first, mut second) = (f32::MAX, f32::MAX);
    for dy in -1..=1 {
        for dx in -1..=1 {
            let cell = (cx + dx, cy + dy);
            let bits = hash(seed, cell.0, cell.1);
            let at =
                (cell.0 as f32 + 0.1 + 0.8 * uniform(bits), cell.1 as f32 + 0.1 + 0.8 * uniform(mix(bits)));
            let distance = (at.0 - x) * (at.0 - x) + (at.1 - y) * (at.1 - y);
            if distance < first {
                second = first;
                first = distance;
                nearest = NearestPoint { cell, at, margin: 0.0 };
            } else if distance < second {
                second = distance;
            }
        }
    }
    nearest.margin = second.sqrt() - first.sqrt();
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(values: &[f32]) -> (f32, f32) {
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / values.len() as f32;
        (mean, variance.sqrt())
    }

    #[test]
    fn bell_is_standard_normal() {
        let values: Vec<f32> = (0..20_000).map(|i| bell(mix(i) as u32)).collect();
        let (mean, deviation) = moments(&values);
        assert!(mean.abs() < 0.03 && (deviation - 1.0).abs() < 0.03, "{mean} {deviation}");
    }

    #[test]
    fn fractal_noise_has_about_unit_variance_and_is_smooth() {
        let values = field(300, 300, |r, c| fractal(5, r as f32 / 7.0, c as f32 / 7.0, 5, 0.5));
        let (mean, deviation) = moments(&values);
        assert!(mean.abs() < 0.2 && (0.7..1.3).contains(&deviation), "{mean} {deviation}");
        let steps: Vec<f32> = values.windows(2).map(|w| w[1] - w[0]).collect();
        assert!(moments(&steps).1 < 0.8 * deviation);
    }

    #[test]
    fn a_quantile_splits_at_its_share() {
        let values: Vec<f32> = (0..1000).map(|i| uniform(mix(i))).collect();
        let cut = quantile(values.clone(), 0.3);
        let below = values.iter().filter(|v| **v < cut).count();
        assert!((295..=305).contains(&below), "{below}");
        assert_eq!(quantile(Vec::new(), 0.5), 0.0);
    }

    #[test]
    fn voronoi_cells_are_constant_near_their_points() {
        let found = voronoi(3, 10.3, -4.2);
        let again = voronoi(3, found.at.0, found.at.1);
        assert_eq!(found.cell, again.cell);
        assert!(found.margin >= 0.0);
    }
}
