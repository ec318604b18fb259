//! Scenes in true colour, as Level-2A adds them to its bands.

use super::{Roads, ground};
use crate::optics::SimulatedScene;
use crate::schedule::SceneSpec;
use crate::{Error, Result};

/// Reflectance that the brightest value of a true-colour picture stands for, as Sen2Cor scales it.
const BRIGHTEST: f32 = 0.3558;

/// A scene in true colour.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueColour {
    /// What was known beforehand.
    pub spec: SceneSpec,
    /// Red, green and blue at 10 m, `[band, row, col]`: 1 to 255 for reflectances from 0 to 0.3558 and above, 0 without data.
    pub data: Vec<u8>,
    /// Scene classification at 20 m, row-major, classes 0 to 11.
    pub scl: Vec<u8>,
    /// Percent of the pixels with data that the classification calls cloud or cirrus.
    pub cloud_cover: f64,
}

impl Roads {
    /// The picture of scene `index`, from 0; each scene is computed by itself.
    ///
    /// # Errors
    /// When there is no such scene.
    pub fn scene(&self, index: usize) -> Result<TrueColour> {
        let missing = Error::NoSuchScene { landscape: "roads", index, scenes: self.schedule.len() };
        let (day, spec) = self.schedule.get(index).ok_or(missing)?;
        Ok(true_colour(ground::render(self, index, *day, spec.clone())))
    }
}

/// The picture of a scene.
fn true_colour(scene: SimulatedScene) -> TrueColour {
    let offset = f32::from(scene.spec.offset);
    let value = |dn: &u16| match *dn {
        0 => 0,
        dn => ((f32::from(dn) + offset) / 10_000.0 / BRIGHTEST * 255.0 + 0.5).clamp(1.0, 255.0) as u8,
    };
    let colours =
        ["B04", "B03", "B02"].iter().flat_map(|name| scene.bands.iter().find(|band| band.name == *name));
    let data = colours.flat_map(|band| band.data.iter().map(value)).collect();
    TrueColour { data, scl: scene.scl, cloud_cover: scene.cloud_cover, spec: scene.spec }
}
