//! What a report says, and its page.

use super::palette::Swatch;
use super::png::Png;
use super::text::{count, escape, number};
use super::{chart, probabilities, table};
use ecotone_core::{Legend, Rgb};
use ecotone_metrics::{CalibrationBin, ConfusionMatrix};

const STYLE: &str = include_str!("style.css");

/// A label and a value, such as "Pixel size" and "20 m".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// How much, with its unit.
    pub value: String,
}

impl Fact {
    /// From a label and a value.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into() }
    }
}

/// A picture with the words around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Short title above the picture.
    pub title: String,
    /// A sentence below it; may be empty.
    pub caption: String,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    /// Colours that only this picture has; empty where the section's key says all.
    pub key: Vec<Swatch>,
    /// The picture.
    pub png: Png,
}

/// Pictures that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureSection {
    /// Heading.
    pub title: String,
    /// A sentence or two above the pictures; may be empty.
    pub text: String,
    /// Colours that its pictures share; may be empty.
    pub key: Vec<Swatch>,
    /// The pictures, in reading order; laid out three abreast when their number is a multiple of three, else two.
    pub pictures: Vec<Picture>,
}

/// The accuracy on held-out pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accuracy {
    /// The classes, in the order of the matrix.
    pub legend: Legend,
    /// Counts, rows = map, columns = reference.
    pub confusion: ConfusionMatrix,
}

impl Accuracy {
    /// Name and colour of each class of the matrix; a class that the legend lacks is named by its index.
    pub(super) fn classes(&self) -> Vec<Swatch> {
        let class = |index: usize| match self.legend.entries().get(index) {
            Some(entry) => Swatch { label: entry.name.clone(), color: entry.color },
            None => Swatch { label: format!("class {index}"), color: Rgb([0x88; 3]) },
        };
        (0..self.confusion.classes()).map(class).collect()
    }
}

/// What a simpler method scores on the same pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// Name of the method, such as "nearest centroid".
    pub name: String,
    /// 0 to 1.
    pub overall_accuracy: Option<f64>,
    /// 0 to 1.
    pub macro_f1: Option<f64>,
}

/// One epoch of the training.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryPoint {
    /// Counted from 1.
    pub epoch: usize,
    /// Mean loss over the training patches.
    pub train_loss: f64,
    /// Mean loss over the validation blocks.
    pub validation_loss: Option<f64>,
    /// On the validation blocks, 0 to 1.
    pub overall_accuracy: Option<f64>,
    /// On the validation blocks, 0 to 1.
    pub macro_f1: Option<f64>,
    /// At the end of the epoch.
    pub learning_rate: f64,
}

/// Which scenes the run could read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SceneSummary {
    /// How many were used.
    pub used: usize,
    /// Identifier of each scene that could not be used, and the reason.
    pub failed: Vec<(String, String)>,
}

/// How long a stage took.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    /// Name of the stage.
    pub stage: String,
    /// Wall clock, in seconds.
    pub seconds: f64,
}

/// All that a run has to tell. What is empty or `None` leaves no trace on the page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// Name of the job.
    pub title: String,
    /// One line below it: place, period, network.
    pub subtitle: String,
    /// The facts to see first.
    pub summary: Vec<Fact>,
    /// What to bear in mind when reading the numbers.
    pub notices: Vec<String>,
    /// Maps and composites.
    pub sections: Vec<PictureSection>,
    /// The accuracy on the test blocks.
    pub accuracy: Option<Accuracy>,
    /// The same of map and of labels against a truth that is better than the labels.
    pub truth: Option<(Accuracy, Accuracy)>,
    /// How often the map was right, by its confidence.
    pub confidence: Vec<CalibrationBin>,
    /// What simpler methods score; the network's own line is added from `accuracy`.
    pub baselines: Vec<Baseline>,
    /// The epochs, in order.
    pub history: Vec<HistoryPoint>,
    /// The epoch whose weights were kept.
    pub best_epoch: Option<usize>,
    /// Scenes used and failed.
    pub scenes: SceneSummary,
    /// Time of each stage, in order.
    pub timings: Vec<Timing>,
    /// The recipe as checked, in TOML.
    pub recipe_toml: String,
    /// Version of the program, such as "0.1.0".
    pub version: String,
}

/// A part of a page that its contents list.
pub(super) struct Part {
    id: String,
    title: String,
    html: String,
}

