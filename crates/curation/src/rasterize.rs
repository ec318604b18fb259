//! Lines, polygons and points of a vector file as labels on the grid of a raster.

use super::output::{bound_memory, class_raster, share};
use super::tag_filter::tag_filter;
use crate::{Error, Result};
use ecotone_core::{ClassCode, GeoBox, Legend, LegendEntry, Rgb, Window};
use ecotone_io::{Burn, BurnQuery, CodeFrom, RasterDataset, VectorLayer};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Progress, Summary, fresh, known_codes, nodata_code, read_legend};
use std::path::PathBuf;

/// Rows that are burnt at once: those of a COG's blocks.
const ROWS: usize = 512;

/// Colours of classes that no legend names, one after the other.
const COLORS: [[u8; 3]; 8] = [
    [228, 26, 28],
    [55, 126, 184],
    [77, 175, 74],
    [152, 78, 163],
    [255, 127, 0],
    [255, 217, 47],
    [166, 86, 40],
    [247, 129, 191],
];

/// Features to burn.
#[derive(Debug, Clone)]
pub struct RasterizeJob {
    /// GeoJSON, GeoPackage, Shapefile, `.osm.pbf`, or what else GDAL reads.
    pub vector: PathBuf,
    /// The raster whose grid the labels get.
    pub like: PathBuf,
    /// The labels.
    pub out: PathBuf,
    /// The layer, where several hold features.
    pub layer: Option<String>,
    /// The attribute that holds the class code.
    pub attribute: Option<String>,
    /// Or one code for all features.
    pub code: Option<u8>,
    /// `KEY=VALUE[,VALUE…]`, or `KEY` for any value; a feature must pass all.
    pub filters: Vec<String>,
    /// Width of lines in metres, where no attribute says it; else a pixel.
    pub width: Option<f64>,
    /// The attribute that holds it.
    pub width_attribute: Option<String>,
    /// Metres around each feature that become nodata.
    pub tolerance: f64,
    /// The code of ground without a feature; else it is nodata.
    pub fill: Option<u8>,
    /// `code,name,color`.
    pub legend: Option<PathBuf>,
    /// Replace the file.
    pub replace: bool,
}

/// Burns the features onto the grid, the last one in the file winning where several overlap.
///
/// A pixel belongs to a polygon that holds its centre, and to a line within half whose width its centre lies; no line
/// is drawn thinner than a pixel, so that none breaks. Pixels within the tolerance of a feature but in none become nodata,
/// which training and scoring ignore: OpenStreetMap's lines lie some metres off the roads in an image, and what counts as
/// an error there is often the label's own.
///
/// Memory is bounded by the corners of the features on the grid and by 512 rows of it.
///
/// # Errors
/// When a setting makes no sense, the vector lacks the layer, the attribute or the value (the nearest one is named), a
/// code is not in the legend, or no feature holds a pixel.
pub fn rasterize(job: &RasterizeJob, progress: &dyn Progress) -> Result<Summary> {
    let inputs: Vec<PathBuf> = [&job.vector, &job.like].into_iter().chain(&job.legend).cloned().collect();
    fresh(&[&job.out], job.replace, &inputs)?;
    bound_memory();
    let query = job.query()?;
    let legend = job.legend.as_ref().map(|path| read_legend(path)).transpose()?;
    let grid = RasterDataset::open(&job.like)?.geobox().clone();
    let layer = VectorLayer::named(&job.vector, job.layer.as_deref());
    let mut burn = Burn::read(&layer, &query, &grid)?;
    let legend = match legend {
        Some(legend) => job.checked(&burn, legend)?,
        None => job.own_legend(&burn)?,
    };
    for missing in burn.missing_values() {
        progress.note(&format!("no feature on the grid has {missing}"));
    }
    let counts = job.write(&mut burn, &grid, &legend, progress)?;
    Ok(job.summary(&burn, &legend, &counts, &grid))
}

/// Pixels of each code, and of those that the tolerance ignores.
struct Counts {
    codes: [u64; 256],
    ignored: u64,
}

