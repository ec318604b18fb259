//! Heights of the ground on a grid: of one raster, or of the tiles of a STAC collection such as `cop-dem-glo-30`.

use crate::ground::is_coarser;
use crate::{Error, Result};
use ecotone_core::{BoundingBox, GeoBox, Nodata, Raster, XY};
use ecotone_io::{
    Asset, BandInfo, Found, PixelType, Query, RasterDataset, Resampling, Scene, Tiles, lonlat_bounds,
    open_catalog,
};
use std::path::{Path, PathBuf};

/// How far around a grid tiles are looked for, in degrees: more than slopes and interpolation reach.
const AROUND: f64 = 0.005;

/// How far around itself a tile is taken to matter, as a share of its side: more than a pixel of it, into which
/// interpolation reaches.
const RIM: f64 = 0.02;

/// Where the heights of a grid are, found once; holds no file open.
#[derive(Debug, Clone, PartialEq)]
pub struct Heights {
    place: PathBuf,
    tiles: Option<Vec<HeightTile>>,
}

/// A tile of heights.
#[derive(Debug, Clone, PartialEq)]
pub struct HeightTile {
    /// The file.
    pub href: String,
    /// Where it lies, in degrees of longitude and latitude; `min.x > max.x` where it crosses the antimeridian.
    pub bounds: BoundingBox,
}

impl Heights {
    /// Of a raster, or of the STAC collection, catalogue or item collection that lies at a place: then it is asked for the
    /// tiles on and around a grid.
    ///
    /// # Errors
    /// When the collection cannot be read, has no tile there, or one without a raster of heights.
    pub fn on(geobox: &GeoBox, place: &Path) -> Result<Self> {
        if !is_collection(place) {
            return Ok(Self::of(place.to_owned(), None));
        }
        let BoundingBox { min, max } = lonlat_bounds(&geobox.pad(1))?;
        let area = BoundingBox {
            min: XY::new(min.x - AROUND, (min.y - AROUND).max(-90.0)),
            max: XY::new(max.x + AROUND, (max.y + AROUND).min(90.0)),
        };
        let query = Query { area: Some(area), ..Query::default() };
        let Found { mut scenes, failures } = open_catalog(&place.to_string_lossy())?.search(&query)?;
        scenes.sort_by(|a, b| (&a.id, &a.collection, a.datetime).cmp(&(&b.id, &b.collection, b.datetime)));
        let tiles = scenes.iter().map(tile_of).collect::<Result<Vec<_>>>()?;
        if tiles.is_empty() {
            let reason = failures.first().map(|failure| format!("{}: {}", failure.href, failure.reason));
            return Err(Error::NoHeightTile { place: place.to_owned(), reason: reason.unwrap_or_default() });
        }
        Ok(Self::of(place.to_owned(), Some(tiles)))
    }

    /// What was found before: of a raster at a place, or these tiles of a collection there, the first of which has precedence.
    pub fn of(place: PathBuf, tiles: Option<Vec<HeightTile>>) -> Self {
        Self { place, tiles }
    }

    /// The raster or the collection.
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// The tiles; `None` where it is one raster.
    pub fn tiles(&self) -> Option<&[HeightTile]> {
        self.tiles.as_deref()
    }

    /// The heights on a grid: averaged where pixels of the files are the smaller ones, else interpolated. Tiles that share a
    /// lattice are read as one raster. Where several have a height the first one's counts, and ground without a tile has none.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(&self, target: &GeoBox) -> Result<Raster<f32>> {
        let Some(tiles) = &self.tiles else {
            return Ok(read_onto(&open_heights(&self.place)?, target)?);
        };
        let bounds = lonlat_bounds(target)?;
        let near = tiles.iter().filter(|tile| meets(grown(tile.bounds), bounds));
        let near: Vec<PathBuf> = near.map(|tile| PathBuf::from(&tile.href)).collect();
        let mut read = Tiles::read(&near, nothing, |tiles| read_onto(tiles, target))?.into_iter();
        let Some(first) = read.next() else {
            return Ok(Raster::new(
                target.clone(),
                1,
                vec![f32::NAN; target.shape().len()],
                Some(Nodata::new(f64::NAN)),
            )?);
        };
        read.try_fold(first, |upper, lower| over(&upper, &lower))
    }
}

/// The first raster, and where it has nothing the second.
fn over(upper: &Raster<f32>, lower: &Raster<f32>) -> Result<Raster<f32>> {
    let valid = upper.valid_mask().into_iter().zip(lower.valid_mask());
    let pairs = upper.data().iter().zip(lower.data()).zip(valid);
    let values = pairs.map(|((upper, lower), valid)| match valid {
        (true, _) => *upper,
        (false, true) => *lower,
        (false, false) => f32::NAN,
    });
    Ok(Raster::new(upper.geobox().clone(), 1, values.collect(), Some(Nodata::new(f64::NAN)))?)
}

