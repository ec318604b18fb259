//! What the ground reflects on the day of a scene.

use super::Multiyear;
use super::config::{CLIMATE, SITE};
use super::spectra::Look;
use crate::noise::smoothstep;
use crate::optics::{Ground, Optics, SimulatedScene};
use crate::schedule::SceneSpec;
use crate::spectra::{SNOW, Spectrum, blend};
use crate::{Error, Result};

struct Shot<'a> {
    land: &'a Multiyear,
    optics: &'a Optics,
    looks: Vec<Look>,
    day: f32,
    snow_line: f32,
}

impl Multiyear {
    /// The pixels of scene `index`, from 0; each scene is computed by itself.
    ///
    /// # Errors
    /// When there is no such scene.
    pub fn scene(&self, index: usize) -> Result<SimulatedScene> {
        let missing = Error::NoSuchScene { landscape: "multiyear", index, scenes: self.schedule.len() };
        let (day, spec) = self.schedule.get(index).ok_or(missing)?;
        Ok(render(self, index, *day, spec.clone()))
    }
}

/// Renders a scene on a day of the series of 365-day years; the same bytes for any number of threads.
fn render(land: &Multiyear, number: usize, day: f32, spec: SceneSpec) -> SimulatedScene {
    let config = land.config();
    let outer = spec.relative_orbit == SITE.orbits[1];
    let (_, day_of_year) = land.years.seasons.year_and_day(day);
    let optics = Optics::new(config.seed, number, config.size / 2, day_of_year, outer, &spec, &CLIMATE);
    let looks = land.land.units.iter().map(|unit| Look::new(unit, day, &land.years)).collect();
    let snow_line = land.years.snow_line(day, number);
    crate::optics::render(&Shot { land, optics: &optics, looks, day, snow_line }, &optics, spec)
}

impl Ground for Shot<'_> {
    fn normal(&self, pixel: usize) -> [f32; 3] {
        self.land.normals[pixel]
    }

    fn quarters(&self, row: usize, col: usize) -> [Spectrum; 4] {
        let Multiyear { land, texture, height, .. } = self.land;
        let snow = smoothstep(-90.0, 110.0, height[row * self.land.config().size / 2 + col] - self.snow_line);
        std::array::from_fn(|quarter| {
            let pixel = self.optics.registered(2 * row + quarter / 2, 2 * col + quarter % 2);
            let number = land.on_day(pixel, self.day);
            let (unit, look) = (&land.units[number], &self.looks[number]);
            let plants = texture.plants(pixel, unit);
            let bright = texture.bright(pixel);
            let ground = blend(&look.low, &look.tall, plants).map(|v| v * bright);
            // Crowns stand out of the snow, and water does not keep it.
            let lies = if unit.cover.class() == 10 { 0.0 } else { 0.94 - 0.75 * plants };
            if snow > 0.0 { blend(&ground, &SNOW, snow * lies) } else { ground }
        })
    }
}
