//! What is known on the ground, on the grid of the map.

use crate::codes::{NO_BYTE, NO_CODE, check_nodata, declared_byte, known_codes, no_code};
use crate::grid::{self, has_resolution};
use crate::layers::nodata_code;
use crate::recipe::Recipe;
use crate::site::{self, Site};
use crate::{Error, Result};
use ecotone_core::{BoundingBox, ClassCode, Crs, GeoBox, Legend};
use ecotone_io::{Nothing, PixelType, RasterDataset, Resampling, Scene, VectorLayer};
use std::path::{Path, PathBuf};

/// The class index of a pixel that nothing is known of.
pub(crate) const UNLABELLED: u8 = 255;

/// Labels of the areas on a grid.
#[derive(Debug, Clone)]
pub(crate) struct Labels {
    /// The map's grid and the areas on it.
    pub(crate) site: Site,
    /// Class indices, a plane over the areas; [`UNLABELLED`] for none.
    pub(crate) indices: Vec<u8>,
}

impl Labels {
    /// The map's grid.
    pub(crate) const fn geobox(&self) -> &GeoBox {
        self.site.geobox()
    }
}

/// The files that a recipe names, with `{catalog}` and `{year}` replaced.
pub(crate) struct LabelFiles {
    source: Source,
    legend: PathBuf,
}

enum Source {
    Raster(PathBuf),
    Vector { layer: VectorLayer, attribute: String },
}

impl LabelFiles {
    /// Those of a recipe's own year; `catalog` is the folder of the first catalogue.
    pub(crate) fn new(recipe: &Recipe, catalog: &str) -> Self {
        let path = |text: &str| recipe.place(text, catalog);
        let labels = &recipe.labels;
        let source = match labels.vector.as_str() {
            "" => Source::Raster(path(&labels.raster)),
            vector => Source::Vector {
                layer: VectorLayer::parse(path(vector)),
                attribute: labels.attribute.clone(),
            },
        };
        Self { source, legend: path(&labels.legend) }
    }

    /// The truth beside the labels, where the recipe names one.
    pub(crate) fn truth(recipe: &Recipe, catalog: &str) -> Option<Self> {
        let path = |text: &str| recipe.place(text, catalog);
        let source = Source::Raster(path(&recipe.assess.truth));
        (!recipe.assess.truth.is_empty()).then(|| Self { source, legend: path(&recipe.labels.legend) })
    }

    /// The file that holds the labels.
    pub(crate) fn path(&self) -> &Path {
        match &self.source {
            Source::Raster(path) => path,
            Source::Vector { layer, .. } => layer.path(),
        }
    }

    /// The file that holds the legend.
    pub(crate) fn legend_file(&self) -> &Path {
        &self.legend
    }

    /// The legend.
    pub(crate) fn legend(&self) -> Result<Legend> {
        let path = &self.legend;
        let file = std::fs::File::open(path).map_err(|source| Error::ReadFile {
            what: "legend",
            path: path.clone(),
            source,
        })?;
        Legend::from_csv(file).map_err(|source| Error::Legend { path: path.clone(), source })
    }

    /// The rectangles of the areas of interest, or that of the labels, in degrees.
    pub(crate) fn areas(&self, recipe: &Recipe) -> Result<Vec<BoundingBox>> {
        let degrees = Crs::epsg(4326);
        match recipe.grid.aoi.as_slice() {
            [] => Ok(vec![self.bounds(self.native()?.as_ref(), &degrees)?]),
            aoi => site::searched(aoi),
        }
    }

    fn native(&self) -> Result<Option<GeoBox>> {
        Ok(match &self.source {
            Source::Raster(path) => Some(RasterDataset::open(path)?.geobox().clone()),
            Source::Vector { .. } => None,
        })
    }

