//! What the ground reflects on the day of a Sentinel-2 scene.

use super::Amazon;
use super::config::{CLIMATE, SITE};
use super::season::day_of_agriculture;
use super::spectra::{Look, SOIL};
use crate::optics::{Ground, Optics, SimulatedScene};
use crate::schedule::SceneSpec;
use crate::spectra::{Spectrum, blend};
use crate::{Error, Result};

struct Shot<'a> {
    amazon: &'a Amazon,
    optics: &'a Optics,
    looks: Vec<Look>,
}

impl Amazon {
    /// The pixels of Sentinel-2 scene `index`, from 0; each scene is computed by itself.
    ///
    /// # Errors
    /// When there is no such scene.
    pub fn scene(&self, index: usize) -> Result<SimulatedScene> {
        let missing = Error::NoSuchScene { landscape: "amazon", index, scenes: self.schedule.len() };
        let (day, spec) = self.schedule.get(index).ok_or(missing)?;
        Ok(render(self, index, *day, spec.clone()))
    }
}

/// Renders a scene on a day of the year (from 0); the same bytes for any number of threads.
fn render(amazon: &Amazon, number: usize, day_of_year: f32, spec: SceneSpec) -> SimulatedScene {
    let config = amazon.config();
    let outer = spec.relative_orbit == SITE.orbits[1];
    let optics = Optics::new(config.seed, number, config.size / 2, day_of_year, outer, &spec, &CLIMATE);
    let day = day_of_agriculture(day_of_year);
    let looks = amazon.land.units.iter().map(|unit| Look::new(unit, day)).collect();
    crate::optics::render(&Shot { amazon, optics: &optics, looks }, &optics, spec)
}

impl Ground for Shot<'_> {
    fn normal(&self, _: usize) -> [f32; 3] {
        [0.0, 0.0, 1.0]
    }

    fn quarters(&self, row: usize, col: usize) -> [Spectrum; 4] {
        let Amazon { land, texture, .. } = self.amazon;
        std::array::from_fn(|quarter| {
            let pixel = self.optics.registered(2 * row + quarter / 2, 2 * col + quarter % 2);
            let look = &self.looks[land.unit[pixel] as usize];
            let plants = blend(&look.low, &look.tree, texture.woody(pixel) * look.standing);
            let ground = blend(&plants, &SOIL, f32::from(land.soil[pixel]) / 255.0);
            ground.map(|v| v * texture.bright(pixel))
        })
    }
}
