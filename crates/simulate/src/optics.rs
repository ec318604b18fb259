//! The pixels of one scene over any ground: light, sky, sensor.

use crate::noise::{Noise, Purpose, hash, mix, seed_for, uniform};
use crate::schedule::{QUANTIFICATION, SceneSpec};
use crate::scl::{Scl, class};
use crate::spectra::{BAND_NAMES, BANDS, CLOUD, HAZE, IS_10M, Spectrum};
use crate::weather::{Climate, Sky, Weather};
use rayon::prelude::*;

/// One band of a scene.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedBand {
    /// Sentinel-2's name, such as `B04`.
    pub name: &'static str,
    /// Side of a pixel: 10 or 20 metres.
    pub gsd: u32,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub cols: usize,
    /// Digital numbers, row-major, 0 where there is no data.
    pub data: Vec<u16>,
}

/// One scene as a provider would deliver it.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedScene {
    /// What was known beforehand.
    pub spec: SceneSpec,
    /// B02, B03, B04 and B08 at 10 m; B05, B06, B07, B8A, B11 and B12 at 20 m; in order of wavelength.
    pub bands: Vec<SimulatedBand>,
    /// Scene classification at 20 m, row-major, classes 0 to 11.
    pub scl: Vec<u8>,
    /// Percent of the pixels with data that the classification calls cloud or cirrus (8, 9, 10), as `eo:cloud_cover`.
    pub cloud_cover: f64,
}

/// Noise of the sensor, relative to reflectance, at 10 m and at 20 m, and its floor.
const SENSOR_NOISE: (f32, f32, f32) = (0.035, 0.025, 0.0015);
/// Brightness of a pixel of 20 m from scene to scene: directional effects, registration, adjacency.
const SCENE_NOISE: f32 = 0.045;
/// Share of the light that comes from the sun's direction.
const DIRECT: f32 = 0.65;
/// How much of each band a full cloud shadow takes away.
const SHADE: Spectrum = [0.42, 0.48, 0.52, 0.55, 0.60, 0.62, 0.63, 0.64, 0.66, 0.68];

/// What lies under the sky on the day of a scene.
pub(crate) trait Ground: Sync {
    /// Unit normal (east, north, up) at a pixel of 20 m, row-major.
    fn normal(&self, pixel: usize) -> [f32; 3];

    /// Reflectance of the four pixels of 10 m in a pixel of 20 m: upper left, upper right, lower left, lower right.
    fn quarters(&self, row: usize, col: usize) -> [Spectrum; 4];
}

/// What is the same all over one scene, whatever the ground.
pub(crate) struct Optics {
    /// Side in pixels of 20 m.
    size: usize,
    pub(crate) weather: Weather,
    scl: Scl,
    /// Towards the sun (east, north, up).
    sun: [f32; 3],
    /// By how many pixels of 10 m the scene lies off, down and right.
    pub(crate) shift: (isize, isize),
    brightness: f32,
    cloud_brightness: f32,
    /// Columns east of `edge.0 - edge.1 * row` are off the orbit.
    edge: (f32, f32),
    noise: u64,
    offset: f32,
}

/// One row of pixels of 20 m, and the two rows of 10 m in it.
struct Row {
    bands: [Vec<u16>; BANDS],
    scl: Vec<u8>,
}

/// Renders a scene; the same bytes for any number of threads.
pub(crate) fn render(ground: &impl Ground, optics: &Optics, spec: SceneSpec) -> SimulatedScene {
    let size = optics.size;
    let rows: Vec<Row> = (0..size).into_par_iter().map(|row| optics.row(ground, row)).collect();
    let bands = (0..BANDS).map(|band| {
        let side = if IS_10M[band] { 2 * size } else { size };
        let data = rows.iter().flat_map(|row| row.bands[band].iter().copied()).collect();
        SimulatedBand {
            name: BAND_NAMES[band],
            gsd: if IS_10M[band] { 10 } else { 20 },
            rows: side,
            cols: side,
            data,
        }
    });
    let bands = bands.collect();
    let scl: Vec<u8> = rows.iter().flat_map(|row| row.scl.iter().copied()).collect();
    let cloud_cover = cloud_cover(&scl);
    SimulatedScene { spec, bands, scl, cloud_cover }
}

fn cloud_cover(scl: &[u8]) -> f64 {
    let valid = scl.iter().filter(|c| **c != class::NO_DATA).count();
    let cloudy = scl.iter().filter(|c| (class::CLOUD_MEDIUM..=class::CIRRUS).contains(c)).count();
    100.0 * cloudy as f64 / valid.max(1) as f64
}

