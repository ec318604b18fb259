//! The page of a round of the operator's loop: map, uncertainty, out-of-bag accuracy, and what the forest looks at.

use ecotone_metrics::ConfusionMatrix;
use ecotone_report::{
    ABSENT, Part, Report, accuracy_section, chip, count, escape, legend_key, number, pictures_section,
    recipe_section, row, run_section, table, whole_page,
};

/// How much a forest makes of a feature.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FeatureWeight {
    /// Its name.
    pub(crate) feature: String,
    /// Its share in what splits lowered impurity by.
    pub(crate) impurity: f64,
    /// Loss of accuracy where it is shuffled, mean and standard deviation over trees.
    pub(crate) permutation: Option<(f64, f64)>,
}

/// What the page says.
#[derive(Debug)]
pub(crate) struct ForestPage<'a> {
    /// Heading, facts, pictures, accuracy, scenes, timings, recipe.
    pub(crate) report: Report,
    /// The most important features, the first first.
    pub(crate) weights: Vec<FeatureWeight>,
    /// Rules that a person can read.
    pub(crate) rules: Vec<String>,
    /// Share of the samples that the rules put into their class.
    pub(crate) rules_accuracy: f64,
    /// Pixels of this round (rows) and of the round before (columns).
    pub(crate) changes: Option<&'a ConfusionMatrix>,
}

/// The page as HTML that needs nothing else.
pub(crate) fn forest_page(page: &ForestPage<'_>) -> String {
    let report = &page.report;
    let mut parts: Vec<Part> = report.sections.iter().enumerate().filter_map(pictures_section).collect();
    parts.extend(Part::new("changes", "Since the round before", changes(page)));
    parts.extend(Part::new("accuracy", "Out-of-bag accuracy", accuracy_section(report)));
    parts.extend(Part::new("importance", "What the forest looks at", importance(&page.weights)));
    parts.extend(Part::new("rules", "Rules", rules(page)));
    parts.extend(Part::new("run", "Scenes and timings", run_section(report)));
    parts.extend(Part::new("recipe", "Recipe", recipe_section(&report.recipe_toml)));
    whole_page(report, &parts)
}

fn importance(weights: &[FeatureWeight]) -> String {
    let line = |weight: &FeatureWeight| {
        let shuffled = weight.permutation.map_or_else(
            || ABSENT.to_owned(),
            |(mean, deviation)| format!("{} ± {}", number(mean, 4), number(deviation, 4)),
        );
        row("", &escape(&weight.feature).to_string(), &[number(weight.impurity, 3), shuffled])
    };
    let rows: String = weights.iter().map(line).collect();
    let header = ["Feature", "Share of impurity", "Loss of accuracy when shuffled"];
    format!(
        "<p>The features that split best. Those that say the same share their weight; importance.csv has them all.</p>\n{}",
        table("Importance of features", "numbers", &header, &rows)
    )
}

fn rules(page: &ForestPage<'_>) -> String {
    let lines: String = page.rules.iter().map(|rule| format!("{}\n", escape(rule))).collect();
    format!(
        "<p>A tree of three splits, to show what sets the classes apart; it puts {} of the samples into their class, and \
         the forest does better. In brackets: samples that meet the rule, and how many percent of them are of the \
         class.</p>\n<pre><code>{lines}</code></pre>\n",
        number(page.rules_accuracy, 3)
    )
}

/// What became what, most pixels first.
fn changes(page: &ForestPage<'_>) -> String {
    let (Some(counts), Some(accuracy)) = (page.changes, &page.report.accuracy) else { return String::new() };
    let classes = legend_key(&accuracy.legend);
    let mut lines: Vec<(u64, usize, usize)> = Vec::new();
    for (from, to) in (0..classes.len()).flat_map(|from| (0..classes.len()).map(move |to| (from, to))) {
        let pixels = counts.count(to, from);
        if from != to && pixels > 0 {
            lines.push((pixels, from, to));
        }
    }
    if lines.is_empty() {
        return "<p>No pixel has another class than before.</p>\n".to_owned();
    }
    lines.sort_by_key(|(pixels, ..)| std::cmp::Reverse(*pixels));
    let rows: String = lines
        .iter()
        .map(|(pixels, from, to)| row("", &chip(&classes[*from]), &[chip(&classes[*to]), count(*pixels)]))
        .collect();
    table("Changes since the round before", "numbers", &["Before", "Now", "Pixels"], &rows)
}