    /// The grid that the recipe asks for over these labels, and the areas on it; `bands` are those of the scenes.
    pub(crate) fn site(&self, recipe: &Recipe, bands: &[String], scenes: &[Scene]) -> Result<Site> {
        // Who begins to make labels has none yet: then areas of interest say where.
        let unmade = !recipe.grid.aoi.is_empty() && !self.path().exists();
        let native = if unmade { None } else { self.native()? };
        let (resolution, auto) = (recipe.grid.resolution, recipe.grid.crs == "auto");
        if let Some(grid) = native
            .as_ref()
            .filter(|grid| auto && recipe.grid.aoi.is_empty() && has_resolution(grid, resolution))
        {
            return Ok(Site::whole(grid.clone()));
        }
        let scene_grid = scenes.iter().find_map(|scene| {
            let band = scene.band(bands.first()?).ok()?;
            RasterDataset::open(&band.asset.href).ok().map(|dataset| dataset.geobox().clone())
        });
        // Labels in degrees say nothing of a grid in metres: the scenes do.
        let leading = match &native {
            Some(grid) if auto && grid::means_metres(resolution, grid.crs())? => None,
            native => native.as_ref(),
        };
        let like = leading.or(scene_grid.as_ref());
        let crs = match like {
            _ if !auto => recipe.grid.crs.parse::<Crs>()?,
            Some(grid) => grid.crs().clone(),
            None => Crs::epsg(4326),
        };
        // Where no scene can be read either, planning says why.
        if !auto || like.is_some() {
            grid::check_resolution("grid.resolution", resolution, &crs)?;
        }
        let parts = match recipe.grid.aoi.as_slice() {
            // Polygons may cover a country, of which the scenes show a corner.
            [] if native.is_none() => {
                let labels = self.bounds(None, &crs)?;
                let scenes = grid::extent(scenes, bands, &crs)?;
                vec![scenes.map_or(labels, |scenes| grid::shared(labels, scenes)).into()]
            }
            [] => vec![self.bounds(native.as_ref(), &crs)?.into()],
            aoi => site::parts(aoi, &crs)?,
        };
        Site::over(&parts, resolution, &crs, like)?.ok_or(Error::NothingObserved { scenes: scenes.len() })
    }

    fn bounds(&self, native: Option<&GeoBox>, crs: &Crs) -> Result<BoundingBox> {
        match (&self.source, native) {
            (_, Some(grid)) => Ok(ecotone_io::transform_bounds(grid.bounds(), grid.crs(), crs)?),
            (Source::Raster(path), None) => {
                Ok(ecotone_io::read_aoi(&path.display().to_string(), crs)?.bounds)
            }
            (Source::Vector { layer, .. }, None) => Ok(ecotone_io::layer_bounds(layer, crs)?),
        }
    }

    /// The polygons and the attribute of their codes, where the labels are such.
    pub(crate) fn polygons(&self) -> Option<(&VectorLayer, &str)> {
        match &self.source {
            Source::Raster(_) => None,
            Source::Vector { layer, attribute } => Some((layer, attribute)),
        }
    }

    /// The labels on a grid, as class indices, [`UNLABELLED`] for none.
    fn indices(&self, geobox: &GeoBox, legend: &Legend, ignore: &[u8]) -> Result<Vec<u8>> {
        let path = match &self.source {
            Source::Raster(path) => path,
            Source::Vector { layer, attribute } => {
                let nothing = nodata_code(legend);
                let codes = ecotone_io::rasterize(layer, attribute, geobox, nothing)?;
                return class_indices(self.path(), codes.band(0), nothing.into(), legend, ignore);
            }
        };
        let dataset = RasterDataset::open(path)?;
        let band = dataset.band(1)?;
        let ignored: Vec<i64> = ignore.iter().map(|code| i64::from(*code)).collect();
        check_nodata(path, band.nodata, legend, &ignored)?;
        let coarser = grid::is_coarser(geobox, dataset.geobox())?;
        let resampling = if coarser { Resampling::Mode } else { Resampling::Nearest };
        match declared_byte(band) {
            Some(nothing) => {
                let codes = dataset.read_codes(1, geobox, resampling, &Nothing::is(nothing))?;
                class_indices(path, &codes, nothing.into(), legend, ignore)
            }
            // A file that declares no nodata may mean any byte by a class, so that none is free to stand for nothing.
            None if band.pixel_type == PixelType::U8 => {
                let codes = dataset.read_codes(1, geobox, resampling, &Nothing::is(NO_BYTE))?;
                class_indices(path, &codes, NO_BYTE.into(), legend, ignore)
            }
            None => {
                let codes = dataset.read_codes(1, geobox, resampling, &Nothing::is(NO_CODE))?;
                class_indices(path, &codes, NO_CODE, legend, ignore)
            }
        }
    }

