//! What the report and the summary say of the maps of several years.

use crate::Result;
use crate::train::{MapSeries, Prepared, YearsScored};
use ecotone_assessment::share;
use ecotone_core::{ClassCode, Legend, LegendEntry, Rgb};
use ecotone_curation::{UNLABELLED, class_codes};
use ecotone_jobs::{Summary, nodata_code};
use ecotone_report::{Picture, PictureSection, class_map, legend_key};

/// Colours of no change, one change, and so on; the last stands for more.
const CHANGES: [(&str, Rgb); 4] = [
    ("none", Rgb([0xe4, 0xe6, 0xe4])),
    ("one", Rgb([0xe0, 0xa0, 0x4a])),
    ("two", Rgb([0xc4, 0x2f, 0x2a])),
    ("more", Rgb([0x5a, 0x14, 0x3c])),
];

/// Adds a line for the network of all years and one for the networks of single years.
pub(crate) fn sum_up(scored: &YearsScored, summary: &mut Summary) {
    for (label, series) in kinds(scored) {
        summary.fact(label, in_words(series));
    }
}

fn kinds(scored: &YearsScored) -> Vec<(&'static str, &MapSeries)> {
    let single = scored.single.as_ref().map(|single| ("single-year networks", single));
    [Some(("all years' network", &scored.all)), single].into_iter().flatten().collect()
}

fn in_words(series: &MapSeries) -> String {
    let (whole, held_out) = (MapSeries::overall(&series.agreement), MapSeries::overall(&series.held_out));
    let truths: Option<Vec<f64>> = series
        .accuracy
        .iter()
        .map(|(_, truth)| truth.as_ref().and_then(ecotone_metrics::ConfusionMatrix::overall_accuracy))
        .collect();
    let mut words = format!("years agree in {} of the map, {} held out", share(whole), share(held_out));
    if let Some(truths) = truths {
        let mean = truths.iter().sum::<f64>() / truths.len().max(1) as f64;
        words += &format!("; mean accuracy against the truth {}", share(Some(mean)));
    }
    if let Some(changes) = &series.changes {
        words += &format!("; {} of the changes are false", share(changes.false_share()));
    }
    words
}

/// The map of each year and how often each pixel changes.
pub(crate) fn section(prepared: &Prepared, scored: &YearsScored) -> Result<PictureSection> {
    let (legend, areas) = (&prepared.legend, prepared.split.areas());
    let nodata = nodata_code(legend);
    let counts = changes_legend()?;
    let mut pictures = Vec::new();
    for (what, series) in kinds(scored) {
        for (map, year) in series.maps.iter().zip(&scored.names) {
            let png = class_map(areas.clone(), &class_codes(map, legend, nodata), legend);
            pictures.push(picture(year, what, Vec::new(), png));
        }
        let most = counts.len() as u8 - 1;
        let changes = series.changes_per_pixel()?;
        let capped: Vec<u8> = changes
            .iter()
            .map(|count| if *count == UNLABELLED { *count } else { (*count).min(most) })
            .collect();
        let png = class_map(areas.clone(), &capped, &counts);
        pictures.push(picture(
            "Changes",
            &format!("how often each pixel changes, {what}"),
            legend_key(&counts),
            png,
        ));
    }
    let lines: Vec<String> =
        kinds(scored).iter().map(|(what, series)| format!("{what}: {}", in_words(series))).collect();
    Ok(PictureSection {
        title: "Years".to_owned(),
        text: format!("{}. Agreement is consistency, not accuracy.", lines.join(". ")),
        key: legend_key(legend),
        pictures,
    })
}

fn picture(
    title: &str,
    caption: &str,
    key: Vec<ecotone_report::Swatch>,
    png: ecotone_report::Png,
) -> Picture {
    Picture {
        title: title.to_owned(),
        caption: caption.to_owned(),
        alt: format!("{title}: {caption}"),
        key,
        png,
    }
}

fn changes_legend() -> Result<Legend> {
    let entry = |(code, (name, color)): (usize, &(&str, Rgb))| LegendEntry {
        code: ClassCode(code as u8),
        name: (*name).to_owned(),
        color: *color,
    };
    Ok(Legend::new(CHANGES.iter().enumerate().map(entry).collect())?)
}
