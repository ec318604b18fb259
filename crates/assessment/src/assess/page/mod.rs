//! The page of an accuracy assessment: tables as papers print them, intervals, areas, and what each figure is good for.

mod comparison;
mod lines;
mod probabilities;

use crate::assess::{BinTable, ClassEstimates, Classes, Estimates, Extras, Figure, amount, percent};
use comparison::comparison;
use ecotone_core::Legend;
use ecotone_jobs::Summary;
use ecotone_metrics::ConfusionMatrix;
use ecotone_report::{
    ABSENT, Accuracy, Curve, Fact, Part, Report, ShadeBy, Span, Swatch, accuracy_section, chip, class_matrix,
    count, escape, interval_chart, number, row, step_lines, table, whole_page,
};
use lines::lines;

/// What the page says: counts, or estimates.
#[derive(Debug)]
pub(crate) struct AssessmentPage<'a> {
    /// One line below the title.
    pub(crate) subtitle: String,
    /// What to bear in mind.
    pub(crate) notices: Vec<String>,
    /// All classes.
    pub(crate) classes: &'a Classes,
    /// Plain counts.
    pub(crate) counts: Option<(&'a Legend, &'a ConfusionMatrix)>,
    /// Breakdowns of the counts.
    pub(crate) tables: &'a [BinTable],
    /// Estimates from a designed sample.
    pub(crate) estimates: Option<&'a Estimates>,
    /// What else was asked for.
    pub(crate) extras: &'a Extras,
}

/// The page as HTML that needs nothing else.
pub(crate) fn assessment_page(page: &AssessmentPage<'_>, summary: &Summary) -> String {
    let facts = summary.facts.iter().filter(|(label, _)| label != "notice");
    let accuracy = page
        .counts
        .map(|(legend, confusion)| Accuracy { legend: legend.clone(), confusion: confusion.clone() });
    let report = Report {
        title: "Map accuracy".to_owned(),
        subtitle: page.subtitle.clone(),
        summary: facts.map(|(label, value)| Fact::new(label, value)).collect(),
        notices: page.notices.clone(),
        accuracy,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..Report::default()
    };
    let mut parts: Vec<Part> = Vec::new();
    parts.extend(Part::new("accuracy", "Accuracy", accuracy_section(&report)));
    let swatches = swatches(page.classes);
    if let Some(estimates) = page.estimates {
        parts.extend(Part::new("estimates", "Estimated accuracy", accuracies(&swatches, estimates)));
        let compared = page.extras.comparison.as_ref();
        let compared = compared.map(|found| comparison(&swatches, found)).unwrap_or_default();
        parts.extend(Part::new("comparison", "Two maps on one sample", compared));
        parts.extend(Part::new("areas", "Estimated areas", areas(&swatches, estimates)));
        parts.extend(Part::new("matrices", "Error matrices", matrices(&swatches, estimates)));
        parts.extend(Part::new("regions", "Regions", regions(estimates)));
        parts.extend(Part::new("formulas", "What the figures are", formulas(estimates)));
    }
    parts.extend(Part::new("lines", "Lines", lines(&page.extras.lines)));
    if let Some(found) = &page.extras.probabilities {
        parts.extend(Part::new("probabilities", "Probabilities", probabilities::scores(&swatches, found)));
        parts.extend(Part::new("sets", "Conformal sets", probabilities::sets(&swatches, found)));
    }
    parts.extend(page.tables.iter().filter_map(|table| {
        let id = format!("by-{}", table.name);
        Part::new(id, table.title, breakdown(table, page.counts.map(|(legend, _)| legend)))
    }));
    whole_page(&report, &parts)
}

fn swatches(classes: &Classes) -> Vec<Swatch> {
    classes.iter().map(|class| Swatch { label: class.name.clone(), color: class.color }).collect()
}

