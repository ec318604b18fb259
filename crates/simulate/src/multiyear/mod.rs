//! An alpine valley over several years: crops rotate, weather differs, little changes, and the map of it is old.

mod changes;
mod config;
mod cover;
mod generalise;
mod ground;
mod labels;
mod land;
mod natural;
mod piece;
mod relief;
mod season;
mod spectra;
#[cfg(test)]
mod tests;
mod texture;

use crate::fingerprint::Fingerprint;
use crate::forest::legend_of;
use crate::noise::field;
use crate::schedule::SceneSpec;
use crate::terrain::normal;
use crate::{Error, Result};
use chrono::Datelike;
use ecotone_core::{Crs, GeoBox, GeoTransform, Legend, Shape2d, XY};
use land::Land;
use relief::{FLOOR, Relief};
use season::Years;
use texture::Texture;

pub use config::MultiyearConfig;

/// Upper left corner in EPSG:32632: a multiple of 20 m.
const ORIGIN: XY<f64> = XY::new(650_000.0, 5_090_000.0);
/// How many scenes a fingerprint looks at.
const FINGERPRINT_SCENES: usize = 9;

/// A valley of Trentino with known truth of every year, from which scenes are taken. Nothing is on disk.
///
/// ```
/// use ecotone_simulate::{Multiyear, MultiyearConfig};
///
/// let valley = Multiyear::new(MultiyearConfig { size: 64, revisit_days: 60, ..MultiyearConfig::default() })?;
/// assert_eq!(valley.years(), 2018..2021);
/// assert_eq!(valley.truth(2019)?.len(), valley.labels().len());
/// assert_eq!(valley.scene(0)?.bands.len(), 10);
/// # Ok::<(), ecotone_simulate::Error>(())
/// ```
pub struct Multiyear {
    config: MultiyearConfig,
    truths: Vec<Vec<u8>>,
    labels: Vec<u8>,
    legend: Legend,
    schedule: Vec<(f32, SceneSpec)>,
    land: Land,
    texture: Texture,
    years: Years,
    /// Metres above the sea, and unit normals, at the pixels of 20 m.
    height: Vec<f32>,
    normals: Vec<[f32; 3]>,
}

impl Multiyear {
    /// Builds the landscape; the same configuration gives the same one, whatever the number of threads.
    ///
    /// # Errors
    /// When the configuration does not pass [`MultiyearConfig::check`].
    pub fn new(config: MultiyearConfig) -> Result<Self> {
        config.check()?;
        let (seed, size) = (config.seed, config.size);
        let relief = Relief::new(seed, size as f32 * 10.0);
        let land = Land::new(seed, size, config.years, &relief);
        let side = size / 2;
        let height = field(side, side, |r, c| relief.height(c as f32 * 20.0 + 10.0, r as f32 * 20.0 + 10.0));
        let normals = field(side, side, |r, c| {
            let level = height[r * side + c] < FLOOR + 12.0;
            if level { [0.0, 0.0, 1.0] } else { normal(&height, side, r, c) }
        });
        let truth = |year: u32| (0..size * size).map(|i| land.in_year(i, year as i32).class()).collect();
        let truths = (0..config.years).map(truth).collect();
        let labels = labels::labels(seed, size, &land);
        let first = config.first_year;
        // Days of the series count years of 365 days, so that seasons keep their dates.
        let day = |spec: &SceneSpec| {
            let date = spec.datetime.date_naive();
            365.0 * (date.year() - first) as f32 + date.ordinal0().min(364) as f32
        };
        let scenes = crate::schedule::schedule(&config.series()?);
        let schedule = scenes.into_iter().map(|(_, spec)| (day(&spec), spec)).collect();
        Ok(Self {
            truths,
            labels,
            legend: legend_of(&cover::CLASSES)?,
            schedule,
            texture: Texture::new(seed, size),
            years: Years::new(seed),
            land,
            height,
            normals,
            config,
        })
    }

    /// What was asked for.
    pub const fn config(&self) -> &MultiyearConfig {
        &self.config
    }

    /// The calendar years.
    pub fn years(&self) -> std::ops::Range<i32> {
        self.config.first_year..self.config.first_year + self.config.years as i32
    }

    /// Codes of the classes in the summer of a calendar year at 10 m, `[row, col]` in row-major order.
    ///
    /// # Errors
    /// When the year is not one of [`Multiyear::years`].
    pub fn truth(&self, year: i32) -> Result<&[u8]> {
        let number = usize::try_from(year - self.config.first_year).ok();
        let found = number.and_then(|number| self.truths.get(number)).map(Vec::as_slice);
        let missing = || Error::NoSuchYear { year, first: self.years().start, last: self.years().end - 1 };
        found.ok_or_else(missing)
    }

    /// What a thematic map says that was made six years before the first: codes at 10 m, `[row, col]` in row-major
    /// order; about a quarter is wrong, patches below 2 ha are not on it, and its borders lie off by some ten metres.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// Ten classes.
    pub const fn legend(&self) -> &Legend {
        &self.legend
    }

    /// The grid of 10 m, in EPSG:32632.
    pub fn geobox(&self) -> GeoBox {
        self.grid(self.config.size, 10.0)
    }

    /// The grid of 20 m over the same area.
    pub fn geobox_20m(&self) -> GeoBox {
        self.grid(self.config.size / 2, 20.0)
    }

    /// The scenes of all years in order of time.
    pub fn scenes(&self) -> Vec<SceneSpec> {
        self.schedule.iter().map(|(_, spec)| spec.clone()).collect()
    }

    /// SHA-256, in hexadecimal, of the truth of all years, the labels and nine scenes spread over the series: when it
    /// changes, numbers measured on earlier simulations no longer compare.
    ///
    /// # Errors
    /// Never for a landscape that [`Multiyear::new`] made.
    pub fn fingerprint(&self) -> Result<String> {
        let mut print = Fingerprint::default();
        self.truths.iter().for_each(|truth| print.bytes(truth));
        print.bytes(&self.labels);
        for index in Fingerprint::spread(self.schedule.len(), FINGERPRINT_SCENES) {
            print.scene(&self.scene(index)?);
        }
        Ok(print.finish())
    }

    fn grid(&self, side: usize, gsd: f64) -> GeoBox {
        GeoBox::new(Shape2d::new(side, side), GeoTransform::north_up(ORIGIN, gsd), Crs::epsg(32632))
    }
}
