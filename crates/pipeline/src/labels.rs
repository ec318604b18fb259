//! What is known on the ground, on the grid of the map.

use crate::grid::{self, has_resolution};
use crate::layers::nodata_code;
use crate::recipe::Recipe;
use crate::site::{self, Site};
use crate::{Error, Result};
use ecotone_core::{BoundingBox, ClassCode, Crs, GeoBox, Legend, Raster};
use ecotone_io::{RasterDataset, Resampling, Scene, VectorLayer};
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
        grid::check_resolution("grid.resolution", resolution, &crs)?;
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

    /// The labels on a grid, as they are on disk.
    fn codes(&self, geobox: &GeoBox, legend: &Legend) -> Result<Raster<u8>> {
        let path = match &self.source {
            Source::Raster(path) => path,
            Source::Vector { layer, attribute } => {
                return Ok(ecotone_io::rasterize(layer, attribute, geobox, nodata_code(legend))?);
            }
        };
        let dataset = RasterDataset::open(path)?;
        let coarser = grid::is_coarser(geobox, dataset.geobox())?;
        let resampling = if coarser { Resampling::Mode } else { Resampling::Nearest };
        Ok(dataset.read_onto::<u8>(1, geobox, resampling)?)
    }

    /// The labels on the grid of a window, as class indices, [`UNLABELLED`] for none.
    ///
    /// # Errors
    /// When a code is not in the legend.
    pub(crate) fn window(&self, geobox: &GeoBox, legend: &Legend, ignore: &[u8]) -> Result<Vec<u8>> {
        class_indices(self.path(), &self.codes(geobox, legend)?, legend, ignore)
    }

    /// The labels in the areas of a site, as class indices; nothing beyond the areas and their outlines.
    ///
    /// # Errors
    /// When a code is not in the legend, or no pixel has a class.
    pub(crate) fn read(&self, site: &Site, legend: &Legend, ignore: &[u8]) -> Result<Labels> {
        let only = site.areas().len() == 1;
        let mut indices = site.plane(|grid| match self.window(grid, legend, ignore) {
            // Polygons that reach one of the areas need not reach all.
            Err(Error::Io(ecotone_io::Error::NoOverlap { .. })) if !only => {
                Ok(vec![UNLABELLED; grid.shape().len()])
            }
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

/// Codes on disk as class indices; nodata and ignored codes become [`UNLABELLED`].
///
/// # Errors
/// When a code is not in the legend.
pub(crate) fn class_indices(
    path: &Path,
    codes: &Raster<u8>,
    legend: &Legend,
    ignore: &[u8],
) -> Result<Vec<u8>> {
    let table = legend.index_table();
    let mut unknown = [0u64; 256];
    let nodata = codes.nodata();
    let indices = codes
        .band(0)
        .iter()
        .map(|code| {
            let skip = nodata.is_some_and(|nodata| nodata.matches(f64::from(*code))) || ignore.contains(code);
            match table[usize::from(*code)] {
                _ if skip => UNLABELLED,
                Some(index) => u8::try_from(index.0).unwrap_or(UNLABELLED),
                None => {
                    unknown[usize::from(*code)] += 1;
                    UNLABELLED
                }
            }
        })
        .collect();
    match (0..=255u8).find(|code| unknown[usize::from(*code)] > 0) {
        None => Ok(indices),
        Some(code) => Err(Error::CodeWithoutLegend {
            labels: path.to_owned(),
            code,
            pixels: unknown[usize::from(code)],
            known: legend
                .entries()
                .iter()
                .map(|entry| entry.code.0.to_string())
                .collect::<Vec<_>>()
                .join(", "),
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
    use ecotone_core::{GeoTransform, Nodata, Shape2d, XY};

    #[test]
    fn unknown_codes_are_refused_and_ignored_ones_left_out() {
        let geobox = GeoBox::new(
            Shape2d::new(1, 4),
            GeoTransform::north_up(XY::new(0.0, 0.0), 10.0),
            Crs::epsg(32631),
        );
        let codes = Raster::new(geobox, 1, vec![11u8, 13, 99, 0], Some(Nodata::new(0.0))).unwrap();
        let legend =
            Legend::from_csv("code,name,color\n11,crops,#ffff00\n13,grass,#00ff00\n".as_bytes()).unwrap();
        let path = Path::new("labels.tif");
        let refused = class_indices(path, &codes, &legend, &[]).unwrap_err().to_string();
        assert!(refused.contains("hold code 99 (1 pixels)") && refused.contains("11, 13"), "{refused}");
        let indices = class_indices(path, &codes, &legend, &[99]).unwrap();
        assert_eq!(indices, [0, 1, UNLABELLED, UNLABELLED]);
        assert_eq!(class_codes(&indices, &legend, 0), [11, 13, 0, 0]);
    }
}
