//! How large the strata are that a sample stands for: by the map's own pixels, or by a table.

use super::pairs::{Compared, Counted, count_pairs};
use super::points::Points;
use super::{AssessJob, Breakdown, Design};
use crate::{Error, Result};
use ecotone_core::Legend;
use ecotone_io::{RasterDataset, pixel_areas, read_table};
use ecotone_jobs::{Progress, Resources};
use ecotone_metrics::ConfusionMatrix;
use std::collections::BTreeMap;
use std::path::Path;

/// Shares of given and of counted areas may differ by this part before it is said.
const TOLERANCE: f64 = 0.01;

/// What a sample stands for.
#[derive(Debug)]
pub(super) struct Population {
    /// What areas are in.
    pub(super) unit: String,
    /// The strata; one without a code where the design has none.
    pub(super) strata: Vec<Stratum>,
    /// Mapped area of each class.
    pub(super) mapped: Vec<f64>,
    /// Code and area of each region.
    pub(super) regions: Vec<(u8, f64)>,
    /// What a reader must know.
    pub(super) notices: Vec<String>,
}

/// A part of the map that was sampled for itself.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stratum {
    pub(super) code: String,
    pub(super) size: f64,
    /// As counted on the map; `None` where only a table knows.
    pub(super) pixels: Option<u64>,
}

/// Counts the map (and its strata and regions) and lays the table of areas over the counts.
///
/// # Errors
/// When a raster or table cannot be read, or the table and the strata are not the same.
pub(super) fn population(
    job: &AssessJob,
    design: Design,
    legend: &Legend,
    points: &Points,
    resources: &Resources,
    progress: &dyn Progress,
) -> Result<Population> {
    let by: Vec<Breakdown> = job.region.iter().cloned().map(Breakdown::Region).collect();
    let compared = Compared {
        map: &job.map,
        reference: None,
        reference_free: None,
        ignore: &job.ignore,
        mask: job.mask.as_ref(),
        against: job.against.as_deref(),
        by: &by,
        legend,
        threads: resources.threads,
    };
    let counted = count_pairs(&compared, progress)?;
    let (confusion, areas) = (counted.confusion(&compared)?, counted.area_confusion(&compared)?);
    let classes = |matrix: &ConfusionMatrix| -> Vec<u64> {
        (0..legend.len()).map(|class| matrix.row_sum(class)).collect()
    };
    let (pixels, parts) = (classes(&confusion), classes(&areas));
    let mut notices = Vec::new();
    notices.extend(ground(job, &counted)?);
    let per_part = counted.hectares().unwrap_or(1.0);
    let mut unit = if counted.hectares().is_some() { "ha" } else { "pixels" }.to_owned();
    let mut strata = match (design.has_strata(), &job.strata) {
        (false, _) => {
            vec![Stratum::counted(String::new(), pixels.iter().sum(), parts.iter().sum(), per_part)]
        }
        (true, Some(_)) => of_raster(job, &compared, per_part, progress)?,
        (true, None) => {
            let codes = legend.entries().iter().map(|entry| entry.code.0.to_string());
            let counted = |((code, pixels), parts)| Stratum::counted(code, pixels, parts, per_part);
            codes.zip(pixels).zip(parts.iter().copied()).map(counted).collect()
        }
    };
    let mut factor = per_part;
    if let Some(path) = &job.areas {
        let areas = read_areas(path)?;
        let own = job.columns.stratum.is_some() && job.strata.is_none();
        let (given, notice) = lay_over(path, &areas, &strata, own, design.has_strata())?;
        strata = given;
        notices.extend(notice);
        unit = format!("the unit of {}", path.file_name().unwrap_or_default().to_string_lossy());
        let total: f64 = strata.iter().map(|stratum| stratum.size).sum();
        factor = total / parts.iter().sum::<u64>().max(1) as f64;
    }
    notices.extend(weights(design, points, &strata));
    let mapped = parts.iter().map(|parts| *parts as f64 * factor).collect();
    let regions = regions(&counted, &by, factor)?;
    Ok(Population { unit, strata, mapped, regions, notices })
}

impl Stratum {
    fn counted(code: String, pixels: u64, parts: u64, per_part: f64) -> Self {
        Self { code, size: parts as f64 * per_part, pixels: Some(pixels) }
    }
}

