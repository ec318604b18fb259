//! Monthly backscatter as Sentinel-1 would measure it: gamma nought in linear power, VV and VH.
//!
//! Levels are round values in the range that C-band shows over such land; none was measured.

use super::Amazon;
use super::config::DAYS;
use super::cover::{Cover, CropKind, Unit};
use super::season::{day_of_agriculture, flood, green, wet};
use crate::noise::{Purpose, bell, field, fractal, hash, mix, seed_for, smoothstep, uniform};
use crate::speckle::speckle;
use crate::{Error, Result};
use chrono::{DateTime, Datelike, Days, NaiveTime, Utc};

/// Relative orbit of the descending passes.
const ORBIT: u16 = 39;
/// Months in the series.
const MONTHS: u64 = 12;

/// What is known of a radar scene before its pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RadarSpec {
    /// Unique name, such as `S1A_SIM_IW_GRDH_1SDV_20210809T093012_R039_rtc`.
    pub id: String,
    /// When it was taken.
    pub datetime: DateTime<Utc>,
    /// `sentinel-1a`.
    pub platform: &'static str,
    /// Relative orbit; all scenes share it, and descend.
    pub relative_orbit: u16,
}

impl RadarSpec {
    /// Equivalent number of looks of the speckle.
    pub const LOOKS: f64 = 4.4;
}

/// A radar scene at 10 m.
#[derive(Debug, Clone, PartialEq)]
pub struct RadarScene {
    /// What was known beforehand.
    pub spec: RadarSpec,
    /// Gamma nought of VV in linear power, row-major; always above 0.
    pub vv: Vec<f32>,
    /// Likewise of VH.
    pub vh: Vec<f32>,
}

/// Gamma nought of VV and VH.
type Backscatter = [f32; 2];

impl Amazon {
    /// The Sentinel-1 scenes in order of time, one a month.
    pub fn radar_scenes(&self) -> Vec<RadarSpec> {
        schedule(self).into_iter().map(|(_, spec)| spec).collect()
    }

    /// The pixels of Sentinel-1 scene `index`, from 0.
    ///
    /// # Errors
    /// When there is no such scene.
    pub fn radar(&self, index: usize) -> Result<RadarScene> {
        let schedule = schedule(self);
        let missing = Error::NoSuchScene { landscape: "amazon's radar", index, scenes: schedule.len() };
        let (day, spec) = schedule.get(index).ok_or(missing)?;
        Ok(render(self, index, *day, spec.clone()))
    }
}

/// The scenes of the year, one a month, each with its day of the year (from 0).
fn schedule(amazon: &Amazon) -> Vec<(f32, RadarSpec)> {
    let config = amazon.config();
    (0..MONTHS)
        .map(|month| {
            // The orbit repeats after 12 days; of each month the pass nearest its middle is kept.
            let day = (month * u64::from(DAYS) / MONTHS + 15 + 6) / 12 * 12;
            let date = config.start + Days::new(day);
            let time = NaiveTime::from_hms_opt(9, 30, 12).unwrap_or_default();
            let datetime = date.and_time(time).and_utc();
            let id = format!("S1A_SIM_IW_GRDH_1SDV_{}_R{ORBIT:03}_rtc", datetime.format("%Y%m%dT%H%M%S"));
            (
                date.ordinal0().min(364) as f32,
                RadarSpec { id, datetime, platform: "sentinel-1a", relative_orbit: ORBIT },
            )
        })
        .collect()
}

/// What a piece of land scatters on a day.
struct Echo {
    low: Backscatter,
    tree: Backscatter,
    standing: f32,
}

