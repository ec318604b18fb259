//! Estimates for people who hold an error matrix of sample counts and mapped areas, and no more.

use super::areas::{canonical, read_areas};
use super::checks::check_confidence;
use super::design::one_unit;
use super::estimates::{Basis, Estimates};
use super::{Classes, Design, Extras, MatrixJob, estimated_page};
use crate::accuracy::write_confusion;
use crate::{Error, Result};
use ecotone_core::Table;
use ecotone_io::read_table;
use ecotone_jobs::{Command, RunFolder, Summary};
use ecotone_metrics::{Assessment, ConfusionMatrix, Strata};
use std::path::{Path, PathBuf};

/// Writes estimates.json, estimates.csv, proportions.csv, confusion.csv, tables.md, tables.tex and report.html.
///
/// The strata are the map's classes. Codes may be any words; rows, columns and areas may come in any order.
///
/// # Errors
/// When a table cannot be read, the two do not have the same classes, a count is no whole number from 0, or a class
/// with an area was not sampled.
pub fn assess_matrix(job: &MatrixJob) -> Result<Summary> {
    check_confidence(job.confidence)?;
    if job.design == Design::Cluster {
        let needs = "points with --cluster-column: an error matrix does not say which counts belong together";
        return Err(Error::Flag { flag: "--design cluster", needs });
    }
    let legend = job.legend.as_ref().map(|path| ecotone_jobs::read_legend(path)).transpose()?;
    let (codes, counts) = read_matrix(&job.counts)?;
    let areas = areas_of(&job.areas, &codes)?;
    check_sampled(job, &codes, &counts, &areas)?;
    let inputs: Vec<PathBuf> = [&job.counts, &job.areas].into_iter().chain(&job.legend).cloned().collect();
    let folder = RunFolder::claim(Command::Assess, &job.out, job.existing, &inputs)?;
    let classes = Classes::of_codes(&codes, legend.as_ref());
    let strata = Strata::new(&areas)?;
    let assessment = Assessment::from_matrix(&counts, &strata, job.design.estimator())?;
    let assessment = assessment.with_confidence(job.confidence)?;
    let alone: Vec<&str> = codes
        .iter()
        .enumerate()
        .filter(|(i, _)| counts.row_sum(*i) == 1)
        .map(|(_, code)| code.as_str())
        .collect();
    let notices =
        if alone.is_empty() || !job.design.has_strata() { Vec::new() } else { vec![one_unit(&alone)] };
    let basis = Basis {
        design: job.design.word(),
        source: job.design.source(),
        unit: format!("the unit of {}", job.areas.file_name().unwrap_or_default().to_string_lossy()),
        mapped: areas,
        regions: Vec::new(),
        notices,
    };
    let estimates = Estimates::of(&assessment, &classes, basis)?;
    folder.clear()?;
    write_confusion(&folder, &codes, &counts)?;
    let mut summary = Summary::default();
    let subtitle = format!("{} with {}", job.counts.display(), job.areas.display());
    estimated_page(&folder, subtitle, &classes, &estimates, &Extras::default(), &mut summary)?;
    Ok(summary)
}

/// Reads codes, in the order of the rows, and counts `[map, reference]`.
fn read_matrix(path: &Path) -> Result<(Vec<String>, ConfusionMatrix)> {
    let table = read_table(path)?;
    let Table { header, rows, .. } = &table;
    let columns: Vec<String> = header.iter().skip(1).map(|code| canonical(code)).collect();
    let names: Vec<String> = rows.iter().map(|row| canonical(&row.cells[0])).collect();
    if columns.is_empty() || names.is_empty() {
        let expected = "a first column and a header of class codes, such as `code,1,2,3`".to_owned();
        return Err(Error::Header { path: path.to_owned(), found: header.join(","), expected });
    }
    for (place, other, codes, others) in
        [("row", "column", &names, &columns), ("column", "row", &columns, &names)]
    {
        let path = path.to_owned();
        if let Some((_, code)) = codes.iter().enumerate().find(|(i, code)| codes[..*i].contains(code)) {
            return Err(Error::CodeTwice { path, code: code.clone(), place });
        }
        if let Some(code) = codes.iter().find(|code| !others.contains(code)) {
            return Err(Error::NotSquare { path, place, other, code: code.clone() });
        }
    }
    let mut counts = vec![0; names.len() * names.len()];
    for (index, row) in rows.iter().enumerate() {
        for (column, cell) in columns.iter().zip(&row.cells[1..]) {
            let reference = names.iter().position(|name| name == column).unwrap_or_default();
            counts[index * names.len() + reference] = count(&table, cell).ok_or_else(|| Error::Cell {
                path: path.to_owned(),
                line: row.line,
                column: column.clone(),
                expected: "a count of sample units, a whole number from 0",
                found: cell.clone(),
            })?;
        }
    }
    if counts.iter().all(|count| *count == 0) {
        return Err(Error::AllZero { path: path.to_owned(), what: "counts" });
    }
    let counts = ConfusionMatrix::from_counts(names.len(), counts)?;
    Ok((names, counts))
}