/// What to say of areas where pixels are not equally large, or lie nowhere.
fn ground(job: &AssessJob, counted: &Counted) -> Result<Option<String>> {
    let grid = RasterDataset::open_unplaced(&job.map)?.geobox().clone();
    let Some(areas) = pixel_areas(&grid)? else {
        return Ok(Some(
            "The map lies nowhere that its pixels' areas could be told from: areas are counts of pixels."
                .to_owned(),
        ));
    };
    let (smallest, largest) = areas.range();
    Ok(counted.is_weighed().then(|| {
        format!(
            "The pixels of {} are not equally large on the ground: areas are those on the ellipsoid, from {smallest:.4} to {largest:.4} \
             square metres a pixel. Points drawn as pixels with equal chances stand for pixels, not for area, within a stratum: \
             over such a range that is a difference of up to {:.1} %.",
            grid.crs(),
            100.0 * (largest / smallest - 1.0)
        )
    }))
}

fn regions(counted: &Counted, by: &[Breakdown], factor: f64) -> Result<Vec<(u8, f64)>> {
    let tables = counted.area_breakdowns(by)?;
    let rows = tables.iter().flat_map(|table| &table.rows);
    let region = rows.map(|(code, matrix)| Some((code.parse().ok()?, matrix.total() as f64 * factor)));
    Ok(region.flatten().collect())
}

fn of_raster(
    job: &AssessJob,
    map: &Compared<'_>,
    per_part: f64,
    progress: &dyn Progress,
) -> Result<Vec<Stratum>> {
    let compared =
        Compared { reference: job.strata.as_deref(), reference_free: Some(u8::MAX), by: &[], ..*map };
    let counted = count_pairs(&compared, progress)?;
    let mut strata: BTreeMap<u8, (u64, u64)> = BTreeMap::new();
    for (_, stratum, pixels) in counted.pairs() {
        strata.entry(stratum).or_default().0 += pixels;
    }
    for (_, stratum, parts) in counted.area_pairs() {
        strata.entry(stratum).or_default().1 += parts;
    }
    let stratum =
        |(code, (pixels, parts)): (u8, _)| Stratum::counted(code.to_string(), pixels, parts, per_part);
    Ok(strata.into_iter().map(stratum).collect())
}

/// The given areas in the order of the strata, and what to say where they differ from the counts.
///
/// `own`: the strata are the table's own, as the points name them in a column.
fn lay_over(
    path: &Path,
    areas: &[(String, f64)],
    counted: &[Stratum],
    own: bool,
    has_strata: bool,
) -> Result<(Vec<Stratum>, Option<String>)> {
    let listed = |codes: &mut dyn Iterator<Item = &str>| codes.collect::<Vec<_>>().join(", ");
    let known = listed(&mut counted.iter().map(|stratum| stratum.code.as_str()));
    let extra = areas.iter().find(|(code, _)| counted.iter().all(|stratum| stratum.code != *code));
    if !has_strata {
        let size = areas.iter().map(|(_, area)| area).sum();
        return Ok((vec![Stratum { size, ..counted[0].clone() }], None));
    }
    let lacks =
        |stratum: &Stratum| stratum.pixels != Some(0) && areas.iter().all(|(code, _)| *code != stratum.code);
    if own && (extra.is_some() || counted.iter().any(lacks)) {
        let stratum =
            |(code, size): &(String, f64)| Stratum { code: code.clone(), size: *size, pixels: None };
        return Ok((areas.iter().map(stratum).collect(), None));
    }
    if let Some((code, _)) = extra {
        let (path, code) = (path.to_owned(), code.clone());
        return Err(Error::AreaExtra { path, what: "stratum", code, known });
    }
    let mut given = Vec::with_capacity(counted.len());
    for stratum in counted {
        let area = areas.iter().find(|(code, _)| *code == stratum.code).map(|(_, area)| *area);
        let size = match (area, stratum.pixels) {
            (Some(area), _) => area,
            (None, Some(0)) => 0.0,
            _ => {
                let known = listed(&mut areas.iter().map(|(code, _)| code.as_str()));
                let (path, code) = (path.to_owned(), stratum.code.clone());
                return Err(Error::AreaMissing { path, what: "stratum", code, known });
            }
        };
        given.push(Stratum { size, ..stratum.clone() });
    }
    let notice = mismatch(path, &given, counted);
    Ok((given, notice))
}

