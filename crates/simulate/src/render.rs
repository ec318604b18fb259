//! The pixels of one scene: ground, light, sky, sensor.

use crate::events::{Events, LAG_DAYS};
use crate::forest::Forest;
use crate::landscape::{Cover, Unit};
use crate::noise::{Purpose, bell, hash, mix, seed_for, smoothstep, uniform};
use crate::schedule::{ORBITS, QUANTIFICATION, SceneSpec};
use crate::scl::{Scl, class};
use crate::season::Seasons;
use crate::spectra::{
    BAND_NAMES, BANDS, BROADLEAF, BUILT, CHAR, CLEAR_WATER, CLOUD, CONIFER, CROP, GRASS, GREY_CROWN, HAZE,
    IS_10M, RED_CROWN, ROAD, SHRUB, SLASH, SNOW, STRESS, Spectrum, TURBID_WATER, UNDERSTOREY, blend,
};
use crate::story::PARTS;
use crate::weather::{Sky, Weather};
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

/// What is the same all over one scene.
struct Shot<'a> {
    forest: &'a Forest,
    day: f32,
    weather: Weather,
    scl: Scl,
    /// Spectrum of every unit on the day, in full canopy.
    units: Vec<Spectrum>,
    understorey: Spectrum,
    parts: [Spectrum; PARTS],
    /// Towards the sun (east, north, up).
    sun: [f32; 3],
    /// The day's values of the vitality waves.
    waves: [f32; 2],
    /// By how many pixels of 10 m the scene lies off, down and right.
    shift: (isize, isize),
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
pub(crate) fn render(forest: &Forest, number: usize, day: f32, spec: SceneSpec) -> SimulatedScene {
    let size = forest.config().size;
    let shot = Shot::new(forest, number, day, &spec);
    let rows: Vec<Row> = (0..size).into_par_iter().map(|row| shot.row(row)).collect();
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

impl<'a> Shot<'a> {
    fn new(forest: &'a Forest, number: usize, day: f32, spec: &SceneSpec) -> Self {
        let config = forest.config();
        let seasons = &forest.seasons;
        let own = hash(seed_for(config.seed, Purpose::Sensor), number as i32, 0);
        let pick = |n: u64| uniform(mix(own ^ n));
        let (_, day_of_year) = seasons.year_and_day(day);
        let weather = Weather::new(config.seed, number, day_of_year, spec, config.size);
        let (azimuth, elevation) =
            (spec.sun_azimuth.to_radians() as f32, spec.sun_elevation.to_radians() as f32);
        let level = libm::cosf(elevation);
        let sun = [level * libm::sinf(azimuth), level * libm::cosf(azimuth), libm::sinf(elevation)];
        let middle = config.mapping_day() as f32 + 182.0;
        let swing = (day / 210.0 + uniform(mix(config.seed)) * 2.0) * std::f32::consts::PI;
        let step = |n: u64| if pick(n) < 0.12 { if pick(n + 40) < 0.5 { 1 } else { -1 } } else { 0 };
        let size = config.size as f32;
        let outer = spec.relative_orbit == ORBITS[1];
        let reach = if outer { (0.82 + 0.02 * (pick(3) - 0.5)) * size } else { f32::MAX };
        let herbs = GRASS.at(0.12 + 0.68 * seasons.leaf(day, 100.0, 285.0, 12.0, 0.0));
        Self {
            forest,
            day,
            weather,
            scl: Scl::new(config.seed, number),
            units: forest.land.units.iter().map(|unit| spectrum(unit, day, seasons)).collect(),
            understorey: UNDERSTOREY.at(seasons.leaf(day, 105.0, 290.0, 10.0, 0.0)),
            parts: [RED_CROWN, GREY_CROWN, SLASH, CHAR, herbs],
            sun,
            waves: [2.0 * smoothstep(middle - 260.0, middle + 260.0, day) - 1.0, libm::sinf(swing)],
            shift: (step(1), step(2)),
            brightness: if outer { 0.975 } else { 1.02 } + 0.03 * (pick(4) - 0.5),
            cloud_brightness: 0.8 + 0.4 * pick(5),
            edge: (reach, 0.21),
            noise: mix(own ^ 6),
            offset: -f32::from(spec.offset),
        }
    }

    fn row(&self, row: usize) -> Row {
        let size = self.forest.config().size;
        let length = |band: usize| if IS_10M[band] { 4 * size } else { size };
        let mut out =
            Row { bands: std::array::from_fn(|band| vec![0; length(band)]), scl: vec![class::NO_DATA; size] };
        for col in 0..size {
            if (col as f32) < self.edge.0 - self.edge.1 * row as f32 {
                self.pixel(row, col, &mut out);
            }
        }
        out
    }

    /// One pixel of 20 m and the four of 10 m in it.
    fn pixel(&self, row: usize, col: usize, out: &mut Row) {
        let size = self.forest.config().size;
        let sky = self.weather.at(row, col);
        let mut noise = Noise(mix(self.noise ^ ((row as u64) << 32 | col as u64)));
        let (gain, add) = self.light(row * size + col, sky, noise.next());
        let snow = smoothstep(-40.0, 60.0, self.forest.dem()[row * size + col] - self.weather.snow_line);
        let stress = self.forest.texture.stress(row * size + col, self.waves);
        let mut mean = [0.0; BANDS];
        for (dr, dc) in [(0usize, 0usize), (0, 1), (1, 0), (1, 1)] {
            let ground = self.ground(2 * row + dr, 2 * col + dc, stress, snow);
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
    fn light(&self, pixel: usize, sky: Sky, noise: f32) -> (Spectrum, Spectrum) {
        let normal = self.forest.normals[pixel];
        let incidence = normal[0] * self.sun[0] + normal[1] * self.sun[1] + normal[2] * self.sun[2];
        let slope = (1.0 - DIRECT + DIRECT * incidence.max(0.0) / self.sun[2]).clamp(0.2, 1.7);
        let level = slope * self.brightness * (1.0 + SCENE_NOISE * noise);
        let through = (1.0 - 0.97 * sky.cloud) * (1.0 - sky.cirrus);
        let veil = self.cloud_brightness * (0.97 * sky.cloud + sky.cirrus * (1.0 - sky.cloud) * 0.45);
        let gain = std::array::from_fn(|b| level * (1.0 - SHADE[b] * sky.shadow) * through);
        let add = std::array::from_fn(|b| veil * CLOUD[b] + HAZE[b] * sky.haze * through);
        (gain, add)
    }

    /// Reflectance of the ground at a pixel of 10 m.
    fn ground(&self, row: usize, col: usize, stress: f32, snow: f32) -> Spectrum {
        let side = 2 * self.forest.config().size;
        let moved = |at: usize, by: isize| at.saturating_add_signed(by).min(side - 1);
        let pixel = moved(row, self.shift.0) * side + moved(col, self.shift.1);
        let number = self.forest.land.unit[pixel] as usize;
        let mut ground = self.units[number];
        let is_forest = self.forest.land.units[number].is_forest();
        let thin = self.forest.texture.thin(pixel);
        let bright = self.forest.texture.bright(pixel);
        if is_forest {
            for band in 0..BANDS {
                let crown = ground[band] * (1.0 + stress * STRESS[band]);
                ground[band] = (crown + (self.understorey[band] - crown) * thin) * bright;
            }
            self.strike(&self.forest.events, pixel, &mut ground);
        } else {
            ground = ground.map(|v| v * bright);
        }
        if snow > 0.0 {
            let share = snow * if is_forest { 0.15 + 0.5 * thin } else { 0.92 };
            ground = blend(&ground, &SNOW, share);
        }
        ground
    }

    /// Replaces a part of the canopy by what an event left.
    fn strike(&self, events: &Events, pixel: usize, ground: &mut Spectrum) {
        let Some(story) = events.at(pixel) else { return };
        let lag = f32::from(events.lag[pixel]) * LAG_DAYS;
        let parts = story.parts(self.day, lag, f32::from(events.severity[pixel]) / 255.0);
        let living = 1.0 - parts.iter().sum::<f32>();
        for band in 0..BANDS {
            let dead: f32 = parts.iter().zip(&self.parts).map(|(share, part)| share * part[band]).sum();
            ground[band] = ground[band] * living + dead;
        }
    }

    fn digital(&self, reflectance: f32, noise: f32, draw: f32) -> u16 {
        let noisy = reflectance + draw * (reflectance * noise + SENSOR_NOISE.2);
        (noisy * QUANTIFICATION + self.offset + 0.5).clamp(1.0, 65_535.0) as u16
    }
}

/// The spectrum of a unit on a day of the series.
fn spectrum(unit: &Unit, day: f32, seasons: &Seasons) -> Spectrum {
    let leaf = |start, end, pace| seasons.leaf(day, start, end, pace, unit.shift);
    let plain = match unit.cover {
        Cover::Forest { conifer, .. } => {
            let broadleaf = BROADLEAF.at(leaf(118.0, 292.0, 7.0));
            blend(&broadleaf, &CONIFER.at(leaf(125.0, 285.0, 20.0)), conifer)
        }
        Cover::Crop => CROP.at(seasons.field(day, unit.key, unit.shift)),
        Cover::Meadow => GRASS.at(seasons.meadow(day, unit.key, unit.shift)),
        Cover::Shrub => {
            let grass = GRASS.at(0.15 + 0.65 * leaf(100.0, 290.0, 12.0));
            blend(&SHRUB.at(leaf(112.0, 295.0, 9.0)), &grass, 0.25 + 0.4 * uniform(unit.key))
        }
        Cover::Orchard => blend(
            &GRASS.at(seasons.meadow(day, unit.key, unit.shift)),
            &BROADLEAF.at(leaf(115.0, 296.0, 8.0)),
            0.35,
        ),
        Cover::Built => BUILT,
        Cover::Road => ROAD,
        Cover::Water(turbid) => blend(&CLEAR_WATER, &TURBID_WATER, turbid),
    };
    plain.map(|v| v * unit.bright)
}

/// A stream of standard normal numbers.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = mix(self.0);
        bell(self.0 as u32)
    }
}
