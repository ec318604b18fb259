//! Which blocks train, validate and test.

use crate::fields::{Grouping, fields_of};
use crate::labels::{LabelFiles, Labels, UNLABELLED};
use crate::{Error, Result};
use ecotone_core::{ClassCode, Legend, LegendEntry, Nodata};
use ecotone_io::{CogOptions, Content, gsd_metres, pixel_side_metres};
use ecotone_jobs::{Error as JobError, Progress};
use ecotone_tiling::{BlockSplit, Fields, FoldConfig, Fractions, Part, Shared, SplitConfig};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The word for a gap of [`AUTO_GAP`] pixels.
const AUTO: &str = "auto";

/// Pixels left unused between parts where a recipe does not say how many metres: neighbours share what a sensor spreads
/// over a pixel's border, and labels are drawn no better than that.
const AUTO_GAP: usize = 2;

/// Which blocks train, which stop the training, which test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// Side of a block in metres.
    pub block_m: f64,
    /// Width in metres of the strips between pixels of different parts that nobody uses; `auto`: two pixels of the map.
    pub gap_m: String,
    /// What stays together: `none`, `components` or `attribute:NAME`.
    pub group: String,
    /// Share of blocks that train.
    pub train: f64,
    /// Share of blocks that stop the training.
    pub validation: f64,
    /// Share of blocks that test.
    pub test: f64,
    /// Rounds of a cross-validation; 0: by the shares.
    pub folds: usize,
    /// The round that tests, from 0.
    pub fold: usize,
    /// Decides the draw.
    pub seed: u64,
}

impl Default for Split {
    fn default() -> Self {
        Self {
            block_m: 1280.0,
            gap_m: AUTO.to_owned(),
            group: Grouping::Components.to_string(),
            train: 0.6,
            validation: 0.2,
            test: 0.2,
            folds: 0,
            fold: 0,
            seed: 1,
        }
    }
}

impl Split {
    /// Width in metres of the strips that nobody uses; `None`: two pixels of the map.
    ///
    /// # Errors
    /// When it is neither `auto` nor a length of 0 or more.
    pub fn gap(&self) -> std::result::Result<Option<f64>, JobError> {
        match self.gap_m.parse::<f64>() {
            _ if self.gap_m == AUTO => Ok(None),
            Ok(metres) if metres.is_finite() && metres >= 0.0 => Ok(Some(metres)),
            _ => Err(JobError::Value {
                key: "split.gap_m",
                found: self.gap_m.clone(),
                expected: "`auto` (two pixels of the map) or a length in metres, 0 or more".to_owned(),
            }),
        }
    }

    /// What stays together.
    ///
    /// # Errors
    /// When it is none of the words.
    pub fn grouping(&self) -> std::result::Result<Grouping, JobError> {
        Grouping::parse(&self.group)
    }
}

/// A split of labelled ground.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// Which pixels train, validate and test.
    pub split: BlockSplit,
    /// What stays together; empty where nothing does.
    fields: Fields,
    /// Groups of an attribute that no block could hold.
    too_large: usize,
}

impl Drawn {
    /// What test pixels have in common with training pixels: by the fields that stay together, or by connected pixels of
    /// one label where none do. `None` where no test pixel has a label, or where fields would have to be looked for among
    /// more pixels than 32 bits count.
    ///
    /// # Errors
    /// When the labels are not those that were split.
    pub fn shared(&self, labels: &Labels) -> Result<Option<Shared>> {
        self.shared_within(labels, u32::MAX as usize)
    }

    fn shared_within(&self, labels: &Labels, most: usize) -> Result<Option<Shared>> {
        let indices = &labels.indices;
        if !self.fields.numbers().is_empty() {
            return Ok(Shared::of(&self.split, indices, &self.fields)?);
        }
        if indices.len() > most {
            return Ok(None);
        }
        Ok(Shared::of(&self.split, indices, &Fields::components(self.split.areas(), indices)?)?)
    }

    /// Says how many groups of an attribute were too large to stay on one side.
    pub fn note(&self) -> Option<String> {
        let (groups, side) = (self.too_large, self.split.block());
        (groups > 0).then(|| {
            format!(
                "split.group: {groups} groups have more labelled pixels than a block of {side} x {side}; of these only \
                 pixels that touch stay together"
            )
        })
    }
}

