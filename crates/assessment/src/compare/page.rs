//! The page of a comparison of runs: differences with their intervals, as a chart and as a table, and which runs they are of.

use super::found::Found;
use super::tables::{RunLine, run_lines};
use crate::difference::DifferenceLine;
use ecotone_report::{
    Fact, Part, Report, Span, count, difference_chart, escape, number, row, table, whole_page,
};

/// What the page says.
pub(super) struct ComparisonPage<'a> {
    /// The facts to see first.
    pub(super) facts: Vec<Fact>,
    pub(super) found: &'a Found,
    /// Version of the program.
    pub(super) version: &'a str,
}

/// Intervals of fewer blocks are too narrow to go by.
const FEW: usize = 10;

/// The page as HTML that needs nothing else.
pub(super) fn comparison_page(page: &ComparisonPage<'_>) -> String {
    let report = Report {
        title: "Comparison of runs".to_owned(),
        subtitle: "First less second, on the test blocks that they share".to_owned(),
        summary: page.facts.clone(),
        notices: notices(page.found),
        version: page.version.to_owned(),
        ..Report::default()
    };
    let mut parts: Vec<Part> = Vec::new();
    parts.extend(Part::new("scores", "Accuracy and F1", scores(page.found)));
    parts.extend(Part::new("areas", "Error of areas", areas(page.found)));
    parts.extend(Part::new("runs", "Runs", runs(page.found)));
    whole_page(&report, &parts)
}

fn notices(found: &Found) -> Vec<String> {
    let bootstrap = found.bootstrap;
    let percent = crate::assess::percent(bootstrap.confidence);
    let mut notices = vec![
        format!(
            "Intervals hold the middle {percent} % of {} draws of the test blocks, the same for both sides; where a side has \
             several runs of a landscape, or there are several landscapes, these are drawn as well (Owen 2007; Davison and \
             Hinkley 1997, section 3.8). Where 0 is in the interval, take it for a tie.",
            bootstrap.replicates
        ),
        "Of many classes, some differ by chance alone. Test blocks show how well labels were learnt; they are no estimate of \
         the map's accuracy, which takes a probability sample."
            .to_owned(),
    ];
    if let Some((run, share)) = found.runs.holed() {
        notices.push(format!(
            "Maps lack a class at up to {:.2} % of the test pixels ({}); each run is scored on the pixels that its map has, so \
             not on quite the same ones.",
            100.0 * share,
            run.path.display()
        ));
    }
    let single = found.runs.landscapes.iter().any(|both| both.first.len() == 1 || both.second.len() == 1);
    if single {
        notices.push(
            "A side has one run only of a landscape: what another seed of the training would have changed is in no interval."
                .to_owned(),
        );
    }
    if found.runs.landscapes.len() == 1 {
        notices.push("One landscape: nothing is said of others.".to_owned());
    }
    let few = |line: &&DifferenceLine| line.lower.is_some() && line.blocks < FEW;
    let few: Vec<String> = found.lines.iter().filter(few).map(|line| label(found, line)).collect();
    if !few.is_empty() {
        notices
            .push(format!("On fewer than {FEW} blocks, so rather wider than they look: {}.", few.join(", ")));
    }
    notices
}

fn label(found: &Found, line: &DifferenceLine) -> String {
    let class = || line.code.map_or_else(String::new, |code| found.name(code));
    match line.measure {
        "overall_accuracy" => "overall accuracy".to_owned(),
        "macro_f1" => "macro-F1".to_owned(),
        "f1" => format!("F1 of {}", class()),
        _ => format!("area error of {}", class()),
    }
}

fn scores(found: &Found) -> String {
    let lines: Vec<&DifferenceLine> =
        found.lines.iter().filter(|line| line.measure != "area_error").collect();
    let text = "<p>Right of 0 the first side is better, left of it the second.</p>\n";
    text.to_owned() + &chart("Difference in accuracy and F1", found, &lines) + &lines_table(found, &lines)
}

fn areas(found: &Found) -> String {
    let lines: Vec<&DifferenceLine> =
        found.lines.iter().filter(|line| line.measure == "area_error").collect();
    if lines.is_empty() {
        return String::new();
    }
    let text = "<p>By how much of its true area in the test blocks a class is mapped too large or too small: the less the \
                better, so here the first side is better left of 0.</p>\n";
    text.to_owned() + &chart("Difference in area error", found, &lines) + &lines_table(found, &lines)
}

fn chart(title: &str, found: &Found, lines: &[&DifferenceLine]) -> String {
    let names: Vec<String> = lines.iter().map(|line| label(found, line)).collect();
    let span = |line: &&DifferenceLine| {
        line.difference.map(|value| Span { value, ends: line.lower.zip(line.upper) })
    };
    difference_chart(title, &names, &lines.iter().map(span).collect::<Vec<_>>())
}

fn lines_table(found: &Found, lines: &[&DifferenceLine]) -> String {
    let signed = |value: Option<f64>| value.map_or_else(|| number(None, 3), |value| format!("{value:+.3}"));
    let line = |line: &&DifferenceLine| {
        let cells = [
            number(line.first, 3),
            number(line.second, 3),
            signed(line.difference),
            signed(line.lower),
            signed(line.upper),
            count(line.blocks as u64),
        ];
        row(if line.code.is_none() { "total" } else { "" }, &escape(&label(found, line)).to_string(), &cells)
    };
    let rows: String = lines.iter().map(line).collect();
    table("Differences", "numbers", &["", "First", "Second", "Difference", "Lower", "Upper", "Blocks"], &rows)
}

fn runs(found: &Found) -> String {
    let line = |line: RunLine| {
        let cells = [
            line.side.to_owned(),
            line.landscape.to_string(),
            line.blocks.to_string(),
            count(line.pixels),
            number(line.overall_accuracy, 3),
            number(line.macro_f1, 3),
        ];
        row("", &escape(&line.run).to_string(), &cells)
    };
    let rows: String = run_lines(found).into_iter().map(line).collect();
    let header = ["Run", "Side", "Landscape", "Blocks", "Pixels", "Overall accuracy", "Macro-F1"];
    table("Runs", "numbers", &header, &rows)
}