    /// The labels on the grid of a window, as class indices, [`UNLABELLED`] for none.
    ///
    /// # Errors
    /// When a code is not in the legend.
    pub(crate) fn window(&self, geobox: &GeoBox, legend: &Legend, ignore: &[u8]) -> Result<Vec<u8>> {
        self.indices(geobox, legend, ignore)
    }

    /// The labels in the areas of a site, as class indices; nothing beyond the areas and their outlines.
    ///
    /// # Errors
    /// When a code is not in the legend, or no pixel has a class.
    pub(crate) fn read(&self, site: &Site, legend: &Legend, ignore: &[u8]) -> Result<Labels> {
        let only = site.areas().len() == 1;
        let mut indices =
            site.plane(|grid| match self.window(grid, legend, ignore) {
                // Polygons that reach one of the areas need not reach all.
                Err(Error::Io(ecotone_io::Error::Features(ecotone_io::VectorError::NoOverlap {
                    ..
                }))) if !only => Ok(vec![UNLABELLED; grid.shape().len()]),
                read => read,
            })?;
        if let Some(clip) = site.clip()? {
            let beyond = indices.iter_mut().zip(clip).filter(|(_, inside)| !inside);
            beyond.for_each(|(index, _)| *index = UNLABELLED);
        }
        if indices.iter().all(|index| *index == UNLABELLED) {
            return Err(Error::NoLabels { labels: self.path().to_owned() });
        }
        Ok(Labels { site: site.clone(), indices })
    }
}

/// Codes on disk as class indices; `nothing` and ignored codes become [`UNLABELLED`].
///
/// # Errors
/// When a code is not in the legend.
pub(crate) fn class_indices<T: Copy + Into<u32>>(
    path: &Path,
    codes: &[T],
    nothing: u32,
    legend: &Legend,
    ignore: &[u8],
) -> Result<Vec<u8>> {
    let table = legend.index_table();
    let (mut unknown, mut large) = ([0u64; 256], None);
    let indices = codes
        .iter()
        .map(|code| {
            let wide: u32 = (*code).into();
            let Ok(code) = u8::try_from(wide) else {
                large = large.or((wide != nothing).then_some(wide));
                return UNLABELLED;
            };
            match table[usize::from(code)] {
                _ if wide == nothing || ignore.contains(&code) => UNLABELLED,
                Some(index) => u8::try_from(index.0).unwrap_or(UNLABELLED),
                None => {
                    unknown[usize::from(code)] += 1;
                    UNLABELLED
                }
            }
        })
        .collect();
    if let Some(code) = large {
        return Err(no_code(path, code));
    }
    match (0..=255u8).find(|code| unknown[usize::from(*code)] > 0) {
        None => Ok(indices),
        Some(code) => Err(Error::CodeWithoutLegend {
            labels: path.to_owned(),
            code,
            pixels: unknown[usize::from(code)],
            known: known_codes(legend),
        }),
    }
}

