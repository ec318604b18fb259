//! What wall-to-wall scores are broken down by: regions, terrain, the map's own confidence, distance to an edge.

use super::Classes;
use super::terrain_bins::{ASPECTS, FLAT, SLOPES, aspect_bin, slope_bin};
use crate::{Error, Result};
use ecotone_core::{GeoBox, Resolution, Shape2d};
use ecotone_io::write_csv;
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Codes, Heights, RunFolder, check_metres, check_places};
use ecotone_metrics::{ConfusionMatrix, distance_transform};
use std::path::{Path, PathBuf};

/// A pixel in no bin.
pub(super) const NO_BIN: u8 = 255;

const BY_YEAR: &str = "By year";

/// Upper ends of the bins of confidence, in percent.
const CONFIDENCE: [u8; 7] = [50, 60, 70, 80, 90, 95, 100];
/// Upper ends of the bins of distance, in pixels.
const DISTANCES: [u8; 5] = [1, 2, 3, 5, 10];

/// A way to break scores down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breakdown {
    /// By the codes 0 to 254 of a raster.
    Region(PathBuf),
    /// By the map's confidence in percent, such as confidence.tif of a run.
    Confidence(PathBuf),
    /// By the slope of a raster of heights in metres.
    Slope(PathBuf),
    /// By the direction that the ground faces.
    Aspect(PathBuf),
    /// By the distance to the nearest edge between classes of the reference, in pixels; upper ends of the bins.
    Edge(Vec<u8>),
    /// By the split that a run keeps: not used, training, validation, test.
    Split(PathBuf),
    /// By year: `{year}` in the names of map, reference and mask stands for each of them.
    Year(Vec<String>),
}

impl Breakdown {
    /// From `NAME=RASTER`, `edge` and `edge=1,2,5`, or `year=2018,2019`.
    ///
    /// # Errors
    /// When the name is none of them, with the nearest one; when the raster is missing or a distance is none.
    pub fn parse(text: &str) -> Result<Self> {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let made: fn(PathBuf) -> Self = match name {
            "region" => Self::Region,
            "confidence" => Self::Confidence,
            "slope" => Self::Slope,
            "aspect" => Self::Aspect,
            "edge" => return Self::edge(value),
            "year" => return Self::year(value),
            _ => {
                let known = ["region", "confidence", "slope", "aspect", "edge", "year"];
                return Err(JobError::word("--by", name, &known).into());
            }
        };
        if value.is_empty() {
            let expected = format!("{name}=RASTER");
            return Err(JobError::Value { key: "--by", found: text.to_owned(), expected }.into());
        }
        Ok(made(PathBuf::from(value)))
    }

    fn edge(value: &str) -> Result<Self> {
        if value.is_empty() {
            return Ok(Self::Edge(DISTANCES.to_vec()));
        }
        let ends: Option<Vec<u8>> = value.split(',').map(|end| end.trim().parse().ok()).collect();
        let rising =
            |ends: &Vec<u8>| ends[0] > 0 && ends.is_sorted_by(|a, b| a < b) && ends[ends.len() - 1] <= 100;
        ends.filter(rising).map(Self::Edge).ok_or_else(|| {
            let expected = "edge=PIXELS,…, rising whole numbers from 1 to 100, such as edge=1,2,5".to_owned();
            JobError::Value { key: "--by", found: format!("edge={value}"), expected }.into()
        })
    }

    fn year(value: &str) -> Result<Self> {
        let years: Vec<String> = value.split(',').map(|year| year.trim().to_owned()).collect();
        let twice = years.iter().enumerate().any(|(i, year)| years[..i].contains(year));
        if twice || years.iter().any(String::is_empty) {
            let expected = "year=YEAR,…, each once, such as year=2018,2019".to_owned();
            return Err(JobError::Value { key: "--by", found: format!("year={value}"), expected }.into());
        }
        Ok(Self::Year(years))
    }

