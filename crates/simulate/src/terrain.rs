//! Heights, slopes, and where the water lies.

use crate::noise::{Purpose, field, fractal, hash, quantile, seed_for, smoothstep, uniform};

/// Relief of the area.
pub(crate) struct Terrain {
    /// Heights in metres at the pixels of 20 m.
    pub(crate) dem: Vec<f32>,
    /// Unit normals (east, north, up) at the pixels of 20 m; upright on water.
    pub(crate) normals: Vec<[f32; 3]>,
    /// Water at the pixels of 10 m.
    pub(crate) water: Vec<bool>,
}

impl Terrain {
    pub(crate) fn new(seed: u64, size: usize) -> Self {
        let relief = Relief::new(seed);
        let fine = size * 2;
        let dem = field(size, size, |r, c| relief.height(c as f32 * 20.0 + 10.0, r as f32 * 20.0 + 10.0));
        let water = relief.water(fine, 0.030 + 0.018 * uniform(hash(seed_for(seed, Purpose::Lake), -1, -1)));
        let normals = field(size, size, |r, c| {
            let wet = [(0, 0), (0, 1), (1, 0), (1, 1)]
                .iter()
                .filter(|(dr, dc)| water[(2 * r + dr) * fine + 2 * c + dc]);
            if wet.count() > 2 { [0.0, 0.0, 1.0] } else { normal(&dem, size, r, c) }
        });
        Self { dem, normals, water }
    }
}

/// The functions that the terrain is sampled from; x east and y south, in metres from the upper left corner.
struct Relief {
    hills: u64,
    valley: u64,
    lake: u64,
}

impl Relief {
    fn new(seed: u64) -> Self {
        let of = |purpose| seed_for(seed, purpose);
        Self { hills: of(Purpose::Relief), valley: of(Purpose::Valley), lake: of(Purpose::Lake) }
    }

    /// Zero along the rivers, growing away from them.
    fn valley(&self, x: f32, y: f32) -> f32 {
        fractal(self.valley, x / 5200.0, y / 5200.0, 4, 0.4)
    }

    /// Metres above the sea: hills that fade into the valley floors.
    fn height(&self, x: f32, y: f32) -> f32 {
        let away = self.valley(x, y).abs();
        let hills = fractal(self.hills, x / 2700.0, y / 2700.0, 6, 0.45);
        390.0 + 170.0 * away.min(1.5) + 105.0 * hills * (0.06 + 0.94 * smoothstep(0.0, 0.5, away))
    }

    /// Rivers along the valley lines, at most 70 m wide, then lakes on low ground, until a share of the area is wet.
    fn water(&self, fine: usize, share: f32) -> Vec<bool> {
        let shore = field(fine, fine, |r, c| {
            let (x, y) = (c as f32 * 10.0 + 5.0, r as f32 * 10.0 + 5.0);
            let here = self.valley(x, y);
            let (dx, dy) = (self.valley(x + 20.0, y) - here, self.valley(x, y + 20.0) - here);
            here.abs() * 20.0 / (dx * dx + dy * dy).sqrt().max(1e-6)
        });
        let half_width = quantile(shore.clone(), share * 0.6).min(35.0);
        let lakes = field(fine, fine, |r, c| {
            let (x, y) = (c as f32 * 10.0 + 5.0, r as f32 * 10.0 + 5.0);
            let low = 1.0 - smoothstep(0.0, 0.9, self.valley(x, y).abs());
            if shore[r * fine + c] < half_width {
                -9.0
            } else {
                fractal(self.lake, x / 800.0, y / 800.0, 4, 0.4) + 1.6 * low
            }
        });
        let rivers = shore.iter().filter(|d| **d < half_width).count() as f32 / shore.len() as f32;
        let shoreline = quantile(lakes.clone(), 1.0 - (share - rivers).max(0.0));
        shore.iter().zip(&lakes).map(|(shore, lake)| *shore < half_width || *lake > shoreline).collect()
    }
}

/// From central differences over 20 m pixels, one-sided at the edges.
pub(crate) fn normal(dem: &[f32], size: usize, r: usize, c: usize) -> [f32; 3] {
    let (left, right) = (c.saturating_sub(1), (c + 1).min(size - 1));
    let (up, down) = (r.saturating_sub(1), (r + 1).min(size - 1));
    let east = (dem[r * size + right] - dem[r * size + left]) / (20.0 * (right - left) as f32);
    let north = (dem[up * size + c] - dem[down * size + c]) / (20.0 * (down - up) as f32);
    let length = (east * east + north * north + 1.0).sqrt();
    [-east / length, -north / length, 1.0 / length]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_those_of_low_mountains() {
        let terrain = Terrain::new(4, 256);
        let mut slopes: Vec<f32> = terrain.normals.iter().map(|n| libm::acosf(n[2]).to_degrees()).collect();
        slopes.sort_by(f32::total_cmp);
        let (median, steep) = (slopes[slopes.len() / 2], slopes[slopes.len() * 99 / 100]);
        assert!((3.0..14.0).contains(&median), "{median}");
        assert!((12.0..45.0).contains(&steep), "{steep}");
    }

    #[test]
    fn water_has_its_share_and_a_plane_its_normal() {
        for seed in 0..4 {
            let terrain = Terrain::new(seed, 96);
            let share = terrain.water.iter().filter(|w| **w).count() as f32 / terrain.water.len() as f32;
            assert!((0.025..0.055).contains(&share), "{share}");
        }
        let plane: Vec<f32> = (0..25).map(|i| (i % 5) as f32 * 20.0).collect();
        let n = normal(&plane, 5, 2, 2);
        assert!((n[0] + n[2]).abs() < 1e-6 && n[1].abs() < 1e-6);
    }
}
