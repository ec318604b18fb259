//! The page of a report, and the sections that other pages share with it.

use crate::content::{Fact, Picture, PictureSection, Report, SceneSummary};
use crate::palette::Swatch;
use crate::reliability::reliability_diagram;
use crate::table::chip;
use crate::text::{count, escape, number};
use crate::{chart, run_tables};
use ecotone_metrics::ConfusionMatrix;

const STYLE: &str = include_str!("style.css");

/// A part of a page that its contents list.
pub struct Part {
    id: String,
    title: String,
    html: String,
}

impl Part {
    /// `None` where there is nothing to show.
    pub fn new(id: impl Into<String>, title: impl Into<String>, html: String) -> Option<Self> {
        (!html.is_empty()).then(|| Self { id: id.into(), title: title.into(), html })
    }
}

/// The report as one HTML page that needs nothing else: styles, pictures and charts are in it, and it runs no script.
pub fn render(report: &Report) -> String {
    let mut parts: Vec<Part> = report.sections.iter().enumerate().filter_map(pictures_section).collect();
    parts.extend(Part::new("accuracy", "Accuracy", accuracy_section(report)));
    parts.extend(Part::new("truth", "Against the truth", truth(report)));
    parts.extend(Part::new("confidence", "Confidence", confidence(report)));
    parts.extend(Part::new("training", "Training", training(report)));
    parts.extend(Part::new("run", "Scenes and timings", run_section(report)));
    parts.extend(Part::new("recipe", "Recipe", recipe_section(&report.recipe_toml)));
    whole_page(report, &parts)
}

/// A page of the report's heading, facts and notices, then any parts.
pub fn whole_page(report: &Report, parts: &[Part]) -> String {
    let contents: String = parts
        .iter()
        .map(|part| format!("<li><a href=\"#{}\">{}</a></li>", part.id, escape(&part.title)))
        .collect();
    let body: String = parts
        .iter()
        .map(|Part { id, title, html }| {
            format!("<section id=\"{id}\">\n<h2>{}</h2>\n{html}</section>\n", escape(title))
        })
        .collect();
    let (title, subtitle) = (escape(&report.title), escape(&report.subtitle));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"ecotone {version}\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>{title}</h1>\n<p class=\"subtitle\">{subtitle}</p>\n</header>\n<main>\n\
         {headline}{summary}{notices}<nav aria-label=\"Contents\"><ul>{contents}</ul></nav>\n{body}</main>\n\
         <footer>Made by ecotone {version}</footer>\n</body>\n</html>\n",
        version = escape(&report.version),
        headline = headline(&report.headline),
        summary = run_tables::facts(&report.summary),
        notices = notices(&report.notices),
    )
}

fn headline(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<p class=\"headline\">{}</p>\n", escape(text)) }
}

fn notices(notices: &[String]) -> String {
    let items: String = notices.iter().map(|notice| format!("<li>{}</li>", escape(notice))).collect();
    if items.is_empty() {
        return items;
    }
    format!("<aside aria-label=\"How to read this report\"><h2>How to read it</h2><ul>{items}</ul></aside>\n")
}

/// The pictures of a section.
pub fn pictures_section((index, section): (usize, &PictureSection)) -> Option<Part> {
    if section.pictures.is_empty() {
        return None;
    }
    let figures: String = section.pictures.iter().map(figure).collect();
    let columns = if section.pictures.len().is_multiple_of(3) { "three" } else { "two" };
    let html = format!(
        "{}{}<div class=\"pictures {columns}\">\n{figures}</div>\n",
        paragraph(&section.text),
        key(&section.key)
    );
    Part::new(format!("pictures-{}", index + 1), section.title.clone(), html)
}

fn figure(picture: &Picture) -> String {
    let size = picture.png.shape();
    format!(
        "<figure><h3>{}</h3><img src=\"{}\" alt=\"{}\" width=\"{}\" height=\"{}\">\
         <figcaption>{}{}</figcaption></figure>\n",
        escape(&picture.title),
        picture.png.data_uri(),
        escape(&picture.alt),
        size.cols,
        size.rows,
        key(&picture.key),
        escape(&picture.caption),
    )
}

fn key(swatches: &[Swatch]) -> String {
    let items: String = swatches.iter().map(|swatch| format!("<li>{}</li>", chip(swatch))).collect();
    if items.is_empty() { items } else { format!("<ul class=\"key\">{items}</ul>") }
}

fn paragraph(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<p>{}</p>\n", escape(text)) }
}

