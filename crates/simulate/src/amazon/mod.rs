//! The arc of deforestation for one year: fishbone clearings in rainforest, seen by Sentinel-2 and Sentinel-1.

mod config;
mod cover;
mod ground;
mod labels;
mod land;
mod lots;
mod natural;
mod network;
mod radar;
mod season;
mod spectra;
mod texture;
mod water;

use crate::Result;
use crate::fingerprint::Fingerprint;
use crate::forest::legend_of;
use crate::schedule::SceneSpec;
use chrono::Datelike;
use ecotone_core::{Crs, GeoBox, GeoTransform, Legend, Shape2d, XY};
use land::Land;
use texture::Texture;

pub use config::AmazonConfig;
pub(crate) use config::ensure_even_size;
pub use radar::{RadarScene, RadarSpec};

/// Upper left corner in EPSG:32721: a multiple of 20 m.
const ORIGIN: XY<f64> = XY::new(600_000.0, 8_700_040.0);
/// How many scenes of each sensor a fingerprint looks at.
const FINGERPRINT_SCENES: usize = 6;

/// A landscape of northern Mato Grosso with known truth, from which scenes are taken. Nothing is on disk.
///
/// ```
/// use ecotone_simulate::{Amazon, AmazonConfig};
///
/// let amazon = Amazon::new(AmazonConfig { size: 64, revisit_days: 60, ..AmazonConfig::default() })?;
/// assert_eq!(amazon.truth().len(), amazon.labels().len());
/// assert_eq!(amazon.radar_scenes().len(), 12);
/// assert_eq!(amazon.radar(0)?.vv.len(), 64 * 64);
/// # Ok::<(), ecotone_simulate::Error>(())
/// ```
pub struct Amazon {
    config: AmazonConfig,
    truth: Vec<u8>,
    labels: Vec<u8>,
    legend: Legend,
    schedule: Vec<(f32, SceneSpec)>,
    land: Land,
    texture: Texture,
}

impl Amazon {
    /// Builds the landscape; the same configuration gives the same one, whatever the number of threads.
    ///
    /// # Errors
    /// When the configuration does not pass [`AmazonConfig::check`].
    pub fn new(config: AmazonConfig) -> Result<Self> {
        config.check()?;
        let (seed, size) = (config.seed, config.size);
        let land = Land::new(seed, size);
        let texture = Texture::new(seed, size, &land);
        let truth = (0..size * size).map(|i| land.unit_at(i).cover.class()).collect();
        let labels = labels::labels(seed, size, &land);
        let first = config.start.ordinal0() as f32;
        let scenes = crate::schedule::schedule(&config.series());
        let schedule = scenes.into_iter().map(|(day, spec)| ((first + day) % 365.0, spec)).collect();
        Ok(Self { truth, labels, legend: legend_of(&cover::CLASSES)?, schedule, land, texture, config })
    }

    /// What was asked for.
    pub const fn config(&self) -> &AmazonConfig {
        &self.config
    }

    /// Codes of the classes at 10 m, `[row, col]` in row-major order.
    pub fn truth(&self) -> &[u8] {
        &self.truth
    }

    /// What a coarse map of the year before says instead: codes at 10 m in blocks of 30 m, `[row, col]` in row-major
    /// order; about a fifth is wrong.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// Thirteen classes of MapBiomas.
    pub const fn legend(&self) -> &Legend {
        &self.legend
    }

    /// The grid of 10 m, in EPSG:32721.
    pub fn geobox(&self) -> GeoBox {
        self.grid(self.config.size, 10.0)
    }

    /// The grid of 20 m over the same area.
    pub fn geobox_20m(&self) -> GeoBox {
        self.grid(self.config.size / 2, 20.0)
    }

    /// The Sentinel-2 scenes in order of time.
    pub fn scenes(&self) -> Vec<SceneSpec> {
        self.schedule.iter().map(|(_, spec)| spec.clone()).collect()
    }

    /// SHA-256, in hexadecimal, of truth, labels and six scenes of each sensor spread over the year: when it changes,
    /// numbers measured on earlier simulations no longer compare.
    ///
    /// # Errors
    /// Never for a landscape that [`Amazon::new`] made.
    pub fn fingerprint(&self) -> Result<String> {
        let mut print = Fingerprint::default();
        print.bytes(&self.truth);
        print.bytes(&self.labels);
        for index in Fingerprint::spread(self.schedule.len(), FINGERPRINT_SCENES) {
            print.scene(&self.scene(index)?);
        }
        for index in Fingerprint::spread(self.radar_scenes().len(), FINGERPRINT_SCENES) {
            let radar = self.radar(index)?;
            print.bytes(radar.spec.id.as_bytes());
            print.floats(&radar.vv);
            print.floats(&radar.vh);
        }
        Ok(print.finish())
    }

    fn grid(&self, side: usize, gsd: f64) -> GeoBox {
        GeoBox::new(Shape2d::new(side, side), GeoTransform::north_up(ORIGIN, gsd), Crs::epsg(32721))
    }
}