fn accuracies(classes: &[Swatch], estimates: &Estimates) -> String {
    let percent = percent(estimates.confidence);
    let cell = |figure: Option<Figure>| match figure {
        None => ABSENT.to_owned(),
        Some(figure) => format!("{} ± {}", number(figure.value, 3), number(figure.margin(), 3)),
    };
    let ends = |ends: Option<(f64, f64)>| match ends {
        None => ABSENT.to_owned(),
        Some((lower, upper)) => format!("{lower:.3}–{upper:.3}"),
    };
    let wilson = |figure: Option<Figure>| ends(figure.and_then(|figure| figure.wilson()));
    let mut rows = String::new();
    for (swatch, class) in classes.iter().zip(&estimates.classes) {
        let cells = [
            cell(class.producers_accuracy),
            wilson(class.producers_accuracy),
            ends(class.producers_accuracy.and_then(|figure| figure.omission())),
            cell(class.users_accuracy),
            wilson(class.users_accuracy),
            cell(class.f1),
        ];
        rows += &row("", &chip(swatch), &cells);
    }
    let overall = estimates.overall_accuracy;
    rows += &row(
        "total",
        "Overall accuracy",
        &[cell(overall), wilson(overall), String::new(), String::new(), String::new(), String::new()],
    );
    let header = ["Class", "Producer’s accuracy", "Wilson", "Omission", "User’s accuracy", "Wilson", "F1"];
    let chart = |title: &str, pick: fn(&ClassEstimates) -> Option<Figure>| {
        let spans: Vec<Option<Span>> =
            estimates.classes.iter().map(|class| pick(class).map(better)).collect();
        interval_chart(title, classes, &spans, &[], 1.0, |value| format!("{value:.2}"))
    };
    format!(
        "<p>± is half the plain {percent} % confidence interval, which papers print; it is not to be trusted near 0 and \
         1 or for few units. The Wilson interval at the effective sample size (Wilson 1927; Franco et al. 2019) is, but for \
         what the sample did not meet: a stratum that could hold a class and showed none may hold about 3.7 in n of it at \
         95 % (Clopper and Pearson 1934; the rule of three), which may be most of a rare class. The omission interval is \
         Wilson’s, widened by that; the charts show it where there is one.</p>\n{}{}{}",
        table("Estimated accuracy", "numbers", &header, &rows),
        chart("Producer’s accuracy", |class| class.producers_accuracy),
        chart("User’s accuracy", |class| class.users_accuracy),
    )
}

/// The interval that allows for omission not met, else that which behaves at 0 and 1, where there is one.
fn better(figure: Figure) -> Span {
    let plain = figure.lower.zip(figure.upper);
    Span { value: figure.value, ends: figure.omission().or(figure.wilson()).or(plain) }
}

fn areas(classes: &[Swatch], estimates: &Estimates) -> String {
    let mut rows = String::new();
    for (swatch, class) in classes.iter().zip(&estimates.classes) {
        let range = |(lower, upper): (f64, f64)| format!("{}–{}", amount(lower), amount(upper));
        let range = |ends: Option<(f64, f64)>| ends.map_or(ABSENT.to_owned(), range);
        let amount = |value: Option<f64>| value.map_or(ABSENT.to_owned(), amount);
        let area = class.area;
        let cells = [
            amount(class.mapped_area),
            amount(area.map(|area| area.value)),
            amount(area.and_then(|area| area.standard_error)),
            amount(area.and_then(|area| area.lower)),
            amount(area.and_then(|area| area.upper)),
            range(area.and_then(|area| area.omission())),
            number(class.area_proportion.map(|share| share.value), 4),
        ];
        rows += &row("", &chip(swatch), &cells);
    }
    let unit = escape(&estimates.area_unit);
    let header = ["Class", "Mapped", "Estimated", "Standard error", "Lower", "Upper", "Omission", "Share"];
    let spans: Vec<Option<Span>> = estimates.classes.iter().map(|class| class.area.map(better)).collect();
    let marks: Vec<Option<f64>> = estimates.classes.iter().map(|class| class.mapped_area).collect();
    let ends = spans.iter().flatten().map(|span| span.ends.map_or(span.value, |ends| ends.1));
    let top = ends.chain(marks.iter().flatten().copied()).fold(0.0, f64::max);
    let chart = if top > 0.0 {
        interval_chart(
            "Area by the reference, with the mapped area as a tick",
            classes,
            &spans,
            &marks,
            top,
            amount,
        )
    } else {
        String::new()
    };
    format!(
        "<p>In {unit}. The mapped area counts pixels, errors and all; the estimate corrects it by the reference sample. \
         Report the estimate and its interval, not the mapped area: lower and upper are the plain one, of rare classes \
         the omission interval is to be trusted.</p>\n{}{chart}",
        table("Estimated areas", "numbers", &header, &rows)
    )
}

/// What rows and columns of an error matrix are.
const CORNER: &str = "Map ↓ reference →";
const PROPORTIONS: &str = "Estimated area proportions";

fn matrices(classes: &[Swatch], estimates: &Estimates) -> String {
    let matrix = &estimates.counts;
    let cells = |map: usize| (0..classes.len()).map(move |reference| matrix.count(map, reference) as f64);
    let counts: Vec<Vec<f64>> = (0..classes.len()).map(|map| cells(map).collect()).collect();
    let text = |value: f64| count(value as u64);
    let share = |value: f64| if value == 0.0 { "0".to_owned() } else { format!("{value:.4}") };
    format!(
        "<p>Rows are the map, columns the reference. The deeper the shade, the larger the share of the reference’s \
         class: blue where the map is right, red where it is wrong.</p>\n<h3>Sample counts</h3>\n\
         <p>What was seen. Counts of a stratified sample are no shares of the map: read accuracies from the \
         estimates.</p>\n{}<h3>Estimated area proportions</h3>\n<p>What the sample says of the whole map, adding up to 1 \
         (Olofsson et al. 2014, eq. 4).</p>\n{}",
        class_matrix("Sample counts", CORNER, classes, &counts, ShadeBy::Column, text),
        class_matrix(PROPORTIONS, CORNER, classes, &estimates.area_proportions, ShadeBy::Column, share),
    )
}