/// The section on counts of pixels, and simpler methods beside them.
pub fn accuracy_section(report: &Report) -> String {
    let mut html = String::new();
    if let Some(accuracy) = &report.accuracy {
        let matrix = &accuracy.confusion;
        html += &run_tables::facts(&[
            Fact::new("Overall accuracy", number(matrix.overall_accuracy(), 3)),
            Fact::new("Macro-F1", number(matrix.macro_f1(), 3)),
            Fact::new("Kappa", number(matrix.kappa(), 3)),
            Fact::new("Mean IoU", number(matrix.mean_iou(), 3)),
            Fact::new("Share of the largest class", number(matrix.majority_share(), 3)),
            Fact::new("Pixels scored", count(matrix.total())),
        ]);
        html += "<h3>Each class</h3>\n\
                 <p>Producer’s accuracy: the share of a class on the ground that the map shows (the rest is omitted). \
                 User’s accuracy: the share of a class on the map that is so on the ground (the rest is committed). \
                 A dash marks what cannot be computed, as the class does not occur.</p>\n";
        html += &run_tables::per_class(accuracy);
        let bars = accuracy.classes().into_iter().enumerate();
        let bars: String = bars.map(|(i, c)| chart::class_bars(i, &c.label, c.color, matrix)).collect();
        html += &format!("<div class=\"all-bars\">{bars}</div>\n");
        html += "<h3>Confusion matrix</h3>\n<p>Pixels; rows are the map, columns the reference. The deeper the \
                 shade, the larger the share of the reference’s class: blue where the map is right, red where it is \
                 wrong.</p>\n";
        html += &run_tables::confusion(accuracy);
    }
    if let Some(baselines) = &report.baselines {
        html += &format!("<h3>Beside simpler methods</h3>\n{}", paragraph(&baselines.text));
        html += &run_tables::baselines(baselines);
    }
    html
}

/// Map and labels where the ground is known better.
fn truth(report: &Report) -> String {
    let Some((map, labels)) = &report.truth else { return String::new() };
    let facts = |of: &str, matrix: &ConfusionMatrix| {
        [
            Fact::new(format!("{of}: overall accuracy"), number(matrix.overall_accuracy(), 3)),
            Fact::new(format!("{of}: macro-F1"), number(matrix.macro_f1(), 3)),
        ]
    };
    let facts = [facts("Map", &map.confusion), facts("Labels", &labels.confusion)].concat();
    format!(
        "<p>The network learnt from labels that are partly wrong. On the test blocks the ground is known better: this is \
         what the map and what the labels themselves are worth there.</p>\n{}{}",
        run_tables::facts(&facts),
        run_tables::per_class(map)
    )
}

/// Whether the map's confidence is what it says.
fn confidence(report: &Report) -> String {
    if report.confidence.is_empty() {
        return String::new();
    }
    let mut html = reliability_diagram(&[], std::slice::from_ref(&report.confidence), "calibration.json");
    if !report.class_sums.is_empty() {
        html += "<h3>Sums of probabilities</h3>\n<p>Over the test pixels, beside the pixels of each class: as the training drew \
                 the classes, and as they are on the ground.</p>\n";
        html += &run_tables::class_sums(&report.class_sums);
    }
    if !report.priors.is_empty() {
        html += "<h3>Both priors</h3>\n<p>Rare classes were drawn more often in the training than they are on the ground. The \
                 natural prior takes that back; the drawn one finds more of the rare classes and maps too much of them. \
                 Area error is the share of the pixels that the classes have too many or too few, in sum (quantity \
                 disagreement, Pontius &amp; Millones 2011). Before any filter of the map.</p>\n";
        html += &run_tables::priors(&report.priors);
    }
    html
}

fn training(report: &Report) -> String {
    if report.history.is_empty() {
        return String::new();
    }
    chart::learning_curves(&report.history, report.best_epoch)
        + &run_tables::epochs(&report.history, report.best_epoch)
}

/// The scenes that were used, and how long stages took.
pub fn run_section(report: &Report) -> String {
    let mut html = String::new();
    if report.scenes != SceneSummary::default() {
        html += &run_tables::scenes(&report.scenes);
    }
    if !report.timings.is_empty() {
        html += &run_tables::timings(&report.timings);
    }
    html
}

/// The recipe as it stands.
pub fn recipe_section(toml: &str) -> String {
    if toml.is_empty() { String::new() } else { format!("<pre><code>{}</code></pre>\n", escape(toml)) }
}

#[cfg(test)]
mod tests;