/// Draws the blocks; `files` are those of the labels.
///
/// # Errors
/// When a setting makes no sense, the fields cannot be read, there are too few blocks, or training or test blocks are
/// without a label.
pub fn draw_split(settings: &Split, files: &LabelFiles, labels: &Labels, legend: &Legend) -> Result<Drawn> {
    let (geobox, areas) = (labels.geobox(), labels.site.area_grid());
    let gsd = gsd_metres(geobox)?;
    // A gap holds in either direction.
    let least = pixel_side_metres(geobox)?.map_or(gsd, |side| side.x.min(side.y));
    let block = (settings.block_m / gsd).round().max(1.0) as usize;
    // No narrower than asked for, but for the last digits of a side.
    let gap = settings.gap()?.map_or(AUTO_GAP, |metres| (metres / least - 1e-6).ceil().max(0.0) as usize);
    let (shape, classes, indices) = (geobox.shape(), legend.len(), &labels.indices);
    let (fields, too_large) = fields_of(&settings.grouping()?, files, labels, block)?;
    let split = match settings.folds {
        0 => {
            let Split { train, validation, test, seed, .. } = *settings;
            let fractions = Fractions { train, validation, test };
            let config = SplitConfig { block, gap, fractions, seed };
            BlockSplit::stratified_by_fields(areas.clone(), &config, classes, indices, &fields)?
        }
        folds => {
            let config = FoldConfig { block, gap, folds, fold: settings.fold, seed: settings.seed };
            BlockSplit::fold_by_fields(areas.clone(), &config, classes, indices, &fields)?
        }
    };
    let split = match labels.site.clip()? {
        Some(clip) => split.only(&clip),
        None => split,
    };
    for part in [Part::Train, Part::Test] {
        let labelled = |(code, label): (&u8, &u8)| *code == part.code() && *label != UNLABELLED;
        if !split.codes().iter().zip(&labels.indices).any(labelled) {
            let part = if part == Part::Train { "training" } else { "test" };
            return Err(Error::EmptyPart { part, rows: shape.rows, cols: shape.cols, block });
        }
    }
    Ok(Drawn { split, fields, too_large })
}

/// Writes the blocks as a raster, and says what each part holds.
pub fn write_split(
    split: &BlockSplit,
    labels: &Labels,
    legend: &Legend,
    path: &Path,
    progress: &dyn Progress,
) -> Result<()> {
    let (content, nodata) = (Content::Classes(split_legend()?), Some(Nodata::new(0.0)));
    labels.site.write_plane(path, split.codes(), CogOptions { content, nodata, ..CogOptions::default() })?;
    progress.note(&split.to_string());
    for missing in split.missing_classes() {
        let name = &legend.entries()[missing.class].name;
        progress.note(&format!("no {} pixel of `{name}`: too few blocks hold it", missing.part));
    }
    Ok(())
}

