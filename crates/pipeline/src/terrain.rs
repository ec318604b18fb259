//! How directly the sun of each scene shines on the ground: one more channel, from a raster of heights.

use crate::{Error, Result, grid};
use ecotone_core::{GeoBox, Nodata, Raster};
use ecotone_io::{PixelType, RasterDataset, Resampling, Scene};
use ecotone_preprocessing::{Sun, illumination};
use std::path::{Path, PathBuf};

/// The name of the channel: cosine of the angle between the sun and the ground's normal.
pub(crate) const ILLUMINATION: &str = "illumination";

/// Side of the grid of pixels on which heights are looked for.
const LOOK: usize = 96;
/// Slopes come from the eight neighbours.
const RIM: usize = 1;

/// A raster of heights in metres.
#[derive(Debug, Clone)]
pub(crate) struct Terrain {
    path: PathBuf,
}

impl Terrain {
    /// A raster that has a height somewhere on the map's grid.
    ///
    /// # Errors
    /// When it cannot be read, or has none, or the grid is not in metres.
    pub(crate) fn over(geobox: &GeoBox, path: PathBuf) -> Result<Self> {
        check_metres(&path, geobox)?;
        let shape = geobox.shape();
        let coarse = geobox.zoom_out(shape.rows.max(shape.cols).div_ceil(LOOK));
        let heights = open(&path)?.read_onto::<f32>(1, &coarse, Resampling::Nearest)?;
        if heights.valid_mask().contains(&true) { Ok(Self { path }) } else { Err(Error::NoTerrain { path }) }
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The heights of a window and its rim.
    pub(crate) fn read(&self, target: &GeoBox) -> Result<Relief> {
        Ok(Relief(heights(&self.path, &target.pad(RIM))?))
    }
}

/// Refuses slopes on a grid along whose axes metres are not metres.
///
/// # Errors
/// When the grid is in degrees, feet, or stretches the ground by more than a twentieth.
pub(crate) fn check_metres(path: &Path, geobox: &GeoBox) -> Result<()> {
    match grid::is_in_metres(geobox)? {
        true => Ok(()),
        false => Err(Error::SlopesWithoutMetres { path: path.to_owned(), crs: geobox.crs().to_string() }),
    }
}

/// A raster of heights on a grid: averaged where its pixels are the smaller ones, else interpolated.
pub(crate) fn heights(path: &Path, target: &GeoBox) -> Result<Raster<f32>> {
    let dataset = open(path)?;
    let own = dataset.geobox();
    let resampling = if grid::is_coarser(target, own)? { Resampling::Average } else { Resampling::Bilinear };
    Ok(dataset.read_onto(1, target, resampling)?)
}

fn open(path: &Path) -> Result<RasterDataset> {
    let dataset = RasterDataset::open(path)?;
    let band = dataset.band(1)?;
    // Where whole numbers have no nodata of their own, the ground outside the file must not become 0 m.
    let outside = match band.pixel_type {
        PixelType::I16 | PixelType::I32 => Some(Nodata::new(f64::from(i16::MIN))),
        _ => None,
    };
    let nodata = band.nodata.or(outside);
    Ok(dataset.with_nodata(nodata))
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
    use crate::recipe::Recipe;
    use crate::{Resources, Silent, SimulateJob, load_cube, simulate};
    use ecotone_core::{Cube, Shape2d};
    use ecotone_io::{Query, open_catalog};

    const SIDE: usize = 64;

    /// A simulated catalogue of few scenes, the clearest of them, and its cube of one step.
    fn simulated(folder: &Path) -> (Scene, Cube<f32>) {
        let job = SimulateJob {
            preset: "forest".to_owned(),
            out: folder.to_owned(),
            size: Some(SIDE),
            seed: 5,
            years: Some(1),
            every: 8,
            replace: false,
        };
        let resources = Resources::new("flex", 2).unwrap();
        simulate(&job, &resources, &Silent).unwrap();
        let catalog = folder.join("catalog.json").display().to_string();
        let scenes = open_catalog(&catalog).unwrap().search(&Query::default()).unwrap().scenes;
        let cloudy = |scene: &Scene| scene.cloud_cover.unwrap();
        let clearest = scenes.into_iter().min_by(|a, b| cloudy(a).total_cmp(&cloudy(b))).unwrap();
        let settings = [
            format!("inputs.catalog={catalog}"),
            "inputs.dem={catalog}/dem.tif".to_owned(),
            "inputs.bands=B04,B8A".to_owned(),
            "inputs.indices=NDVI".to_owned(),
            format!("timeline.start={}", clearest.datetime.date_naive()),
            "timeline.steps=1".to_owned(),
        ];
        let recipe = Recipe::from_text("", "test", &settings, Path::new("/")).unwrap();
        (clearest, load_cube(&recipe, &resources, &Silent).unwrap().areas.remove(0).remove(0))
    }

    fn correlation(pairs: &[(f32, f32)]) -> f64 {
        let count = pairs.len() as f64;
        let mean = |of: fn(&(f32, f32)) -> f32| pairs.iter().map(|p| f64::from(of(p))).sum::<f64>() / count;
        let (a, b) = (mean(|p| p.0), mean(|p| p.1));
        let moment = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
            pairs.iter().map(|p| f(f64::from(p.0) - a, f64::from(p.1) - b)).sum()
        };
        moment(&|x, y| x * y) / (moment(&|x, _| x * x) * moment(&|_, y| y * y)).sqrt()
    }

