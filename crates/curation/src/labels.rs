//! What is known on the ground, on the grid of the map.

use crate::{Error, Result};
use ecotone_core::{BoundingBox, ClassCode, Crs, GeoBox, Legend};
use ecotone_cubes::{self, Known, MapGrid, Site, searched};
use ecotone_io::{Nothing, PixelType, RasterDataset, Resampling, Scene, VectorLayer};
use ecotone_jobs::{
    NO_BYTE, NO_CODE, check_nodata, declared_byte, is_coarser, known_codes, no_code, nodata_code, read_legend,
};
use std::path::{Path, PathBuf};

/// The class index of a pixel that nothing is known of.
pub const UNLABELLED: u8 = 255;

/// Labels of the areas on a grid.
#[derive(Debug, Clone)]
pub struct Labels {
    /// The map's grid and the areas on it.
    pub site: Site,
    /// Class indices, a plane over the areas; [`UNLABELLED`] for none.
    pub indices: Vec<u8>,
}

impl Labels {
    /// The map's grid.
    pub const fn geobox(&self) -> &GeoBox {
        self.site.geobox()
    }
}

/// The files that hold labels and their legend.
#[derive(Debug, Clone)]
pub struct LabelFiles {
    source: Source,
    legend: PathBuf,
}

#[derive(Debug, Clone)]
enum Source {
    Raster(PathBuf),
    Vector { layer: VectorLayer, attribute: String },
}

impl LabelFiles {
    /// A raster of class codes, and `code,name,color`.
    pub const fn raster(path: PathBuf, legend: PathBuf) -> Self {
        Self { source: Source::Raster(path), legend }
    }

    /// Polygons whose attribute holds class codes, and `code,name,color`.
    pub const fn polygons_of(layer: VectorLayer, attribute: String, legend: PathBuf) -> Self {
        Self { source: Source::Vector { layer, attribute }, legend }
    }

    /// The file that holds the labels.
    pub fn path(&self) -> &Path {
        match &self.source {
            Source::Raster(path) => path,
            Source::Vector { layer, .. } => layer.path(),
        }
    }

    /// The file that holds the legend.
    pub fn legend_file(&self) -> &Path {
        &self.legend
    }

    /// The legend.
    pub fn legend(&self) -> Result<Legend> {
        Ok(read_legend(&self.legend)?)
    }

    /// The rectangles of the areas of interest of a grid, or that of the labels, in degrees.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn areas(&self, grid: &MapGrid) -> Result<Vec<BoundingBox>> {
        match grid.aoi.as_slice() {
            [] => Ok(vec![self.bounds(&Crs::epsg(4326))?]),
            aoi => Ok(searched(aoi)?),
        }
    }

    /// The grid that is asked for over these labels, and the areas on it; `bands` are those of the scenes.
    ///
    /// # Errors
    /// As [`MapGrid::site`].
    pub fn site(&self, grid: &MapGrid, bands: &[String], scenes: &[Scene]) -> Result<Site> {
        let bounds = |crs: &Crs| Ok(self.bounds(crs)?);
        let known = match &self.source {
            // Who begins to make labels has none yet: then areas of interest say where.
            _ if !grid.aoi.is_empty() && !self.path().exists() => Known::Nothing,
            Source::Raster(path) => Known::Raster(RasterDataset::open(path)?.geobox().clone()),
            Source::Vector { .. } => Known::Extent(&bounds),
        };
        Ok(grid.site(&known, bands, scenes)?)
    }

    fn bounds(&self, crs: &Crs) -> ecotone_io::Result<BoundingBox> {
        match &self.source {
            Source::Raster(path) => {
                let dataset = RasterDataset::open(path)?;
                let grid = dataset.geobox();
                ecotone_io::transform_bounds(grid.bounds(), grid.crs(), crs)
            }
            Source::Vector { layer, .. } => ecotone_io::layer_bounds(layer, crs),
        }
    }

    /// The polygons and the attribute of their codes, where the labels are such.
    pub fn polygons(&self) -> Option<(&VectorLayer, &str)> {
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
        let coarser = is_coarser(geobox, dataset.geobox())?;
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
    pub fn window(&self, geobox: &GeoBox, legend: &Legend, ignore: &[u8]) -> Result<Vec<u8>> {
        self.indices(geobox, legend, ignore)
    }

    /// The labels in the areas of a site, as class indices; nothing beyond the areas and their outlines.
    ///
    /// # Errors
    /// When a code is not in the legend, or no pixel has a class.
    pub fn read(&self, site: &Site, legend: &Legend, ignore: &[u8]) -> Result<Labels> {
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
        return Err(no_code(path, code).into());
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
pub fn class_codes(indices: &[u8], legend: &Legend, nodata: u8) -> Vec<u8> {
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
