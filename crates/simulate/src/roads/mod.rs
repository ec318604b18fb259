//! A country with towns and roads, on three dates in true colour, and a map of its roads that lies a little off.

mod burn;
mod config;
mod ground;
mod network;
mod picture;
mod towns;
mod vectors;
mod way;

use crate::Result;
use crate::fingerprint::Fingerprint;
use crate::forest::legend_of;
use crate::landscape::{Cover, Landscape, Unit};
use crate::noise::{mix, uniform};
use crate::schedule::SceneSpec;
use crate::season::Seasons;
use crate::terrain::Terrain;
use crate::texture::Texture;
use burn::{Burnt, burn};
use ecotone_core::{Crs, GeoBox, GeoTransform, Legend, Shape2d, XY};
use std::collections::BTreeMap;
use towns::{Town, towns};
use way::{Place, Way};

pub use config::RoadsConfig;
pub use picture::TrueColour;
pub use way::Highway;

/// Upper left corner in EPSG:32633: a multiple of 20 m.
const ORIGIN: XY<f64> = XY::new(399_960.0, 5_400_000.0);
const CLASSES: [(u8, &str, [u8; 3]); 2] =
    [(1, "background", [0xdd, 0xdd, 0xd0]), (2, "road", [0x30, 0x30, 0x30])];

/// A road of the map, with coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct MappedRoad {
    /// Its kind.
    pub highway: Highway,
    /// Whether it is paved.
    pub paved: bool,
    /// Eastings and northings in metres.
    pub points: Vec<XY<f64>>,
}

/// A landscape whose roads are known. Nothing is on disk.
///
/// ```
/// use ecotone_simulate::{Roads, RoadsConfig};
///
/// let roads = Roads::new(RoadsConfig { size: 128, ..RoadsConfig::default() })?;
/// assert_eq!(roads.scenes().len(), 3);
/// assert_eq!(roads.scene(0)?.data.len(), 3 * 128 * 128);
/// # Ok::<(), ecotone_simulate::Error>(())
/// ```
pub struct Roads {
    config: RoadsConfig,
    truth: Vec<u8>,
    labels: Vec<u8>,
    legend: Legend,
    mapped: Vec<Way>,
    schedule: Vec<(f32, SceneSpec)>,
    normals: Vec<[f32; 3]>,
    land: Landscape,
    texture: Texture,
    seasons: Seasons,
    ways: Vec<Way>,
    burnt: Burnt,
}

impl Roads {
    /// Builds the landscape; the same configuration gives the same one, whatever the number of threads.
    ///
    /// # Errors
    /// When the configuration does not pass [`RoadsConfig::check`].
    pub fn new(config: RoadsConfig) -> Result<Self> {
        config.check()?;
        let (seed, size) = (config.seed, config.size);
        let Terrain { dem, normals, water } = Terrain::new(seed, size / 2);
        let mut land = Landscape::new(seed, size / 2, &dem, &water, config::LAND_USE);
        let side = size as f32 * burn::PIXEL;
        let index = |v: f32| ((v / burn::PIXEL).max(0.0) as usize).min(size - 1);
        let wet = |(x, y): Place| water[index(y) * size + index(x)];
        let towns = towns(seed, side, wet);
        build(&mut land, size, &towns, &water);
        let ways = network::network(seed, side, &towns, wet);
        let burnt = burn(size, &ways);
        let truth = burnt.drawn.iter().map(|road| if *road { 2 } else { 1 }).collect();
        let mapped = vectors::mapped(seed, &ways);
        let labels = vectors::labels(size, &mapped);
        let texture = Texture::new(seed, size / 2, &land);
        let (schedule, seasons) = (config.schedule(), Seasons::new(seed, 0));
        let legend = legend_of(&CLASSES)?;
        Ok(Self {
            config,
            truth,
            labels,
            legend,
            mapped,
            schedule,
            normals,
            land,
            texture,
            seasons,
            ways,
            burnt,
        })
    }

