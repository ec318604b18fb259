//! The page of an agreement of maps: tables as papers print them, the agreement by step, and what became what.

use crate::Result;
use ecotone_core::Legend;
use ecotone_metrics::{ConfusionMatrix, PairAgreement, SeriesAgreement};
use ecotone_report::{
    Fact, Part, Report, ShadeBy, Swatch, agreement_chart, alluvial, area, chip, class_matrix, count, escape,
    legend_key, number, row, table, whole_page,
};
use std::fmt::Write as _;

/// What the page says.
#[derive(Debug)]
pub(crate) struct Agreement<'a> {
    /// One line below the title.
    pub(crate) subtitle: String,
    /// The facts to see first.
    pub(crate) facts: Vec<Fact>,
    /// The maps, in their order.
    pub(crate) names: &'a [String],
    /// The classes.
    pub(crate) legend: &'a Legend,
    /// The counts.
    pub(crate) series: &'a SeriesAgreement,
    /// The counts in parts of area; the same where pixels are equally large.
    pub(crate) areas: &'a SeriesAgreement,
    /// Area of a part; `None`: areas are told in pixels.
    pub(crate) hectares: Option<f64>,
    /// Version of the program.
    pub(crate) version: &'a str,
}

/// The page as HTML that needs nothing else.
pub(crate) fn agreement_page(page: &Agreement<'_>) -> Result<String> {
    let report = Report {
        title: "Agreement of maps".to_owned(),
        subtitle: page.subtitle.clone(),
        summary: page.facts.clone(),
        notices: [
            "Agreement is consistency, not accuracy: two maps may agree and both be wrong.",
            "Areas of change between maps add up the errors of both, and are no estimate of change on the ground; \
             for that, draw a probability sample (ecotone sample) and assess it (ecotone assess).",
        ]
        .map(str::to_owned)
        .to_vec(),
        version: page.version.to_owned(),
        ..Report::default()
    };
    let classes = legend_key(page.legend);
    let mut parts: Vec<Part> = Vec::new();
    parts.extend(Part::new("agreement", "Agreement of each class", agreement(page, &classes)));
    parts.extend(Part::new("maps", "Every map with every other", heat_map(page)));
    parts.extend(Part::new("transitions", "What became what", transitions(page, &classes)?));
    parts.extend(Part::new("changes", "How often a pixel changed", changes(page)));
    parts.extend(Part::new("formulas", "What the figures are", formulas()));
    Ok(whole_page(&report, &parts))
}

fn step_names(page: &Agreement<'_>) -> Vec<String> {
    page.names.windows(2).map(|pair| format!("{}–{}", pair[0], pair[1])).collect()
}

fn agreement(page: &Agreement<'_>, classes: &[Swatch]) -> String {
    let pairs: Vec<PairAgreement> = page.series.consecutive().map(PairAgreement::of).collect();
    let names = step_names(page);
    let header: Vec<String> = std::iter::once("Class".to_owned())
        .chain(names.iter().map(|name| escape(name).to_string()))
        .collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let line = |class: &str, name: &str, value: &dyn Fn(&PairAgreement) -> Option<f64>| {
        let cells: Vec<String> = pairs.iter().map(|pair| number(value(pair), 2)).collect();
        row(class, name, &cells)
    };
    let mut rows = String::new();
    for (class, swatch) in classes.iter().enumerate() {
        rows += &line("", &chip(swatch), &|pair| pair.classes[class].agreement);
    }
    rows += &line("total", "Overall", &|pair| pair.overall_agreement);
    let mut html =
        "<p>Twice the pixels of a class in both maps, by those of the first and of the second. A dash marks \
                    a class that neither map has.</p>\n"
            .to_owned();
    html += &table("Agreement of each class", "numbers narrow", &header, &rows);
    html + &agreement_chart(&names, &pairs, classes)
}

/// The share of pixels that agree, each map with each, the deeper the shade the more.
fn heat_map(page: &Agreement<'_>) -> String {
    if page.names.len() < 3 {
        return String::new();
    }
    let names: Vec<String> = page.names.iter().map(|name| escape(name).to_string()).collect();
    let header: Vec<&str> =
        std::iter::once("Overall agreement").chain(names.iter().map(String::as_str)).collect();
    let mut rows = String::new();
    for (first, name) in names.iter().enumerate() {
        let mut cells = String::new();
        for second in 0..names.len() {
            let pair = page.series.pair(first.min(second), first.max(second));
            let share = pair.and_then(ConfusionMatrix::overall_accuracy);
            let shade = share.unwrap_or(0.0);
            let _ = write!(cells, "<td class=\"hit\" style=\"--share:{shade:.3}\">{}</td>", number(share, 3));
        }
        let _ = writeln!(rows, "<tr><th scope=\"row\">{name}</th>{cells}</tr>");
    }
    table("Agreement of every two maps", "numbers matrix", &header, &rows)
}