impl Optics {
    /// The light and the sky of scene `number` over `size` pixels of 20 m a side; `outer` scenes leave a corner out.
    pub(crate) fn new(
        seed: u64,
        number: usize,
        size: usize,
        day_of_year: f32,
        outer: bool,
        spec: &SceneSpec,
        climate: &Climate,
    ) -> Self {
        let own = hash(seed_for(seed, Purpose::Sensor), number as i32, 0);
        let pick = |n: u64| uniform(mix(own ^ n));
        let (azimuth, elevation) =
            (spec.sun_azimuth.to_radians() as f32, spec.sun_elevation.to_radians() as f32);
        let level = libm::cosf(elevation);
        let step = |n: u64| if pick(n) < 0.12 { if pick(n + 40) < 0.5 { 1 } else { -1 } } else { 0 };
        let reach = if outer { (0.82 + 0.02 * (pick(3) - 0.5)) * size as f32 } else { f32::MAX };
        Self {
            size,
            weather: Weather::new(seed, number, day_of_year, spec, size, climate),
            scl: Scl::new(seed, number),
            sun: [level * libm::sinf(azimuth), level * libm::cosf(azimuth), libm::sinf(elevation)],
            shift: (step(1), step(2)),
            brightness: if outer { 0.975 } else { 1.02 } + 0.03 * (pick(4) - 0.5),
            cloud_brightness: 0.8 + 0.4 * pick(5),
            edge: (reach, 0.21),
            noise: mix(own ^ 6),
            offset: -f32::from(spec.offset),
        }
    }

    /// Where a pixel of 10 m of the scene looks on the ground, row-major, kept inside the area.
    pub(crate) fn registered(&self, row: usize, col: usize) -> usize {
        let side = 2 * self.size;
        let moved = |at: usize, by: isize| at.saturating_add_signed(by).min(side - 1);
        moved(row, self.shift.0) * side + moved(col, self.shift.1)
    }

    fn row(&self, ground: &impl Ground, row: usize) -> Row {
        let size = self.size;
        let length = |band: usize| if IS_10M[band] { 4 * size } else { size };
        let mut out =
            Row { bands: std::array::from_fn(|band| vec![0; length(band)]), scl: vec![class::NO_DATA; size] };
        for col in 0..size {
            if (col as f32) < self.edge.0 - self.edge.1 * row as f32 {
                self.pixel(ground, row, col, &mut out);
            }
        }
        out
    }

    /// One pixel of 20 m and the four of 10 m in it.
    fn pixel(&self, ground: &impl Ground, row: usize, col: usize, out: &mut Row) {
        let size = self.size;
        let sky = self.weather.at(row, col);
        let mut noise = Noise(mix(self.noise ^ ((row as u64) << 32 | col as u64)));
        let (gain, add) = self.light(ground.normal(row * size + col), sky, noise.next());
        let mut mean = [0.0; BANDS];
        for (quarter, ground) in ground.quarters(row, col).iter().enumerate() {
            let (dr, dc) = (quarter / 2, quarter % 2);
            for band in 0..BANDS {
                let seen = ground[band] * gain[band] + add[band];
                mean[band] += 0.25 * seen;
                if IS_10M[band] {
                    out.bands[band][dr * 2 * size + 2 * col + dc] =
                        self.digital(seen, SENSOR_NOISE.0, noise.next());
                }
            }
        }
        for band in 0..BANDS {
            if !IS_10M[band] {
                out.bands[band][col] = self.digital(mean[band], SENSOR_NOISE.1, noise.next());
            }
        }
        out.scl[col] = self.scl.classify(row, col, sky, &mean);
    }

    /// Factor and addend between the ground's reflectance and what is seen at a pixel of 20 m.
    ///
    /// Slopes: reflectance times `1 - d + d cos(i) / cos(z)`, with `d` the direct share, `i` the sun's incidence and
    /// `z` its zenith angle (the cosine law with a diffuse part, as in the C-correction of Teillet et al. 1982).
    fn light(&self, normal: [f32; 3], sky: Sky, noise: f32) -> (Spectrum, Spectrum) {
        let incidence = normal[0] * self.sun[0] + normal[1] * self.sun[1] + normal[2] * self.sun[2];
        let slope = (1.0 - DIRECT + DIRECT * incidence.max(0.0) / self.sun[2]).clamp(0.2, 1.7);
        let level = slope * self.brightness * (1.0 + SCENE_NOISE * noise);
        let through = (1.0 - 0.97 * sky.cloud) * (1.0 - sky.cirrus);
        let veil = self.cloud_brightness * (0.97 * sky.cloud + sky.cirrus * (1.0 - sky.cloud) * 0.45);
        let gain = std::array::from_fn(|b| level * (1.0 - SHADE[b] * sky.shadow) * through);
        let add = std::array::from_fn(|b| veil * CLOUD[b] + HAZE[b] * sky.haze * through);
        (gain, add)
    }

    fn digital(&self, reflectance: f32, noise: f32, draw: f32) -> u16 {
        let noisy = reflectance + draw * (reflectance * noise + SENSOR_NOISE.2);
        (noisy * QUANTIFICATION + self.offset + 0.5).clamp(1.0, 65_535.0) as u16
    }
}