/// Class indices as codes on disk; 255 and what lies past the legend become `nodata`.
pub(crate) fn class_codes(indices: &[u8], legend: &Legend, nodata: u8) -> Vec<u8> {
    let code = |index: &u8| match *index {
        UNLABELLED => nodata,
        index => legend
            .code_of(ecotone_core::ClassIndex(usize::from(index)))
            .map_or(nodata, |ClassCode(code)| code),
    };
    indices.iter().map(code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::{GeoTransform, Nodata, Raster, Shape2d, Window, XY};

    #[test]
    fn unknown_codes_are_refused_and_ignored_ones_left_out() {
        let codes = [11u8, 13, 99, 0];
        let legend =
            Legend::from_csv("code,name,color\n11,crops,#ffff00\n13,grass,#00ff00\n".as_bytes()).unwrap();
        let path = Path::new("labels.tif");
        let refused = class_indices(path, &codes, 0, &legend, &[]).unwrap_err().to_string();
        assert!(refused.contains("hold code 99 (1 pixels)") && refused.contains("11, 13"), "{refused}");
        let indices = class_indices(path, &codes, 0, &legend, &[99]).unwrap();
        assert_eq!(indices, [0, 1, UNLABELLED, UNLABELLED]);
        assert_eq!(class_codes(&indices, &legend, 0), [11, 13, 0, 0]);
        let wide = class_indices(path, &[11u16, 13, 300], NO_CODE, &legend, &[]).unwrap_err().to_string();
        assert_eq!(wide, "labels.tif holds 300, expected whole codes from 0 to 255");
    }

    /// Labels 0 and 1 in halves of 8 x 8 pixels: counts of class 0, class 1 and none on a grid.
    #[track_caller]
    fn counts(nodata: Option<f64>, target: impl Fn(&GeoBox) -> GeoBox) -> Result<[usize; 3]> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels.tif");
        let transform = GeoTransform::north_up(XY::new(600_000.0, 5_100_000.0), 20.0);
        let grid = GeoBox::new(Shape2d::new(8, 8), transform, Crs::epsg(32633));
        let codes = (0..64).map(|i| u8::from(i % 8 < 4)).collect();
        let raster = Raster::new(grid.clone(), 1, codes, nodata.map(Nodata::new)).unwrap();
        ecotone_io::write_cog(&path, &raster, &ecotone_io::CogOptions::default()).unwrap();
        let legend =
            Legend::from_csv("code,name,color\n0,bare,#aaaaaa\n1,forest,#006400\n".as_bytes()).unwrap();
        let files = LabelFiles { source: Source::Raster(path), legend: PathBuf::new() };
        let read = files.window(&target(&grid), &legend, &[])?;
        Ok([0, 1, UNLABELLED].map(|class| read.iter().filter(|index| **index == class).count()))
    }

    #[test]
    fn a_class_of_code_0_is_kept_where_the_labels_declare_no_nodata() {
        let over = |grid: &GeoBox| grid.crop(Window::new(-2, -2, 12, 12));
        assert_eq!(counts(None, GeoBox::clone).unwrap(), [32, 32, 0]);
        assert_eq!(counts(None, over).unwrap(), [32, 32, 80]);
        assert_eq!(counts(None, |grid| over(grid).zoom_out(2)).unwrap(), [8, 8, 20]);
        let elsewhere = |grid: &GeoBox| {
            let crs = Crs::epsg(3035);
            let bounds = ecotone_io::transform_bounds(grid.bounds(), grid.crs(), &crs).unwrap();
            GeoBox::covering(bounds, 20.0, crs)
        };
        let [bare, forest, none] = counts(None, elsewhere).unwrap();
        assert!(bare.abs_diff(forest) < 8 && bare + forest > 48 && none > 0, "{bare} {forest} {none}");
        assert_eq!(counts(Some(255.0), over).unwrap(), [32, 32, 80]);
        let refused = counts(Some(0.0), over).unwrap_err().to_string();
        assert!(refused.contains("declares 0 as nodata, which is the class `bare`"), "{refused}");
    }
}