    /// What was asked for.
    pub const fn config(&self) -> &RoadsConfig {
        &self.config
    }

    /// 2 where a road is, as wide as it is, else 1; at 10 m, `[row, col]` in row-major order.
    pub fn truth(&self) -> &[u8] {
        &self.truth
    }

    /// Likewise from the map: its lines burnt and dilated by a pixel.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// Background and road.
    pub const fn legend(&self) -> &Legend {
        &self.legend
    }

    /// The grid of 10 m, in EPSG:32633.
    pub fn geobox(&self) -> GeoBox {
        self.grid(self.config.size, 10.0)
    }

    /// The grid of 20 m over the same area.
    pub fn geobox_20m(&self) -> GeoBox {
        self.grid(self.config.size / 2, 20.0)
    }

    /// The map: lines that lie 5 to 15 m off, and lack some roads.
    pub fn mapped(&self) -> Vec<MappedRoad> {
        self.mapped.iter().map(|way| self.road(way)).collect()
    }

    /// All roads where they are.
    pub fn roads(&self) -> Vec<MappedRoad> {
        self.ways.iter().map(|way| self.road(way)).collect()
    }

    /// The three scenes in order of time.
    pub fn scenes(&self) -> Vec<SceneSpec> {
        self.schedule.iter().map(|(_, spec)| spec.clone()).collect()
    }

    /// SHA-256, in hexadecimal, of truth, labels, lines and scenes: when it changes, numbers measured on earlier
    /// simulations no longer compare.
    ///
    /// # Errors
    /// Never for a landscape that [`Roads::new`] made.
    pub fn fingerprint(&self) -> Result<String> {
        let mut print = Fingerprint::default();
        print.bytes(&self.truth);
        print.bytes(&self.labels);
        for way in &self.mapped {
            print.bytes(way.highway.tag().as_bytes());
            way.points.iter().for_each(|(x, y)| print.floats(&[*x, *y]));
        }
        for index in 0..self.schedule.len() {
            let scene = self.scene(index)?;
            print.bytes(scene.spec.id.as_bytes());
            print.bytes(&scene.scl);
            print.bytes(&scene.data);
        }
        Ok(print.finish())
    }

    fn road(&self, way: &Way) -> MappedRoad {
        let place = |(x, y): &Place| XY::new(ORIGIN.x + f64::from(*x), ORIGIN.y - f64::from(*y));
        let points = way.points.iter().map(place).collect();
        MappedRoad { highway: way.highway, paved: way.highway != Highway::Track, points }
    }

    fn grid(&self, side: usize, gsd: f64) -> GeoBox {
        GeoBox::new(Shape2d::new(side, side), GeoTransform::north_up(ORIGIN, gsd), Crs::epsg(32633))
    }
}

/// Puts houses and gardens onto the land.
fn build(land: &mut Landscape, size: usize, towns: &[Town], water: &[bool]) {
    let mut numbers = BTreeMap::new();
    for pixel in (0..size * size).filter(|pixel| !water[*pixel]) {
        let middle = |i: usize| (i as f32 + 0.5) * burn::PIXEL;
        let place = (middle(pixel % size), middle(pixel / size));
        let Some(town) = towns.iter().position(|town| town.outside(place) < 0.0) else { continue };
        let (plot, key) = towns[town].plot(place);
        let cover = plot.cover();
        land.unit[pixel] = *numbers.entry((town, plot as u8, key)).or_insert_with(|| {
            let own = mix(towns[town].key ^ mix(key));
            // Roofs differ far more than gardens.
            let (low, spread) = if cover == Cover::Built { (0.6, 0.75) } else { (0.85, 0.3) };
            let bright = low + spread * uniform(own);
            land.units.push(Unit { cover, key: own, shift: 8.0 * (uniform(mix(own)) - 0.5), bright });
            land.units.len() as u32 - 1
        });
    }
}