    /// The name of its table.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Region(_) => "region",
            Self::Confidence(_) => "confidence",
            Self::Slope(_) => "slope",
            Self::Aspect(_) => "aspect",
            Self::Edge(_) => "edge",
            Self::Split(_) => "split",
            Self::Year(_) => "year",
        }
    }

    /// The raster that it is by, where it is by one.
    pub(super) const fn raster(&self) -> Option<&PathBuf> {
        match self {
            Self::Region(path)
            | Self::Confidence(path)
            | Self::Slope(path)
            | Self::Aspect(path)
            | Self::Split(path) => Some(path),
            Self::Edge(_) | Self::Year(_) => None,
        }
    }

    /// What a person reads above the table.
    const fn title(&self) -> &'static str {
        match self {
            Self::Region(_) => "By region",
            Self::Confidence(_) => "By confidence of the map, percent",
            Self::Slope(_) => "By slope, degrees (Horn 1981)",
            Self::Aspect(_) => "By aspect: where the ground faces (Horn 1981)",
            Self::Edge(_) => "By distance to the nearest edge between classes of the reference, pixels",
            Self::Split(_) => "By the split of the training",
            Self::Year(_) => BY_YEAR,
        }
    }

    fn label(&self, bin: u8) -> String {
        let between = |ends: &[u8]| match usize::from(bin) {
            0 => format!("0-{}", ends[0]),
            bin if bin < ends.len() => format!("{}-{}", ends[bin - 1], ends[bin]),
            _ => format!("over {}", ends[ends.len() - 1]),
        };
        match self {
            Self::Region(_) => bin.to_string(),
            Self::Confidence(_) => between(&CONFIDENCE),
            Self::Slope(_) => between(&SLOPES),
            Self::Aspect(_) if bin == FLAT => "flat".to_owned(),
            Self::Aspect(_) => ASPECTS[usize::from(bin)].to_owned(),
            Self::Edge(ends) => between(ends),
            Self::Year(years) => years.get(usize::from(bin)).cloned().unwrap_or_default(),
            Self::Split(_) => ["not used", "training", "validation", "test"]
                .get(usize::from(bin))
                .unwrap_or(&"other")
                .to_string(),
        }
    }
}

/// A breakdown with its raster open.
pub(super) enum BinReader {
    /// Codes are bins.
    Codes(Codes),
    /// Percents.
    Confidence(Codes),
    /// Heights, and whether slope (else aspect) is asked for.
    Terrain { heights: Heights, slope: bool },
    /// Upper ends of distances.
    Edge(Vec<u8>),
    /// Bins that are no part of a map.
    None,
}

impl BinReader {
    /// For a map on a grid.
    pub(super) fn open(by: &Breakdown, map: (&Path, &GeoBox)) -> Result<Self> {
        let codes = |path: &Path| {
            let codes = Codes::with_free(path, NO_BIN)?;
            check_places(map, (path, codes.geobox()))?;
            Ok::<_, Error>(codes)
        };
        let heights = |path: &PathBuf, slope| {
            check_metres(path, map.1)?;
            Ok::<_, Error>(Self::Terrain { heights: Heights::on(map.1, path)?, slope })
        };
        Ok(match by {
            Breakdown::Region(path) | Breakdown::Split(path) => Self::Codes(codes(path)?),
            Breakdown::Confidence(path) => Self::Confidence(codes(path)?),
            Breakdown::Slope(path) => heights(path, true)?,
            Breakdown::Aspect(path) => heights(path, false)?,
            Breakdown::Edge(ends) => Self::Edge(ends.clone()),
            // Years are maps of their own, counted one by one.
            Breakdown::Year(_) => Self::None,
        })
    }

    /// The bin of each pixel of a part of the map, [`NO_BIN`] for none.
    pub(super) fn bins(&self, grid: &GeoBox, reference: &Codes) -> Result<Vec<u8>> {
        match self {
            Self::Codes(codes) => {
                let nodata = codes.nodata();
                Ok(codes
                    .read(grid)?
                    .into_iter()
                    .map(|code| if code == nodata { NO_BIN } else { code })
                    .collect())
            }
            Self::Confidence(codes) => {
                let bin = |percent: u8| CONFIDENCE.iter().position(|end| percent <= *end);
                let bin = |percent| match bin(percent) {
                    Some(bin) if percent != codes.nodata() => bin as u8,
                    _ => NO_BIN,
                };
                Ok(codes.read(grid)?.into_iter().map(bin).collect())
            }
            Self::Terrain { heights, slope } => terrain(heights, grid, *slope),
            Self::Edge(ends) => edges(ends, grid, reference),
            Self::None => Ok(vec![NO_BIN; grid.shape().len()]),
        }
    }
}

fn terrain(heights: &Heights, grid: &GeoBox, slope: bool) -> Result<Vec<u8>> {
    let dem = heights.read(&grid.pad(1))?;
    let ground = ecotone_preprocessing::terrain(&dem)?;
    let valid = dem.valid_mask();
    let cols = dem.shape().cols;
    let bin = |place: usize| match (valid[place], slope) {
        (false, _) => NO_BIN,
        (true, true) => slope_bin(ground.slope[place]),
        (true, false) => aspect_bin(ground.slope[place], ground.aspect[place]),
    };
    let Shape2d { rows, cols: inner } = grid.shape();
    Ok((0..rows).flat_map(|row| (0..inner).map(move |col| (row + 1) * cols + col + 1)).map(bin).collect())
}