/// Renders a scene on a day of the year (from 0); the same bytes for any number of threads.
fn render(amazon: &Amazon, number: usize, day_of_year: f32, spec: RadarSpec) -> RadarScene {
    let (size, seed) = (amazon.config().size, amazon.config().seed);
    let day = day_of_agriculture(day_of_year);
    let own = hash(seed_for(seed, Purpose::Radar), number as i32, 0);
    // Rain of the last days, likelier in the wet season, and wind over the water.
    let rain = (wet(day) * 1.3 * uniform(mix(own ^ 1))).min(1.0);
    let wind = bell(mix(own ^ 2) as u32);
    let echoes: Vec<Echo> = amazon.land.units.iter().map(|unit| Echo::new(unit, day, rain, wind)).collect();
    let texture = seed_for(seed, Purpose::Radar);
    let grain = seed_for(seed, Purpose::Speckle) ^ own;
    let pixels: Vec<Backscatter> = field(size, size, |r, c| {
        let pixel = r * size + c;
        let Amazon { land, texture: ground, .. } = amazon;
        let echo = &echoes[land.unit[pixel] as usize];
        let trees = ground.woody(pixel) * echo.standing;
        let soil = f32::from(land.soil[pixel]) / 255.0;
        // Structure that lasts: 0.5 dB over some pixels, far more among houses.
        let rough = if land.unit_at(pixel).cover == Cover::Roof { 2.8 } else { 0.25 };
        let lasting = 0.4 * fractal(texture, c as f32 / 4.0, r as f32 / 4.0, 2, 0.5)
            + rough * bell(hash(mix(texture), r as i32, c as i32) as u32);
        let bits = hash(grain, r as i32, c as i32);
        std::array::from_fn(|p| {
            let plants = echo.low[p] + (echo.tree[p] - echo.low[p]) * trees;
            let mean = plants + (BARE[p] - plants) * soil;
            (mean * power(lasting) * speckle(mix(bits ^ p as u64))).max(1e-6)
        })
    });
    let (vv, vh) = pixels.iter().map(|p| (p[0], p[1])).unzip();
    RadarScene { spec, vv, vh }
}

/// Gamma nought of dry bare soil: -13 and -21 dB.
const BARE: Backscatter = [0.050, 0.0079];

/// Linear power of decibels.
fn power(decibels: f32) -> f32 {
    libm::powf(10.0, decibels / 10.0)
}

impl Echo {
    fn new(unit: &Unit, day: f32, rain: f32, wind: f32) -> Self {
        let flood = flood(day);
        let own = 1.4 * (unit.pick(8) - 0.5);
        let wide = [own, own + 1.0 * (unit.pick(9) - 0.5)];
        let decibels =
            |values: [f32; 2]| -> Backscatter { std::array::from_fn(|p| power(values[p] + wide[p])) };
        let felled = unit.cover == Cover::Felled && day > unit.felling();
        let tree = match unit.cover {
            Cover::Regrowth => [-7.7, -13.2],
            Cover::Plantation => [-8.6, -14.2],
            // Double bounce between water and stems.
            Cover::Flooded => [-7.1 + 1.7 * flood, -12.6 + 0.5 * flood],
            Cover::Savanna | Cover::Grassland => [-8.2 + 0.4 * wet(day), -13.9 + 0.7 * wet(day)],
            _ => [-7.1, -12.7],
        };
        Self {
            low: decibels(low(unit, day, rain, wind)),
            tree: decibels(tree),
            standing: if felled { 0.05 } else { 1.0 },
        }
    }
}

/// Decibels of what lies between the trees.
fn low(unit: &Unit, day: f32, rain: f32, wind: f32) -> [f32; 2] {
    let (green, flood) = (green(unit, day), flood(day));
    let soil = [-13.0 + 1.6 * rain, -21.0 + 0.9 * rain];
    let over =
        |full: [f32; 2]| -> [f32; 2] { std::array::from_fn(|p| soil[p] + (full[p] - soil[p]) * green) };
    match unit.cover {
        Cover::Pasture | Cover::Yard => over([-9.9, -16.4]),
        Cover::Felled => {
            let slash = 1.0 - smoothstep(unit.felling() + 60.0, unit.felling() + 160.0, day);
            let grass = over([-9.9, -16.4]);
            [grass[0] + (-9.0 - grass[0]) * slash, grass[1] + (-16.0 - grass[1]) * slash]
        }
        Cover::Soy => over([-8.9, -14.6]),
        Cover::Crop => match unit.crop() {
            CropKind::Cotton => over([-7.9, -13.6]),
            CropKind::Maize => over([-9.4, -15.2]),
            CropKind::Beans => over([-9.2, -15.4]),
        },
        Cover::Wetland => {
            let grass = over([-10.6, -17.4]);
            [grass[0] + 3.0 * flood, grass[1] + 0.3 * flood]
        }
        // Corners between walls and ground; streets that run across the beam shine.
        Cover::Roof => [-3.5 + 3.0 * (unit.pick(10) - 0.5), -11.5 + 2.5 * (unit.pick(11) - 0.5)],
        Cover::Street => [-10.0, -18.0],
        Cover::Mine => [soil[0] + 0.6, soil[1] + 0.3],
        Cover::Sand => [soil[0] - 2.2, soil[1] - 2.4],
        Cover::Road => soil,
        Cover::Pond => [-17.0 + 0.8 * wind, -24.5],
        Cover::Water | Cover::Flooded => [-18.5 + 1.6 * wind, -25.5 + 0.3 * wind],
        _ => over([-10.5, -17.2]),
    }
}
