//! Strips of a map's layers as COGs: class codes with the legend's palette, and percents.

use crate::Result;
use crate::legend_codes::nodata_code;
use crate::progress::Progress;
use ecotone_core::{GeoBox, Legend, Nodata, Window};
use ecotone_io::{CogOptions, CogWriter, Content};
use std::path::Path;

/// Percent of what was not mapped.
pub const NO_PERCENT: u8 = 255;

/// A file of a map.
#[derive(Debug, Clone)]
pub struct LayerFile {
    /// Its name in the run's folder.
    pub name: &'static str,
    /// Its bands, each a layer of the strips.
    pub bands: Vec<String>,
    /// Whether the layers are class codes, or percents.
    pub classes: bool,
}

impl LayerFile {
    /// map.tif: one layer of class codes.
    pub fn map() -> Self {
        Self { name: "map.tif", bands: vec!["class".to_owned()], classes: true }
    }

    /// confidence.tif: percents of the class that was chosen.
    pub fn confidence() -> Self {
        Self::percents("confidence.tif", vec!["confidence (percent)".to_owned()])
    }

    /// probabilities.tif: percents of every class.
    pub fn probabilities(legend: &Legend) -> Self {
        let names = legend.entries().iter().map(|entry| entry.name.clone()).collect();
        Self::percents("probabilities.tif", names)
    }

    /// Any layers of percents.
    pub fn percents(name: &'static str, bands: Vec<String>) -> Self {
        Self { name, bands, classes: false }
    }

    fn create(&self, folder: &Path, geobox: &GeoBox, legend: &Legend) -> Result<CogWriter<u8>> {
        let path = folder.join(self.name);
        match self.classes {
            true => class_builder(&path, geobox, legend),
            false => percent_builder(&path, geobox, &self.bands),
        }
    }
}

/// Writes the files whose layers, in this order, the strips of so many rows hold; what no strip holds is nothing. Gives the
/// number of pixels whose first layer is not the code for nothing; where there is none, no file is written.
pub fn write_layers(
    folder: &Path,
    geobox: &GeoBox,
    legend: &Legend,
    files: &[LayerFile],
    (strips, rows): (impl Iterator<Item = Result<(Window, Vec<u8>)>>, usize),
    progress: &dyn Progress,
) -> Result<u64> {
    let nodata = nodata_code(legend);
    let mut builders: Vec<CogWriter<u8>> =
        files.iter().map(|file| file.create(folder, geobox, legend)).collect::<Result<_>>()?;
    progress.begin("write", rows as u64, "rows");
    let mut observed = 0;
    for strip in strips {
        let (window, data) = strip?;
        let mut layers = data.chunks_exact(window.shape().len());
        observed += layers
            .clone()
            .next()
            .map_or(0, |codes| codes.iter().filter(|code| **code != nodata).count() as u64);
        for (file, builder) in files.iter().zip(&mut builders) {
            for (band, layer) in layers.by_ref().take(file.bands.len()).enumerate() {
                builder.write_window(band + 1, window, layer)?;
            }
        }
        progress.advance(window.rows as u64, "");
    }
    // No map stands for ground that nobody saw.
    for builder in builders.into_iter().filter(|_| observed > 0) {
        builder.finish()?;
    }
    progress.end();
    Ok(observed)
}

/// A file of class codes with the legend's palette.
pub fn class_builder(path: &Path, geobox: &GeoBox, legend: &Legend) -> Result<CogWriter<u8>> {
    let options = CogOptions {
        content: Content::Classes(legend.clone()),
        nodata: Some(Nodata::new(f64::from(nodata_code(legend)))),
        descriptions: vec!["class".to_owned()],
        ..CogOptions::default()
    };
    Ok(CogWriter::create(path, geobox.clone(), 1, options)?)
}

fn percent_builder(path: &Path, geobox: &GeoBox, names: &[String]) -> Result<CogWriter<u8>> {
    let nodata = Some(Nodata::new(f64::from(NO_PERCENT)));
    let options = CogOptions { nodata, descriptions: names.to_vec(), ..CogOptions::default() };
    Ok(CogWriter::create(path, geobox.clone(), names.len(), options)?)
}

/// A share from 0 to 1 as whole percents.
pub fn percent(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u8
}