fn transitions(page: &Agreement<'_>, classes: &[Swatch]) -> Result<String> {
    let mut html =
        "<p>Each column is a map, each band the pixels that go from a class to a class; only pixels with a \
                    class in every map are in it.</p>\n"
            .to_owned();
    html += &alluvial(page.names, classes, &page.areas.flows(1.0)?, page.hectares);
    for (name, matrix) in step_names(page).iter().zip(page.areas.consecutive()) {
        let unit = if page.hectares.is_some() { "hectares of the map" } else { "pixels" };
        let _ = writeln!(html, "<h3>{}, {unit}</h3>", escape(name));
        html += &transition_table(matrix, classes, page.hectares);
    }
    Ok(html)
}

fn transition_table(matrix: &ConfusionMatrix, classes: &[Swatch], hectares: Option<f64>) -> String {
    let counts = |from: usize| (0..classes.len()).map(|to| matrix.count(from, to) as f64).collect();
    let counts: Vec<Vec<f64>> = (0..classes.len()).map(counts).collect();
    let text = |pixels: f64| area(pixels as u64, hectares);
    class_matrix("Transitions", "From ↓ to →", classes, &counts, ShadeBy::Row, text)
}

fn changes(page: &Agreement<'_>) -> String {
    if page.names.len() < 3 {
        return String::new();
    }
    let complete = page.series.complete();
    let line = |(changes, pixels): (usize, &u64)| {
        let share = (complete > 0).then(|| *pixels as f64 / complete as f64);
        let parts = page.areas.changes()[changes];
        row("", &changes.to_string(), &[count(*pixels), number(share, 3), area(parts, page.hectares)])
    };
    let rows: String = page.series.changes().iter().enumerate().map(line).collect();
    let unit = if page.hectares.is_some() { "Hectares" } else { "Area in pixels" };
    format!(
        "<p>Changes from a map to the next, of pixels with a class in every map; {} pixels have one in some maps \
         only. changes.tif shows where.</p>\n{}",
        count(page.series.incomplete()),
        table("Changes of a pixel", "numbers narrow", &["Changes", "Pixels", "Share", unit], &rows)
    )
}

fn formulas() -> String {
    const LINES: [(&str, &str, &str); 5] = [
        (
            "Overall agreement",
            "Same class in both maps, by pixels with a class in both",
            "Consistency of two maps. Not their accuracy.",
        ),
        (
            "Agreement of a class",
            "2 n_both / (n_first + n_second), Dice 1945",
            "The same whichever map is first.",
        ),
        (
            "Kappa",
            "(p_o − p_e) / (1 − p_e), Cohen 1960",
            "For comparison with older papers; rank no maps by it (Pontius & Millones 2011).",
        ),
        (
            "Quantity and allocation disagreement",
            "Pontius & Millones 2011; exchange and shift: Pontius & Santacruz 2014",
            "Whether maps differ in how much there is of a class or in where it lies; not which one is right.",
        ),
        (
            "Agreement within a tolerance",
            "The class lies within so many pixels in the other map, both ways, Hagen 2003",
            "Tells ragged edges from real differences; compare at one tolerance and pixel size only.",
        ),
    ];
    let rows: String = LINES
        .iter()
        .map(|(name, formula, meaning)| row("", name, &[(*formula).to_owned(), (*meaning).to_owned()]))
        .collect();
    table("Formulas", "", &["Figure", "Formula and source", "May be used for"], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_maps_as_typed() {
        let legend = Legend::from_csv("code,name,color\n1,a <b>,#ff0000\n2,c,#00ff00\n".as_bytes()).unwrap();
        let mut series = SeriesAgreement::new(2, 3).unwrap();
        series.add(&[&[0, 0, 1, 255], &[0, 1, 1, 1], &[0, 1, 0, 1]]).unwrap();
        let names = ["2018", "<2019>", "2020"].map(str::to_owned);
        let page = Agreement {
            subtitle: String::new(),
            facts: vec![],
            names: &names,
            legend: &legend,
            series: &series,
            areas: &series,
            hectares: None,
            version: "0",
        };
        let html = agreement_page(&page).unwrap();
        assert!(html.contains("2018–&lt;2019&gt;") && html.contains("a &lt;b&gt;"));
        assert!(!html.contains("<2019>") && !html.contains("NaN"));
        assert!(html.contains("<td>0.67</td>"), "overall of the first step: two of three");
    }
}