fn read_onto(dataset: &RasterDataset, target: &GeoBox) -> ecotone_io::Result<Raster<f32>> {
    let own = dataset.geobox();
    let resampling = if is_coarser(target, own)? { Resampling::Average } else { Resampling::Bilinear };
    dataset.read_onto(1, target, resampling)
}

/// Opens a raster of heights in metres.
pub fn open_heights(path: &Path) -> Result<RasterDataset> {
    let dataset = RasterDataset::open(path)?;
    let nodata = nothing(dataset.band(1)?);
    Ok(dataset.with_nodata(nodata))
}

/// What stands for no height. Where whole numbers have no nodata of their own, the ground outside the file must not become
/// 0 m.
fn nothing(band: &BandInfo) -> Option<Nodata> {
    let outside = match band.pixel_type {
        PixelType::I16 | PixelType::I32 => Some(Nodata::new(f64::from(i16::MIN))),
        _ => None,
    };
    band.nodata.or(outside)
}

/// True for a folder, a JSON file, and addresses that are no file: of an API's collection, or of a search.
fn is_collection(place: &Path) -> bool {
    let text = place.to_string_lossy();
    let path = text.split(['?', '#']).next().unwrap_or(&text).trim_end_matches('/').to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or(&path);
    let is_document = [".json", ".geojson"].iter().any(|end| name.ends_with(end));
    let is_address = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
    let is_raster = [".tif", ".tiff", ".vrt", ".jp2"].iter().any(|end| name.ends_with(end));
    is_document
        || place.is_dir()
        || (is_address && !is_raster && (!name.contains('.') || path.contains("/collections/")))
}

/// The file of heights in a record of a tile: the one raster that it has, or the one that is called or has the role `data`.
fn tile_of(scene: &Scene) -> Result<HeightTile> {
    let is_tiff = |asset: &&Asset| {
        let path = asset.href.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let by_type = asset.media_type.as_deref().is_some_and(|kind| kind.contains("tiff"));
        !asset.bands.is_empty()
            && (by_type || [".tif", ".tiff", ".vrt"].iter().any(|end| path.ends_with(end)))
    };
    let rasters: Vec<&Asset> = scene.assets.values().filter(is_tiff).collect();
    let named =
        |asset: &&&Asset| ["data", "elevation", "dem"].contains(&asset.key.to_ascii_lowercase().as_str());
    let has_role = |asset: &&&Asset| asset.roles.iter().any(|role| role == "data");
    let of_role: Vec<&&Asset> = rasters.iter().filter(has_role).collect();
    let chosen =
        rasters.iter().find(named).or_else(|| of_role.first().copied().filter(|_| of_role.len() == 1));
    let chosen = chosen.or_else(|| rasters.first().filter(|_| rasters.len() == 1));
    match (chosen, scene.bounds()) {
        (Some(asset), Some(bounds)) => Ok(HeightTile { href: asset.href.clone(), bounds }),
        _ => Err(Error::HeightAsset {
            tile: scene.id.clone(),
            assets: scene.assets.keys().cloned().collect::<Vec<_>>().join(", "),
        }),
    }
}

/// The rectangle and a rim around it.
fn grown(BoundingBox { min, max }: BoundingBox) -> BoundingBox {
    let width = max.x - min.x + if max.x < min.x { 360.0 } else { 0.0 };
    let rim = XY::new(width * RIM, (max.y - min.y) * RIM);
    BoundingBox { min: XY::new(min.x - rim.x, min.y - rim.y), max: XY::new(max.x + rim.x, max.y + rim.y) }
}

/// Whether two rectangles in degrees meet, either of which may cross the antimeridian.
fn meets(a: BoundingBox, b: BoundingBox) -> bool {
    let unwrapped = |bounds: BoundingBox| match bounds.max.x < bounds.min.x {
        true => (bounds.min.x, bounds.max.x + 360.0),
        false => (bounds.min.x, bounds.max.x),
    };
    let ((west, east), (from, to)) = (unwrapped(a), unwrapped(b));
    let turned = |by: f64| west <= to + by && from + by <= east;
    a.min.y <= b.max.y && b.min.y <= a.max.y && [-360.0, 0.0, 360.0].into_iter().any(turned)
}

#[cfg(test)]
#[path = "heights_tests.rs"]
mod tests;