impl RasterizeJob {
    fn query(&self) -> Result<BurnQuery> {
        let metres = |key: &'static str, value: Option<f64>| match value {
            Some(value) if !value.is_finite() || value < 0.0 => Err(JobError::Value {
                key,
                found: value.to_string(),
                expected: "metres, 0 or more".to_owned(),
            }
            .into()),
            _ => Ok::<_, Error>(()),
        };
        metres("--width", self.width)?;
        metres("--tolerance", Some(self.tolerance))?;
        let code = match (&self.attribute, self.code) {
            (Some(attribute), None) => CodeFrom::Attribute(attribute.clone()),
            (None, Some(code)) => CodeFrom::Same(code),
            _ => {
                let (found, expected) =
                    ("both or neither".to_owned(), "one of --attribute and --code".to_owned());
                return Err(JobError::Value { key: "--attribute", found, expected }.into());
            }
        };
        Ok(BurnQuery {
            filters: self.filters.iter().map(|text| tag_filter(text)).collect::<Result<_>>()?,
            code,
            width: self.width,
            width_attribute: self.width_attribute.clone(),
            tolerance: self.tolerance,
        })
    }

    /// Codes that the raster will hold: the features', and the one between them.
    fn codes(&self, burn: &Burn) -> Vec<u8> {
        let mut codes = [burn.codes(), self.fill.into_iter().collect()].concat();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    fn checked(&self, burn: &Burn, legend: Legend) -> Result<Legend> {
        let lacks = |code: &u8| legend.index_of(ClassCode(*code)).is_err();
        let known = || known_codes(&legend);
        if let Some(fill) = self.fill.filter(lacks) {
            let expected = format!("a class of the legend: {}", known());
            return Err(JobError::Value { key: "--fill", found: fill.to_string(), expected }.into());
        }
        match burn.codes().into_iter().find(lacks) {
            Some(code) => Err(Error::FeatureClass { map: self.vector.clone(), code, known: known() }),
            None => Ok(legend),
        }
    }

    /// A legend of the codes themselves, with the tag as the name of the one class that it makes.
    fn own_legend(&self, burn: &Burn) -> Result<Legend> {
        let found = burn.codes();
        let name = |code: u8| match (&self.code, self.fill) {
            (Some(same), _) if *same == code && !self.filters.is_empty() => self.filters.join(" "),
            (_, Some(fill)) if fill == code && !found.contains(&code) => "no feature".to_owned(),
            _ => format!("class {code}"),
        };
        let entry = |(place, code): (usize, u8)| {
            let color = if found.contains(&code) { COLORS[place % COLORS.len()] } else { [225, 225, 225] };
            LegendEntry { code: ClassCode(code), name: name(code), color: Rgb(color) }
        };
        Ok(Legend::new(self.codes(burn).into_iter().enumerate().map(entry).collect())?)
    }

    fn write(
        &self,
        burn: &mut Burn,
        grid: &GeoBox,
        legend: &Legend,
        progress: &dyn Progress,
    ) -> Result<Counts> {
        let (shape, nodata) = (grid.shape(), nodata_code(legend));
        if legend.free_code().is_none() {
            let (found, expected) = ("256 classes".to_owned(), "a code that stands for nothing".to_owned());
            return Err(JobError::Value { key: "--legend", found, expected }.into());
        }
        let fill = self.fill.unwrap_or(nodata);
        let mut counts = Counts { codes: [0; 256], ignored: 0 };
        let mut file = class_raster(&self.out, grid, legend, nodata)?;
        progress.begin("rasterize", shape.rows as u64, "rows");
        for first in (0..shape.rows).step_by(ROWS) {
            let window = Window::new(first as i64, 0, ROWS.min(shape.rows - first), shape.cols);
            let burnt = burn.window(window);
            let pixel = |(code, near): (&Option<u8>, &bool)| match code {
                Some(code) => *code,
                None if *near => nodata,
                None => fill,
            };
            let codes: Vec<u8> = burnt.codes.iter().zip(&burnt.near).map(pixel).collect();
            codes.iter().for_each(|code| counts.codes[usize::from(*code)] += 1);
            counts.ignored += burnt.near.iter().filter(|near| **near).count() as u64;
            file.write_window(1, window, &codes)?;
            progress.advance(window.rows as u64, "");
        }
        progress.end();
        if burn.burnt_features() == 0 {
            return Err(burn.without_pixel().into());
        }
        file.finish()?;
        Ok(counts)
    }

    fn summary(&self, burn: &Burn, legend: &Legend, counts: &Counts, grid: &GeoBox) -> Summary {
        let mut summary = Summary::default();
        let all = grid.shape().len() as u64;
        summary.fact("labels", self.out.display().to_string());
        let (read, coded, burnt) = (burn.read_features(), burn.coded_features(), burn.burnt_features());
        summary.fact("features", format!("{read} read near the grid, {coded} used, {burnt} hold a pixel"));
        if let Some(thinnest) = burn.thinnest().filter(|_| burn.has_lines()) {
            summary.fact("lines", format!("at least {thinnest} m wide, a pixel"));
        }
        let odd = burn.odd_widths();
        if odd.count() > 0 {
            let instead = self.width.map_or_else(|| "a pixel".to_owned(), |width| format!("{width} m"));
            let (count, given) = (odd.count(), odd.given());
            summary.fact("odd widths", format!("{count} of {given}, {instead} instead: {}", odd.shown()));
        }
        for line in burn.left_out().lines() {
            summary.fact("left out", line);
        }
        for entry in legend.entries() {
            let pixels = counts.codes[usize::from(entry.code.0)];
            summary.fact(&format!("{} {}", entry.code.0, entry.name), share(pixels, all));
        }
        let nodata = nodata_code(legend);
        let nothing = counts.codes[usize::from(nodata)];
        let why = if self.tolerance > 0.0 {
            format!(", {} of them within {} m of a feature", counts.ignored, self.tolerance)
        } else {
            String::new()
        };
        summary.fact(&format!("nodata {nodata}"), format!("{}{why}", share(nothing, all)));
        summary
    }
}
