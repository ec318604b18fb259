//! What the forest's ground looks like on the day of a scene.

use crate::events::{Events, LAG_DAYS};
use crate::forest::Forest;
use crate::landscape::{Cover, Unit};
use crate::noise::{mix, smoothstep, uniform};
use crate::optics::{Ground, Optics, SimulatedScene};
use crate::schedule::{EUROPE, SceneSpec};
use crate::season::Seasons;
use crate::spectra::{
    BANDS, BROADLEAF, BUILT, CHAR, CLEAR_WATER, CONIFER, CROP, GRASS, GREY_CROWN, RED_CROWN, ROAD, SHRUB,
    SLASH, SNOW, STRESS, Spectrum, TURBID_WATER, UNDERSTOREY, blend,
};
use crate::story::PARTS;
use crate::weather::TEMPERATE;
use crate::{Error, Result};

/// The forest on one day.
struct Shot<'a> {
    forest: &'a Forest,
    optics: &'a Optics,
    day: f32,
    /// Spectrum of every unit on the day, in full canopy.
    units: Vec<Spectrum>,
    understorey: Spectrum,
    parts: [Spectrum; PARTS],
    /// The day's values of the vitality waves.
    waves: [f32; 2],
}

impl Forest {
    /// The pixels of scene `index`, from 0; each scene is computed by itself.
    ///
    /// # Errors
    /// When there is no such scene.
    pub fn scene(&self, index: usize) -> Result<SimulatedScene> {
        let missing = Error::NoSuchScene { landscape: "forest", index, scenes: self.schedule.len() };
        let (day, spec) = self.schedule.get(index).ok_or(missing)?;
        Ok(render(self, index, *day, spec.clone()))
    }
}

/// Renders a scene; the same bytes for any number of threads.
fn render(forest: &Forest, number: usize, day: f32, spec: SceneSpec) -> SimulatedScene {
    let config = forest.config();
    let (_, day_of_year) = forest.seasons.year_and_day(day);
    let outer = spec.relative_orbit == EUROPE.orbits[1];
    let optics = Optics::new(config.seed, number, config.size, day_of_year, outer, &spec, &TEMPERATE);
    crate::optics::render(&Shot::new(forest, &optics, day), &optics, spec)
}

impl<'a> Shot<'a> {
    fn new(forest: &'a Forest, optics: &'a Optics, day: f32) -> Self {
        let config = forest.config();
        let seasons = &forest.seasons;
        let middle = config.mapping_day() as f32 + 182.0;
        let swing = (day / 210.0 + uniform(mix(config.seed)) * 2.0) * std::f32::consts::PI;
        let herbs = GRASS.at(0.12 + 0.68 * seasons.leaf(day, 100.0, 285.0, 12.0, 0.0));
        Self {
            forest,
            optics,
            day,
            units: forest.land.units.iter().map(|unit| spectrum(unit, day, seasons)).collect(),
            understorey: UNDERSTOREY.at(seasons.leaf(day, 105.0, 290.0, 10.0, 0.0)),
            parts: [RED_CROWN, GREY_CROWN, SLASH, CHAR, herbs],
            waves: [2.0 * smoothstep(middle - 260.0, middle + 260.0, day) - 1.0, libm::sinf(swing)],
        }
    }

    /// Reflectance of the ground at a pixel of 10 m.
    fn ground(&self, pixel: usize, stress: f32, snow: f32) -> Spectrum {
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
}

impl Ground for Shot<'_> {
    fn normal(&self, pixel: usize) -> [f32; 3] {
        self.forest.normals[pixel]
    }

    fn quarters(&self, row: usize, col: usize) -> [Spectrum; 4] {
        let pixel = row * self.forest.config().size + col;
        let snow = smoothstep(-40.0, 60.0, self.forest.dem()[pixel] - self.optics.weather.snow_line);
        let stress = self.forest.texture.stress(pixel, self.waves);
        std::array::from_fn(|quarter| {
            let fine = self.optics.registered(2 * row + quarter / 2, 2 * col + quarter % 2);
            self.ground(fine, stress, snow)
        })
    }
}

/// The spectrum of a unit on a day of the series.
pub(crate) fn spectrum(unit: &Unit, day: f32, seasons: &Seasons) -> Spectrum {
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
