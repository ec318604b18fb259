//! What the country reflects on the day of a scene.

use super::Roads;
use super::config::CLIMATE;
use super::way::Highway;
use crate::noise::{fractal, mix, uniform};
use crate::optics::{Ground, Optics, SimulatedScene};
use crate::render::spectrum;
use crate::schedule::SceneSpec;
use crate::spectra::{BUILT, CROP, ROAD, Spectrum, UNDERSTOREY, blend};

struct Shot<'a> {
    roads: &'a Roads,
    optics: &'a Optics,
    units: Vec<Spectrum>,
    ways: Vec<Spectrum>,
    understorey: Spectrum,
}

/// Renders a scene; the same bytes for any number of threads.
pub(super) fn render(roads: &Roads, number: usize, day: f32, spec: SceneSpec) -> SimulatedScene {
    let config = roads.config();
    let optics = Optics::new(config.seed, number, config.size / 2, day, false, &spec, &CLIMATE);
    let shot = Shot {
        roads,
        optics: &optics,
        units: roads.land.units.iter().map(|unit| spectrum(unit, day, &roads.seasons)).collect(),
        ways: roads.ways.iter().map(|way| surface(way.highway, way.key)).collect(),
        understorey: UNDERSTOREY.at(roads.seasons.leaf(day, 105.0, 290.0, 10.0, 0.0)),
    };
    crate::optics::render(&shot, &optics, spec)
}

/// Asphalt darkens when it is fresh and pales with the years; tracks are of the soil around them, or of gravel.
fn surface(highway: Highway, key: u64) -> Spectrum {
    let age = uniform(mix(key ^ 1));
    let base = match highway {
        Highway::Motorway | Highway::Primary => blend(&ROAD, &BUILT, 0.5 * age),
        Highway::Secondary | Highway::Residential => blend(&ROAD, &BUILT, 0.2 + 0.6 * age),
        Highway::Track => blend(&CROP.low, &BUILT, 0.6 * age),
    };
    base.map(|v| v * (0.78 + 0.4 * uniform(mix(key ^ 2))))
}

impl Shot<'_> {
    fn pixel(&self, pixel: usize) -> Spectrum {
        let Roads { land, texture, burnt, .. } = self.roads;
        let number = land.unit[pixel] as usize;
        let forest = land.units[number].is_forest();
        let mut ground = self.units[number];
        if forest {
            ground = blend(&ground, &self.understorey, texture.thin(pixel));
        }
        if burnt.share[pixel] > 0.0 {
            let way = burnt.way[pixel] as usize;
            let seen = burnt.share[pixel] * self.open(pixel, self.roads.ways[way].highway, forest);
            ground = blend(&ground, &self.ways[way], seen);
        }
        ground.map(|v| v * texture.bright(pixel))
    }

    /// How much of a road shows between the crowns beside it.
    fn open(&self, pixel: usize, highway: Highway, forest: bool) -> f32 {
        let side = self.roads.config().size;
        let (row, col) = ((pixel / side) as f32, (pixel % side) as f32);
        let trees = fractal(mix(self.roads.config().seed ^ 31), col / 14.0, row / 14.0, 2, 0.5);
        let avenue: f32 = if trees > 0.7 { 0.55 } else { 1.0 };
        match (highway, forest) {
            (Highway::Motorway, _) => 1.0,
            (Highway::Track, true) => 0.5,
            (Highway::Track, false) => 0.85,
            (_, true) => avenue.min(0.8),
            (_, false) => avenue,
        }
    }
}

impl Ground for Shot<'_> {
    fn normal(&self, pixel: usize) -> [f32; 3] {
        self.roads.normals[pixel]
    }

    fn quarters(&self, row: usize, col: usize) -> [Spectrum; 4] {
        std::array::from_fn(|quarter| {
            self.pixel(self.optics.registered(2 * row + quarter / 2, 2 * col + quarter % 2))
        })
    }
}
