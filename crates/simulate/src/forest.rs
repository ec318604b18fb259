//! A seeded forest landscape and the satellite series of it.

use crate::events::Events;
use crate::fingerprint::Fingerprint;
use crate::landscape::{Cover, LandUse, Landscape};
use crate::schedule::{SceneSpec, schedule};
use crate::season::Seasons;
use crate::terrain::Terrain;
use crate::texture::Texture;
use crate::{Error, ForestConfig, Result};
use chrono::Datelike;
use ecotone_core::{ClassCode, Crs, GeoBox, GeoTransform, Legend, LegendEntry, Rgb, Shape2d, XY};

/// Upper left corner in EPSG:32633: a multiple of 20 m (and of 60 m).
const ORIGIN: XY<f64> = XY::new(499_980.0, 5_500_020.0);
/// More forest than fields.
pub(crate) const LAND_USE: LandUse = LandUse { forest: 0.555, settled: true };
/// How many scenes a fingerprint looks at.
const FINGERPRINT_SCENES: usize = 8;

/// Codes, names and colours of the classes of forest dynamics.
const CLASSES: [(u8, &str, [u8; 3]); 7] = [
    (1, "persistent non-treed", [0xe8, 0xd9, 0x9b]),
    (2, "persistent tree cover", [0x1b, 0x6e, 0x34]),
    (3, "tree cover loss", [0xd7, 0x26, 0x1e]),
    (4, "light disturbance", [0xf5, 0xa3, 0x2a]),
    (5, "persistent disturbed state", [0x8c, 0x5a, 0xa8]),
    (6, "disturbed to non-treed", [0xe0, 0x5c, 0xb0]),
    (7, "water", [0x2f, 0x7f, 0xc4]),
];

/// A landscape with known truth, from which scenes are taken. Nothing is on disk.
pub struct Forest {
    config: ForestConfig,
    dem: Vec<f32>,
    truth: Vec<u8>,
    legend: Legend,
    pub(crate) schedule: Vec<(f32, SceneSpec)>,
    pub(crate) normals: Vec<[f32; 3]>,
    pub(crate) land: Landscape,
    pub(crate) events: Events,
    pub(crate) texture: Texture,
    pub(crate) seasons: Seasons,
}

impl Forest {
    /// Builds the landscape; the same configuration gives the same forest, whatever the number of threads.
    ///
    /// # Errors
    /// When the configuration does not pass [`ForestConfig::check`].
    pub fn new(config: ForestConfig) -> Result<Self> {
        config.check()?;
        let (seed, size) = (config.seed, config.size);
        let Terrain { dem, normals, water } = Terrain::new(seed, size);
        let land = Landscape::new(seed, size, &dem, &water, LAND_USE);
        let first_doy = config.start.ordinal0();
        let events = Events::new(seed, size, &land, config.mapping_day() as f32, first_doy as f32);
        let texture = Texture::new(seed, size, &land);
        let truth = truth(size, &land, &events);
        let seasons = Seasons::new(seed, first_doy);
        let schedule = schedule(&config.series());
        let legend = legend_of(&CLASSES)?;
        Ok(Self { config, dem, truth, legend, schedule, normals, land, events, texture, seasons })
    }

    /// What was asked for.
    pub const fn config(&self) -> &ForestConfig {
        &self.config
    }

    /// Class codes 1 to 7 of the mapping year at 20 m, `[row, col]` in row-major order.
    pub fn truth(&self) -> &[u8] {
        &self.truth
    }

    /// The seven classes.
    pub const fn legend(&self) -> &Legend {
        &self.legend
    }

    /// The grid of 20 m, in EPSG:32633.
    pub fn geobox(&self) -> GeoBox {
        self.grid(self.config.size, 20.0)
    }

    /// The grid of 10 m over the same area.
    pub fn geobox_10m(&self) -> GeoBox {
        self.grid(2 * self.config.size, 10.0)
    }

    /// Heights in metres at 20 m, `[row, col]` in row-major order.
    pub fn dem(&self) -> &[f32] {
        &self.dem
    }

    /// The scenes in order of time.
    pub fn scenes(&self) -> Vec<SceneSpec> {
        self.schedule.iter().map(|(_, spec)| spec.clone()).collect()
    }

    /// SHA-256, in hexadecimal, of the truth, the heights and eight scenes spread over the series: when it changes,
    /// numbers measured on earlier simulations no longer compare.
    ///
    /// # Errors
    /// Never for a forest that [`Forest::new`] made.
    pub fn fingerprint(&self) -> Result<String> {
        let mut print = Fingerprint::default();
        print.bytes(&self.truth);
        print.floats(&self.dem);
        for index in Fingerprint::spread(self.schedule.len(), FINGERPRINT_SCENES) {
            print.scene(&self.scene(index)?);
        }
        Ok(print.finish())
    }

    fn grid(&self, side: usize, gsd: f64) -> GeoBox {
        GeoBox::new(Shape2d::new(side, side), GeoTransform::north_up(ORIGIN, gsd), Crs::epsg(32633))
    }
}

/// A legend of codes, names and colours.
pub(crate) fn legend_of(classes: &[(u8, &str, [u8; 3])]) -> Result<Legend> {
    let entry = |(code, name, color): &(u8, &str, [u8; 3])| LegendEntry {
        code: ClassCode(*code),
        name: (*name).to_owned(),
        color: Rgb(*color),
    };
    Legend::new(classes.iter().map(entry).collect()).map_err(Error::Legend)
}

/// The class that most of a pixel's four quarters have; among equals the one of the highest code,
/// so that narrow tracks do not cut forests and patches apart.
fn truth(size: usize, land: &Landscape, events: &Events) -> Vec<u8> {
    let fine = 2 * size;
    let class_of = |pixel: usize| match (events.at(pixel), land.units[land.unit[pixel] as usize].cover) {
        (Some(story), _) => story.class,
        (None, Cover::Forest { .. }) => 2,
        (None, Cover::Water(_)) => 7,
        (None, _) => 1,
    };
    let majority = |row: usize, col: usize| {
        let at = |dr: usize, dc: usize| class_of((2 * row + dr) * fine + 2 * col + dc);
        let four = [at(0, 0), at(0, 1), at(1, 0), at(1, 1)];
        let votes = |class: u8| four.iter().filter(|c| **c == class).count();
        four.into_iter().max_by_key(|class| (votes(*class), *class)).unwrap_or(four[0])
    };
    (0..size * size).map(|i| majority(i / size, i % size)).collect()
}