/// Where the shares of given areas are not those of the map.
fn mismatch(path: &Path, given: &[Stratum], counted: &[Stratum]) -> Option<String> {
    let total = |strata: &[Stratum]| strata.iter().map(|stratum| stratum.size).sum::<f64>();
    let (given_total, counted_total) = (total(given), total(counted));
    let differs = |(given, counted): (&Stratum, &Stratum)| {
        let (theirs, ours) = (given.size / given_total, counted.size / counted_total);
        let off = (theirs - ours).abs() > TOLERANCE * ours;
        off.then(|| format!("{} has {:.2} %, on the map {:.2} %", given.code, 100.0 * theirs, 100.0 * ours))
    };
    let off: Vec<String> = given.iter().zip(counted).filter_map(differs).collect();
    (!off.is_empty()).then(|| {
        format!(
            "The areas of {} do not match the map by more than 1 %: stratum {}. The estimates use the table: see that \
             it belongs to this map.",
            path.display(),
            off.join("; stratum ")
        )
    })
}

/// Where design weights are missing, or do not add up to the pixels that they stand for.
fn weights(design: Design, points: &Points, strata: &[Stratum]) -> Option<String> {
    if points.weights.is_none() && design == Design::Cluster {
        let told = "The points have no weights, so that all count alike. That is right only where each pixel of the map \
                    was as likely to be drawn as any other, as in clusters that were drawn evenly and taken whole; of \
                    other clusters give one over the inclusion probability as the column weight, or as --weight-column.";
        return Some(told.to_owned());
    }
    points.weights.as_ref()?;
    let pixels: Option<u64> = strata.iter().map(|stratum| stratum.pixels).sum();
    let (sum, pixels) = (points.scored().map(|point| point.weight).sum::<f64>(), pixels? as f64);
    let used = match design {
        Design::Cluster => "only their proportions count",
        _ => "the estimates use the areas of the strata instead",
    };
    ((sum / pixels - 1.0).abs() > TOLERANCE).then(|| {
        format!("The weights add up to {sum:.0}, but the map has {pixels:.0} pixels: {used}. See that the weights belong to this map.")
    })
}

/// Reads `code,area`.
///
/// # Errors
/// When it has no such columns, a code comes twice, an area is no number from 0, or all are 0.
pub(super) fn read_areas(path: &Path) -> Result<Vec<(String, f64)>> {
    let table = read_table(path)?;
    let Some((code, area)) = table.column("code").zip(table.column("area")) else {
        let (found, expected) = (table.header.join(","), "`code,area`".to_owned());
        return Err(Error::Header { path: path.to_owned(), found, expected });
    };
    let mut areas: Vec<(String, f64)> = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let path = path.to_owned();
        let Some(value) = table.number(&row.cells[area]).filter(|area| *area >= 0.0) else {
            let (column, found) = (table.header[area].clone(), row.cells[area].clone());
            let expected = "an area, a number from 0";
            return Err(Error::Cell { path, line: row.line, column, expected, found });
        };
        let code = canonical(&row.cells[code]);
        if areas.iter().any(|(known, _)| *known == code) {
            return Err(Error::CodeTwice { path, code, place: "row" });
        }
        areas.push((code, value));
    }
    if areas.iter().all(|(_, area)| *area == 0.0) {
        return Err(Error::AllZero { path: path.to_owned(), what: "areas" });
    }
    Ok(areas)
}

/// A code without what a spreadsheet adds: `01` and `1.0` are 1.
pub(super) fn canonical(code: &str) -> String {
    match code.parse::<f64>() {
        Ok(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        _ => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_that_differ_by_more_than_one_percent_are_said() {
        let counted = ["1", "2"].map(|code| Stratum::counted(code.to_owned(), 100, 100, 0.5));
        let given = |first: f64| {
            let areas = [("2".to_owned(), 50.0), ("1".to_owned(), first)];
            lay_over(Path::new("areas.csv"), &areas, &counted, false, true).unwrap()
        };
        let (strata, notice) = given(50.4);
        assert_eq!(strata[0].size, 50.4);
        assert_eq!(notice, None);
        let notice = given(60.0).1.unwrap();
        assert!(notice.contains("stratum 1 has 54.55 %, on the map 50.00 %"), "{notice}");
    }

    #[test]
    fn codes_are_the_same_however_they_are_written() {
        assert_eq!(["1", "01", "1.0", "forest"].map(canonical), ["1", "1", "1", "forest"]);
    }
}