fn edges(ends: &[u8], grid: &GeoBox, reference: &Codes) -> Result<Vec<u8>> {
    let halo = usize::from(ends[ends.len() - 1]) + 1;
    let padded = grid.pad(halo);
    let Shape2d { rows, cols } = padded.shape();
    let codes = reference.read(&padded)?;
    let nodata = reference.nodata();
    let unlike = |a: usize, b: usize| codes[a] != codes[b] && codes[a] != nodata && codes[b] != nodata;
    let mut marked = vec![false; codes.len()];
    for place in 0..codes.len() {
        let right = place % cols + 1 < cols && unlike(place, place + 1);
        let below = place + cols < codes.len() && unlike(place, place + cols);
        marked[place] |= right || below;
        if right {
            marked[place + 1] = true;
        }
        if below {
            marked[place + cols] = true;
        }
    }
    let distance = distance_transform(&marked, Shape2d::new(rows, cols), Resolution::square(1.0)?)?;
    // The pixels on both sides of an edge are the first from it.
    let bin = |distance: f64| {
        ends.iter().position(|end| distance + 1.0 <= f64::from(*end)).unwrap_or(ends.len()) as u8
    };
    let Shape2d { rows, cols: inner } = grid.shape();
    let places = (0..rows).flat_map(|row| (0..inner).map(move |col| (row + halo) * cols + col + halo));
    Ok(places.map(|place| bin(distance[place])).collect())
}

/// A breakdown's counts, bin by bin.
#[derive(Debug)]
pub(crate) struct BinTable {
    /// The name of its table.
    pub(crate) name: &'static str,
    /// What a person reads above it.
    pub(crate) title: &'static str,
    /// Each bin that has pixels.
    pub(crate) rows: Vec<(String, ConfusionMatrix)>,
}

impl BinTable {
    /// That of years.
    pub(super) const fn of_years(rows: Vec<(String, ConfusionMatrix)>) -> Self {
        Self { name: "year", title: BY_YEAR, rows }
    }

    pub(super) fn of(by: &Breakdown, counts: &[u64], classes: usize) -> Result<Self> {
        let mut rows = Vec::new();
        for (bin, counts) in (0..NO_BIN).zip(counts.chunks(classes * classes)) {
            if counts.iter().any(|pixels| *pixels > 0) {
                rows.push((by.label(bin), ConfusionMatrix::from_counts(classes, counts.to_vec())?));
            }
        }
        Ok(Self { name: by.name(), title: by.title(), rows })
    }

    /// Writes by-NAME.csv.
    pub(super) fn write(&self, folder: &RunFolder, classes: &Classes) -> Result<()> {
        let mut header: Vec<String> =
            ["bin", "pixels", "overall_accuracy", "macro_f1"].map(str::to_owned).to_vec();
        for class in classes.iter() {
            header.push(format!("users_accuracy_{}", class.code));
            header.push(format!("producers_accuracy_{}", class.code));
        }
        let text = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.6}"));
        let row = |(bin, matrix): &(String, ConfusionMatrix)| {
            let mut cells = vec![bin.clone(), matrix.total().to_string()];
            cells.extend([text(matrix.overall_accuracy()), text(matrix.macro_f1())]);
            for class in 0..classes.len() {
                cells.extend([text(matrix.users_accuracy(class)), text(matrix.producers_accuracy(class))]);
            }
            cells
        };
        Ok(write_csv(folder.file(&format!("by-{}.csv", self.name)), &header, self.rows.iter().map(row))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_breakdown() {
        assert_eq!(Breakdown::parse("slope=dem.tif").unwrap(), Breakdown::Slope("dem.tif".into()));
        assert_eq!(Breakdown::parse("edge=1,4").unwrap(), Breakdown::Edge(vec![1, 4]));
        assert_eq!(Breakdown::parse("edge").unwrap(), Breakdown::Edge(DISTANCES.to_vec()));
        assert_eq!(
            Breakdown::parse("year=2018, 2019").unwrap(),
            Breakdown::Year(vec!["2018".into(), "2019".into()])
        );
        for bad in ["edge=4,1", "edge=0", "edge=x", "slope", "region=", "year", "year=2018,2018"] {
            assert!(Breakdown::parse(bad).is_err(), "{bad}");
        }
        let refused = Breakdown::parse("slop=dem.tif").unwrap_err().to_string();
        assert!(refused.contains("did you mean `slope`?"), "{refused}");
    }

    #[test]
    fn bins_are_named_by_their_ends() {
        let edge = Breakdown::Edge(vec![1, 4]);
        assert_eq!([0, 1, 2].map(|bin| edge.label(bin)), ["0-1", "1-4", "over 4"]);
        assert_eq!(Breakdown::Aspect(PathBuf::new()).label(FLAT), "flat");
    }
}