/// The parts of a split as classes of split.tif.
fn split_legend() -> Result<Legend> {
    let colors = ecotone_report::split_key();
    let entry = |part: &Part| LegendEntry {
        code: ClassCode(part.code()),
        name: part.to_string(),
        color: colors[usize::from(part.code())].color,
    };
    Ok(Legend::new(Part::USED.iter().map(entry).collect())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::{Crs, GeoBox, GeoTransform, Rgb, Shape2d, XY};
    use ecotone_cubes::Site;
    use ecotone_io::VectorLayer;

    /// Two rows of eight fields of 8 x 8 pixels of 10 m, all of one class but the first, of two farms side by side each.
    struct Farms {
        _folder: tempfile::TempDir,
        files: LabelFiles,
        labels: Labels,
        legend: Legend,
    }

    fn farms() -> Farms {
        let folder = tempfile::tempdir().unwrap();
        let square = |row: usize, col: usize| {
            let (west, north) = (500_000 + 80 * col, 5_500_000 - 80 * row);
            let (east, south) = (west + 80, north - 80);
            // Farms are two fields wide and lie over the borders of blocks.
            let (farm, code) = (usize::div_ceil(col, 2), if (row, col) == (0, 0) { 2 } else { 1 });
            format!(
                r#"{{"type":"Feature","properties":{{"farm":"{row}-{farm}","code":{code}}},"geometry":{{"type":"Polygon",
                "coordinates":[[[{west},{north}],[{east},{north}],[{east},{south}],[{west},{south}],[{west},{north}]]]}}}}"#
            )
        };
        let features: Vec<String> =
            (0..2).flat_map(|row| (0..8).map(move |col| (row, col))).map(|(r, c)| square(r, c)).collect();
        let path = folder.path().join("fields.geojson");
        let crs = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::32633"}}"#;
        let text = format!(r#"{{"type":"FeatureCollection",{crs},"features":[{}]}}"#, features.join(","));
        std::fs::write(&path, text).unwrap();
        let layer = VectorLayer::parse(&path);
        let files = LabelFiles::polygons_of(layer, "code".to_owned(), folder.path().join("legend.csv"));
        let transform = GeoTransform::north_up(XY::new(500_000.0, 5_500_000.0), 10.0);
        let site = Site::whole(GeoBox::new(Shape2d::new(16, 64), transform, Crs::epsg(32633)));
        let entry = |code: u8| LegendEntry {
            code: ClassCode(code),
            name: format!("class {code}"),
            color: Rgb([0, code, 0]),
        };
        let legend = Legend::new(vec![entry(1), entry(2)]).unwrap();
        let labels = files.read(&site, &legend, &[]).unwrap();
        Farms { _folder: folder, files, labels, legend }
    }

    fn settings(group: &str, gap_m: &str) -> Split {
        Split { block_m: 160.0, gap_m: gap_m.to_owned(), group: group.to_owned(), ..Split::default() }
    }

    /// The split by blocks of 160 m, two fields; what test has in common with training; and whether each farm has pixels of
    /// one part alone.
    fn drawn(group: &str, gap_m: &str) -> (BlockSplit, Option<Shared>, bool) {
        let Farms { files, labels, legend, .. } = &farms();
        let drawn = draw_split(&settings(group, gap_m), files, labels, legend).unwrap();
        let mut whole = true;
        for (row, farm) in (0..2).flat_map(|row| (0..5).map(move |farm| (row, farm))) {
            let mut parts: Vec<Part> = (0..16 * 64)
                .filter(|at| (at / 64 / 8, usize::div_ceil(at % 64 / 8, 2)) == (row, farm))
                .map(|at| drawn.split.part_at(at / 64, at % 64))
                .filter(|part| *part != Part::Unused)
                .collect();
            parts.dedup();
            whole &= parts.iter().all(|part| *part == parts[0]);
        }
        (drawn.split.clone(), drawn.shared(labels).unwrap(), whole)
    }

    #[test]
    fn polygons_of_one_value_stay_together() {
        let (_, shared, whole) = drawn("attribute:farm", "0");
        assert!(whole);
        assert_eq!(shared.unwrap().in_training_fields, 0.0);
        assert!(!drawn("none", "0").2, "blocks alone cut farms");
        // All of one class touches: larger than a block.
        assert!(!drawn("components", "0").2);
    }

    /// The farms of a row are one owner's, far more than a block of 80 m; without a label between them they do not touch.
    #[test]
    fn groups_larger_than_a_block_stay_together_where_they_touch() {
        let farms = farms();
        let (files, legend, mut labels) = (&farms.files, &farms.legend, farms.labels.clone());
        // Strips of three pixels over the borders of blocks remain of each row.
        for at in 0..16 * 64 {
            if !matches!(at % 64 % 8, 6 | 7 | 0) {
                labels.indices[at] = UNLABELLED;
            }
        }
        let settings = Split { block_m: 80.0, ..settings("attribute:code", "0") };
        let drawn = draw_split(&settings, files, &labels, legend).unwrap();
        assert!(drawn.note().unwrap().starts_with("split.group: 1 groups have more labelled pixels"));
        let shared = drawn.shared(&labels).unwrap().unwrap();
        assert_eq!(shared.in_training_fields, 0.0);
        // That at the first farm is of two groups.
        for strip in 2..8 {
            let mut codes: Vec<u8> =
                (0..48).map(|at| drawn.split.codes()[at / 3 * 64 + strip * 8 - 2 + at % 3]).collect();
            codes.dedup();
            assert_eq!(codes.len(), 1, "strip {strip}");
        }
        let code = Grouping::Attribute("code".to_owned());
        assert_eq!(fields_of(&code, files, &labels, 30).unwrap().1, 0, "a block of 900 pixels");
    }

    #[test]
    fn without_groups_no_field_is_looked_for_but_to_be_told() {
        let Farms { files, labels, legend, .. } = &farms();
        let drawn = draw_split(&settings("none", "0"), files, labels, legend).unwrap();
        assert!(drawn.fields.numbers().is_empty());
        assert!(drawn.shared(labels).unwrap().unwrap().touching_training > 0.0);
        assert_eq!(drawn.shared_within(labels, 16 * 64 - 1).unwrap(), None);
        assert_eq!(drawn.shared_within(labels, 16 * 64).unwrap(), drawn.shared(labels).unwrap());
    }

    #[test]
    fn gaps_are_two_pixels_where_no_metres_are_given() {
        let unused = |gap: &str| drawn("none", gap).0.pixels(Part::Unused);
        assert_eq!(unused("0"), 0);
        assert_eq!(unused("auto"), unused("20"));
        assert!(unused("auto") > unused("10") && unused("10") > 0);
        assert_eq!((unused("11"), unused("1")), (unused("20"), unused("10")), "no narrower than asked for");
        assert_eq!(drawn("none", "auto").1.unwrap().touching_training, 0.0);
        assert!(drawn("none", "0").1.unwrap().touching_training > 0.0);
        for wrong in ["-1", "NaN", "wide", ""] {
            let error = Split { gap_m: wrong.to_owned(), ..Split::default() }.gap().unwrap_err().to_string();
            assert!(error.contains("split.gap_m") && error.contains("auto"), "{error}");
        }
    }
}