fn regions(estimates: &Estimates) -> String {
    if estimates.regions.is_empty() {
        return String::new();
    }
    let mut rows = String::new();
    for region in &estimates.regions {
        let overall = region.overall_accuracy;
        let cells = [
            amount(region.area),
            count(region.units),
            number(overall.map(|overall| overall.value), 3),
            number(overall.and_then(|overall| overall.standard_error), 3),
        ];
        rows += &row("", &format!("region {}", region.region), &cells);
    }
    let header = ["Region", "Area", "Units", "Overall accuracy", "Standard error"];
    format!(
        "<p>Each region is a domain of the sample (Cochran 1977, section 5A.14); classes of each are in \
         estimates.json. A region with few units is known badly.</p>\n{}",
        table("Regions", "numbers narrow", &header, &rows)
    )
}

fn formulas(estimates: &Estimates) -> String {
    let rows = [
        ("Design", format!("{}: {}.", estimates.design, estimates.source), ""),
        (
            "Overall, user’s and producer’s accuracy",
            "Shares of area, as ratios of estimated totals with linearised variances (Olofsson et al. 2014, eqs. 1-7; \
             Stehman 2014, eq. 28)."
                .to_owned(),
            "They describe this map in its area. They do not carry over to another year, area or map.",
        ),
        (
            "F1",
            "Harmonic mean of the two, linearised as the ratio 2 p_ii / (p_i+ + p_+i).".to_owned(),
            "For ranking maps; it hides which kind of error there is.",
        ),
        (
            "Areas",
            "Share of the reference class times the whole area (Olofsson et al. 2014, eqs. 9-11).".to_owned(),
            "For reporting areas of classes. Areas of change need classes of change in map and sample.",
        ),
    ];
    let text = |(name, formula, use_): (&str, String, &str)| {
        row("", name, &[escape(&formula).to_string(), escape(use_).to_string()])
    };
    let rows: String = rows.into_iter().map(text).collect();
    format!(
        "<p>All of it holds where the sample was drawn as the design says, and where the reference is better than the \
         map: no formula sees an interpreter’s errors.</p>\n{}",
        table(
            "What the figures are",
            "words",
            &["Figure", "Formula and source", "What it is good for"],
            &rows
        )
    )
}

fn breakdown(bins: &BinTable, legend: Option<&Legend>) -> String {
    let Some(legend) = legend else { return String::new() };
    let mut header = vec!["Bin".to_owned(), "Pixels".to_owned(), "Overall".to_owned(), "Macro-F1".to_owned()];
    header.extend(legend.entries().iter().map(|entry| format!("UA / PA {}", escape(&entry.name))));
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut rows = String::new();
    for (bin, matrix) in &bins.rows {
        let mut cells =
            vec![count(matrix.total()), number(matrix.overall_accuracy(), 3), number(matrix.macro_f1(), 3)];
        let both = |class: usize| {
            format!(
                "{} / {}",
                number(matrix.users_accuracy(class), 2),
                number(matrix.producers_accuracy(class), 2)
            )
        };
        cells.extend((0..legend.len()).map(both));
        rows += &row("", &escape(bin).to_string(), &cells);
    }
    format!(
        "<p>Counts of pixels in each bin; a bin without a class has a dash. Numbers of a few pixels say little.</p>\n{}{}",
        table(bins.title, "numbers", &header, &rows),
        if bins.name == "year" { by_year(bins, legend) } else { String::new() }
    )
}

/// F1 of each class over the years, and the overall accuracy.
fn by_year(bins: &BinTable, legend: &Legend) -> String {
    let years: Vec<String> = bins.rows.iter().map(|(year, _)| year.clone()).collect();
    let over = |score: &dyn Fn(&ConfusionMatrix) -> Option<f64>| {
        bins.rows.iter().map(|(_, matrix)| score(matrix)).collect()
    };
    let mut curves: Vec<Curve> = (legend.entries().iter().enumerate())
        .map(|(class, entry)| Curve {
            label: entry.name.clone(),
            style: format!("stroke:{}", entry.color),
            values: over(&|matrix| matrix.f1(class)),
        })
        .collect();
    curves.push(Curve::thick("Overall accuracy", over(&ConfusionMatrix::overall_accuracy)));
    let note = "F1 of each class; the thick line is the overall accuracy.";
    step_lines("Accuracy by year", note, &years, &curves)
}