impl Part {
    /// `None` where there is nothing to show.
    pub(super) fn new(id: impl Into<String>, title: impl Into<String>, html: String) -> Option<Self> {
        (!html.is_empty()).then(|| Self { id: id.into(), title: title.into(), html })
    }
}

/// The report as one HTML page that needs nothing else: styles, pictures and charts are in it, and it runs no script.
pub fn render(report: &Report) -> String {
    let mut parts: Vec<Part> = report.sections.iter().enumerate().filter_map(pictures).collect();
    parts.extend(Part::new("accuracy", "Accuracy", accuracy(report)));
    parts.extend(Part::new("truth", "Against the truth", truth(report)));
    parts.extend(Part::new("confidence", "Confidence", confidence(report)));
    parts.extend(Part::new("training", "Training", training(report)));
    parts.extend(Part::new("run", "Scenes and timings", scenes_and_timings(report)));
    parts.extend(Part::new("recipe", "Recipe", recipe(&report.recipe_toml)));
    whole_page(report, &parts)
}

/// A page of the report's heading, facts and notices, then any parts.
pub(super) fn whole_page(report: &Report, parts: &[Part]) -> String {
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
         {summary}{notices}<nav aria-label=\"Contents\"><ul>{contents}</ul></nav>\n{body}</main>\n\
         <footer>Made by ecotone {version}</footer>\n</body>\n</html>\n",
        version = escape(&report.version),
        summary = table::facts(&report.summary),
        notices = notices(&report.notices),
    )
}

fn notices(notices: &[String]) -> String {
    let items: String = notices.iter().map(|notice| format!("<li>{}</li>", escape(notice))).collect();
    if items.is_empty() {
        return items;
    }
    format!("<aside aria-label=\"How to read this report\"><h2>How to read it</h2><ul>{items}</ul></aside>\n")
}

/// The pictures of a section.
pub(super) fn pictures((index, section): (usize, &PictureSection)) -> Option<Part> {
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
    let items: String = swatches.iter().map(|swatch| format!("<li>{}</li>", table::chip(swatch))).collect();
    if items.is_empty() { items } else { format!("<ul class=\"key\">{items}</ul>") }
}

fn paragraph(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<p>{}</p>\n", escape(text)) }
}

/// The section on counts of pixels, and simpler methods beside them.
pub(super) fn accuracy(report: &Report) -> String {
    let mut html = String::new();
    if let Some(accuracy) = &report.accuracy {
        let matrix = &accuracy.confusion;
        html += &table::facts(&[
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
        html += &table::per_class(accuracy);
        let bars = accuracy.classes().into_iter().enumerate();
        let bars: String = bars.map(|(i, c)| chart::class_bars(i, &c.label, c.color, matrix)).collect();
        html += &format!("<div class=\"all-bars\">{bars}</div>\n");
        html += "<h3>Confusion matrix</h3>\n<p>Pixels; rows are the map, columns the reference. The deeper the \
                 shade, the larger the share of the reference’s class: blue where the map is right, red where it is \
                 wrong.</p>\n";
        html += &table::confusion(accuracy);
    }
    if !report.baselines.is_empty() {
        html += "<h3>Beside simpler methods</h3>\n<p>On the same pixels.</p>\n";
        html += &table::baselines(&report.baselines, report.accuracy.as_ref());
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
        table::facts(&facts),
        table::per_class(map)
    )
}

/// Whether the map's confidence is what it says.
fn confidence(report: &Report) -> String {
    if report.confidence.is_empty() {
        return String::new();
    }
    probabilities::diagram(&[], std::slice::from_ref(&report.confidence), "calibration.json")
}

fn training(report: &Report) -> String {
    if report.history.is_empty() {
        return String::new();
    }
    chart::learning_curves(&report.history, report.best_epoch)
        + &table::epochs(&report.history, report.best_epoch)
}

/// The scenes that were used, and how long stages took.
pub(super) fn scenes_and_timings(report: &Report) -> String {
    let mut html = String::new();
    if report.scenes != SceneSummary::default() {
        html += &table::scenes(&report.scenes);
    }
    if !report.timings.is_empty() {
        html += &table::timings(&report.timings);
    }
    html
}

/// The recipe as it stands.
pub(super) fn recipe(toml: &str) -> String {
    if toml.is_empty() { String::new() } else { format!("<pre><code>{}</code></pre>\n", escape(toml)) }
}

#[cfg(test)]
mod tests;
