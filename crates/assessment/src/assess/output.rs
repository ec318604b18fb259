//! Estimates as files for machines, and tables as files for papers.

use super::Classes;
use super::estimates::{ClassEstimates, Estimates, Figure};
use super::text_table::TextTable;
use crate::Result;
use ecotone_io::{write_atomic, write_csv};
use ecotone_jobs::{RunFolder, write_json};

/// Writes estimates.json, estimates.csv and proportions.csv.
pub(super) fn write_estimates(folder: &RunFolder, classes: &Classes, estimates: &Estimates) -> Result<()> {
    write_json(&folder.file("estimates.json"), estimates)?;
    let header = "region,code,class,measure,value,standard_error,lower,upper,wilson_lower,wilson_upper,logit_lower,\
                  logit_upper,omission_lower,omission_upper";
    let header: Vec<&str> = header.split(',').collect();
    let mut rows = lines("", estimates.overall_accuracy, &estimates.classes);
    for region in &estimates.regions {
        rows.extend(lines(&region.region.to_string(), region.overall_accuracy, &region.classes));
    }
    write_csv(folder.file("estimates.csv"), &header, rows)?;
    let codes = classes.iter().map(|class| class.code.clone());
    let header: Vec<String> = std::iter::once("map\\reference".to_owned()).chain(codes).collect();
    let rows = classes.iter().zip(&estimates.area_proportions).map(|(class, row)| {
        let cells = row.iter().map(|share| format!("{share:.9}"));
        std::iter::once(class.code.clone()).chain(cells).collect::<Vec<_>>()
    });
    Ok(write_csv(folder.file("proportions.csv"), &header, rows)?)
}

fn lines(region: &str, overall: Option<Figure>, classes: &[ClassEstimates]) -> Vec<Vec<String>> {
    let text = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
    let line = |code: &str, class: &str, measure: &str, figure: Option<Figure>| {
        let mut cells = [region, code, class, measure].map(str::to_owned).to_vec();
        let figures = figure.map(|f| {
            let ends = [f.lower, f.upper, f.wilson_lower, f.wilson_upper, f.logit_lower, f.logit_upper];
            let ends = ends.into_iter().chain([f.omission_lower, f.omission_upper]);
            [Some(f.value), f.standard_error].into_iter().chain(ends).map(text).collect::<Vec<_>>()
        });
        cells.extend(figures.unwrap_or_else(|| vec![String::new(); 10]));
        cells
    };
    let mut lines = vec![line("", "", "overall_accuracy", overall)];
    for class in classes {
        let code = class.code.as_str().map_or_else(|| class.code.to_string(), str::to_owned);
        for (measure, figure) in [
            ("users_accuracy", class.users_accuracy),
            ("producers_accuracy", class.producers_accuracy),
            ("f1", class.f1),
            ("area", class.area),
            ("area_proportion", class.area_proportion),
        ] {
            lines.push(line(&code, &class.class, measure, figure));
        }
    }
    lines
}

/// Writes tables.md and tables.tex.
pub(super) fn write_texts(folder: &RunFolder, tables: &[TextTable]) -> Result<()> {
    let all = |text: fn(&TextTable) -> String| tables.iter().map(text).collect::<Vec<_>>().join("\n");
    write_atomic(folder.file("tables.md"), all(TextTable::to_markdown))?;
    Ok(write_atomic(folder.file("tables.tex"), all(TextTable::to_latex))?)
}