/// A count, also where a spreadsheet wrote `66.0`.
fn count(table: &Table, cell: &str) -> Option<u64> {
    let number = table.number(cell)?;
    (number.fract() == 0.0 && (0.0..9e15).contains(&number)).then_some(number as u64)
}

/// The area of each code.
fn areas_of(path: &Path, codes: &[String]) -> Result<Vec<f64>> {
    let areas = read_areas(path)?;
    if let Some((code, _)) = areas.iter().find(|(code, _)| !codes.contains(code)) {
        let (path, code, known) = (path.to_owned(), code.clone(), codes.join(", "));
        return Err(Error::AreaExtra { path, what: "class of the matrix", code, known });
    }
    let of = |code: &String| {
        let area = areas.iter().find(|(known, _)| known == code).map(|(_, area)| *area);
        area.ok_or_else(|| {
            let known = areas.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>().join(", ");
            Error::AreaMissing { path: path.to_owned(), what: "class", code: code.clone(), known }
        })
    };
    codes.iter().map(of).collect()
}

/// Names the class where the estimators would only know its index.
fn check_sampled(job: &MatrixJob, codes: &[String], counts: &ConfusionMatrix, areas: &[f64]) -> Result<()> {
    let total: f64 = areas.iter().sum();
    for (index, code) in codes.iter().enumerate() {
        let (area, units) = (areas[index], counts.row_sum(index));
        let (path, stratum) = (job.counts.clone(), code.clone());
        if job.design.has_strata() && area > 0.0 && units == 0 {
            let percent = 100.0 * area / total;
            return Err(Error::StratumWithoutUnit { path, stratum, percent });
        }
        if area == 0.0 && units > 0 {
            return Err(Error::UnitsWithoutArea { path, areas: job.areas.clone(), stratum, units });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(text: &str) -> Result<(Vec<String>, ConfusionMatrix)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("counts.csv");
        std::fs::write(&path, text).unwrap();
        read_matrix(&path)
    }

    #[test]
    fn columns_in_another_order_are_put_in_that_of_the_rows() {
        let (codes, counts) = matrix("map,2,1\n1,5,66\n2,8.0,1\n").unwrap();
        assert_eq!(codes, ["1", "2"]);
        assert_eq!(counts.counts(), [66, 5, 1, 8]);
    }

    /// A message with what lies behind it.
    fn in_full(error: &dyn std::error::Error) -> String {
        error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {}", in_full(source)))
    }

    #[test]
    fn what_is_no_error_matrix_says_where() {
        for (text, message) in [
            (
                "map,1,2\n1,5,-6\n2,8,1\n",
                "line 2: expected a count of sample units, a whole number from 0 in column `2`, found `-6`",
            ),
            (
                "map,1,2\n1,5,6\n2,8,1.5\n",
                "line 3: expected a count of sample units, a whole number from 0 in column `2`, found `1.5`",
            ),
            ("map,1,2\n1,5,6\n", "has column 2 but no row 2"),
            ("map,1\n1,5\n2,3\n", "has row 2 but no column 2"),
            ("map,1,2\n1,5,6\n1,8,1\n", "names class 1 twice as row"),
            (
                "map,1,2\n1,5,6\n2,8,\n",
                "line 3: expected a count of sample units, a whole number from 0 in column `2`, found ``",
            ),
            ("map,1,2\n1,0,0\n2,0,0\n", "all counts are 0"),
            ("map,1,2\n1,5,6\n2,8\n", "line 3 has 2 cells and the header 3"),
            ("map,1,2\n1,5,6\n2,8,1,7\n", "has 4 cells and the header 3"),
            ("map\n", "expected a first column and a header of class codes"),
        ] {
            let refused = in_full(&matrix(text).unwrap_err());
            assert!(refused.contains(message), "{refused}");
        }
    }
}
