//! What the presets' catalogues have in common: a folder that is complete when `catalog.json` is in it.

use crate::Result;
use ecotone_core::{GeoBox, Legend, Nodata, Raster};
use ecotone_io::{
    Asset, AssetBand, CogOptions, CollectionInfo, Content, StacItem, write_atomic, write_catalog, write_cog,
};
use ecotone_jobs::Error as JobError;
use std::path::Path;

const COG: &str = "image/tiff; application=geotiff; profile=cloud-optimized";

/// A folder, made where it is not there.
pub(super) fn folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path)
        .map_err(|source| JobError::WriteFile { path: path.to_owned(), source }.into())
}

/// Makes the folder and takes `catalog.json` out of it: it is written last, so that a folder with it is complete.
pub(super) fn begin(out: &Path) -> Result<()> {
    folder(out)?;
    let finished = out.join("catalog.json");
    if finished.exists() {
        std::fs::remove_file(&finished).map_err(|source| JobError::WriteFile { path: finished, source })?;
    }
    Ok(())
}

/// Writes the records. Each collection comes with its identifier and what it holds.
pub(super) fn finish(
    out: &Path,
    id: &str,
    about: &str,
    collections: Vec<(&str, &str, Vec<StacItem>)>,
) -> Result<()> {
    let info = |id: &str, description: &str| CollectionInfo {
        id: id.to_owned(),
        description: description.to_owned(),
        license: "CC0-1.0".to_owned(),
    };
    let collections: Vec<_> =
        collections.into_iter().map(|(id, about, items)| (info(id, about), items)).collect();
    write_catalog(out, &info(id, about), &collections)?;
    Ok(())
}

/// Writes a raster of class codes, 0 for none, with the legend's colours.
pub(super) fn classes(out: &Path, name: &str, geobox: &GeoBox, codes: &[u8], legend: &Legend) -> Result<()> {
    let raster = Raster::new(geobox.clone(), 1, codes.to_vec(), Some(Nodata::new(0.0)))?;
    let content = Content::Classes(legend.clone());
    write_cog(out.join(name), &raster, &CogOptions { content, ..CogOptions::default() })?;
    Ok(())
}

/// Writes `legend.csv`.
pub(super) fn legend(out: &Path, legend: &Legend) -> Result<()> {
    Ok(write_atomic(out.join("legend.csv"), legend.to_csv())?)
}

/// The record of a COG.
pub(super) fn asset(key: &str, role: &str, path: &Path, geobox: GeoBox, bands: Vec<AssetBand>) -> Asset {
    Asset {
        key: key.to_owned(),
        href: path.display().to_string(),
        media_type: Some(COG.to_owned()),
        roles: vec![role.to_owned()],
        gsd: Some(geobox.gsd()),
        bands,
        geobox: Some(geobox),
    }
}
