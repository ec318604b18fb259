//! How directly the sun of each scene shines on the ground: one more channel, from heights.

use crate::{Error, Result, grid};
use ecotone_core::{GeoBox, Raster};
use ecotone_io::{Resampling, Scene};
use ecotone_jobs::{Heights, check_metres, open_heights};
use ecotone_preprocessing::{Sun, illumination};
use std::path::Path;

/// The name of the channel: cosine of the angle between the sun and the ground's normal.
pub const ILLUMINATION: &str = "illumination";

/// Side of the grid of pixels on which heights are looked for.
const LOOK: usize = 96;
/// Slopes come from the eight neighbours.
const RIM: usize = 1;

/// Heights in metres.
#[derive(Debug, Clone)]
pub(crate) struct Terrain {
    heights: Heights,
}

impl Terrain {
    /// Those that a place has on the map's grid, somewhere at least.
    ///
    /// # Errors
    /// When they cannot be read, or there are none, or the grid is not in metres.
    pub(crate) fn over(geobox: &GeoBox, place: &Path) -> Result<Self> {
        check_metres(place, geobox)?;
        let heights = Heights::on(geobox, place)?;
        // A tile is where its record says, and too large to be looked at as a whole.
        if heights.tiles().is_none() {
            let shape = geobox.shape();
            let coarse = geobox.zoom_out(shape.rows.max(shape.cols).div_ceil(LOOK));
            let look = open_heights(place)?.read_onto::<f32>(1, &coarse, Resampling::Nearest)?;
            if !look.valid_mask().contains(&true) {
                return Err(Error::NoTerrain { path: place.to_owned() });
            }
        }
        Ok(Self { heights })
    }

    /// Those that were found already. Opens no file.
    pub(crate) fn at(heights: &Heights) -> Self {
        Self { heights: heights.clone() }
    }

    /// Where they are.
    pub(crate) const fn heights(&self) -> &Heights {
        &self.heights
    }

    /// The heights of a window and its rim.
    pub(crate) fn read(&self, target: &GeoBox) -> Result<Relief> {
        Ok(Relief(self.heights.read(&target.pad(RIM))?))
    }
}

/// Heights around a window.
pub(crate) struct Relief(Raster<f32>);

impl Relief {
    /// The channel of a scene `[y, x]`.
    pub(crate) fn lit(&self, sun: Sun) -> Result<Vec<f32>> {
        Ok(grid::without_rim(&illumination(&self.0, sun)?, self.0.shape().cols, RIM))
    }
}

/// Where the sun stood when a scene was taken.
pub(crate) fn sun(scene: &Scene) -> Result<Sun> {
    match (scene.sun_elevation, scene.sun_azimuth) {
        (Some(elevation), Some(azimuth)) => Ok(Sun { zenith: 90.0 - elevation, azimuth }),
        _ => Err(Error::NoSun { scene: scene.id.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene_open::tests::scene;
    use ecotone_core::{Crs, GeoTransform, Raster, Shape2d, Window, XY};

    #[test]
    fn heights_elsewhere_and_an_unknown_sun_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let dem = folder.path().join("dem.tif");
        let transform = GeoTransform::north_up(XY::new(500_000.0, 5_500_000.0), 20.0);
        let here = GeoBox::new(Shape2d::new(64, 64), transform, Crs::epsg(32633));
        let heights = Raster::new(here.clone(), 1, vec![400i16; 64 * 64], None).unwrap();
        ecotone_io::write_cog(&dem, &heights, &ecotone_io::CogOptions::default()).unwrap();
        assert!(Terrain::over(&here, &dem).is_ok());
        let elsewhere = here.crop(Window::new(900, 900, 64, 64));
        let message = Terrain::over(&elsewhere, &dem).unwrap_err().to_string();
        assert!(message.contains("dem.tif has no height"), "{message}");
        let mut scene = scene("S2A_1");
        (scene.sun_elevation, scene.sun_azimuth) = (Some(40.0), None);
        let message = sun(&scene).unwrap_err().to_string();
        assert!(message.contains(&scene.id) && message.contains("view:sun_azimuth"), "{message}");
    }
}