    #[test]
    fn a_scene_carries_the_light_of_its_own_sun() {
        let folder = tempfile::tempdir().unwrap();
        let (scene, cube) = simulated(folder.path());
        let band = cube.band_index(ILLUMINATION).unwrap();
        assert_eq!(band, 3, "after bands and indices");
        let (lit, valid) = (cube.layer(0, band), cube.valid_at(0));
        let dem = RasterDataset::open(folder.path().join("dem.tif")).unwrap();
        let dem = dem.read_onto::<f32>(1, cube.geobox(), Resampling::Nearest).unwrap();
        let expected = illumination(&dem, sun(&scene).unwrap()).unwrap();
        let inside = |i: &usize| (1..SIDE - 1).contains(&(i / SIDE)) && (1..SIDE - 1).contains(&(i % SIDE));
        let pixels: Vec<usize> = (0..SIDE * SIDE).filter(inside).filter(|i| valid[*i]).collect();
        assert!(pixels.len() > SIDE * SIDE / 2, "{}", pixels.len());
        assert!(pixels.iter().all(|i| (lit[*i] - expected[*i]).abs() < 1e-5));

        // The simulated ground is brighter where it faces the sun.
        let truth = RasterDataset::open(folder.path().join("truth.tif")).unwrap();
        let truth = truth.read_onto::<u8>(1, cube.geobox(), Resampling::Nearest).unwrap();
        let forest = pixels.iter().filter(|i| truth.data()[**i] == 2);
        let pairs: Vec<(f32, f32)> = forest.map(|i| (lit[*i], cube.layer(0, 1)[*i])).collect();
        let alike = correlation(&pairs);
        assert!(alike > 0.1, "{alike} over {} pixels", pairs.len());
    }

    #[test]
    fn heights_elsewhere_and_an_unknown_sun_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (mut scene, cube) = simulated(folder.path());
        let dem = folder.path().join("dem.tif");
        let here = cube.geobox();
        assert!(Terrain::over(here, dem.clone()).is_ok());
        let elsewhere = here.crop(ecotone_core::Window::new(900, 900, SIDE, SIDE));
        assert_eq!(elsewhere.shape(), Shape2d::new(SIDE, SIDE));
        let message = Terrain::over(&elsewhere, dem).unwrap_err().to_string();
        assert!(message.contains("dem.tif has no height"), "{message}");
        scene.sun_azimuth = None;
        let message = sun(&scene).unwrap_err().to_string();
        assert!(message.contains(&scene.id) && message.contains("view:sun_azimuth"), "{message}");
    }
}
