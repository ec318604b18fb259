//! The tables of a run's report: facts, accuracy, simpler methods, scenes, timings, epochs.

use crate::class_matrix::{ShadeBy, class_matrix};
use crate::content::{Accuracy, Baselines, ClassSum, Fact, HistoryPoint, Prior, SceneSummary, Span, Timing};
use crate::table::{chip, row, table};
use crate::text::{ABSENT, count, duration, escape, number, small};

/// Labels with their values.
pub(crate) fn facts(facts: &[Fact]) -> String {
    let items: String = facts
        .iter()
        .map(|fact| format!("<div><dt>{}</dt><dd>{}</dd></div>", escape(&fact.label), escape(&fact.value)))
        .collect();
    if items.is_empty() { items } else { format!("<dl class=\"facts\">{items}</dl>\n") }
}

/// One line a class: producer's and user's accuracy, F1, IoU, and how many pixels each side has.
pub(crate) fn per_class(accuracy: &Accuracy) -> String {
    let matrix = &accuracy.confusion;
    let mut rows = String::new();
    for (i, swatch) in accuracy.classes().iter().enumerate() {
        let cells = [
            number(matrix.producers_accuracy(i), 2),
            number(matrix.users_accuracy(i), 2),
            number(matrix.f1(i), 2),
            number(matrix.iou(i), 2),
            count(matrix.row_sum(i)),
            count(matrix.col_sum(i)),
        ];
        rows += &row("", &chip(swatch), &cells);
    }
    let (f1, iou) = (number(matrix.macro_f1(), 2), number(matrix.mean_iou(), 2));
    let total = count(matrix.total());
    rows += &row(
        "total",
        "Mean score, sum of pixels",
        &[String::new(), String::new(), f1, iou, total.clone(), total],
    );
    table(
        "Accuracy of each class",
        "numbers",
        &[
            "Class",
            "Producer’s Accuracy",
            "User’s Accuracy",
            "F1 Score",
            "IoU",
            "Pixels in map",
            "Pixels in reference",
        ],
        &rows,
    )
}

/// The counts, rows = map, columns = reference, each cell shaded by its share of the column: the reference's class.
pub(crate) fn confusion(accuracy: &Accuracy) -> String {
    let (matrix, classes) = (&accuracy.confusion, accuracy.classes());
    let counts =
        |map: usize| (0..classes.len()).map(|reference| matrix.count(map, reference) as f64).collect();
    let counts: Vec<Vec<f64>> = (0..classes.len()).map(counts).collect();
    let text = |value: f64| count(value as u64);
    class_matrix("Confusion matrix", "Map ↓ reference →", &classes, &counts, ShadeBy::Column, text)
}

/// What simpler methods score on the same pixels, what the network gains over each, and below them the network.
pub(crate) fn baselines(baselines: &Baselines) -> String {
    let mut rows = String::new();
    for method in &baselines.methods {
        let [accuracy, macro_f1] = method.scores.map(|score| number(score, 3));
        let [gain, gain_f1] = method.gains.map(gain);
        let about = match method.about.as_str() {
            "" => String::new(),
            about => format!("<br><small>{}</small>", escape(about)),
        };
        rows += &row("", &format!("{}{about}", escape(&method.name)), &[accuracy, gain, macro_f1, gain_f1]);
    }
    let [accuracy, macro_f1] = baselines.network.map(|score| number(score, 3));
    rows += &row("total", "This run’s network", &[accuracy, String::new(), macro_f1, String::new()]);
    let header = ["Method", "Overall accuracy", "Network’s gain", "Macro-F1", "Network’s gain"];
    table("Simpler methods", "numbers", &header, &rows)
}

/// A difference with its interval.
fn gain(span: Option<Span>) -> String {
    let Some(Span { value, ends }) = span.filter(|span| span.value.is_finite()) else {
        return ABSENT.to_owned();
    };
    match ends {
        Some((lower, upper)) => format!("{value:+.3} ({lower:+.3} to {upper:+.3})"),
        None => format!("{value:+.3}"),
    }
}

/// The map for either shares of the classes.
pub(crate) fn priors(priors: &[Prior]) -> String {
    let line = |prior: &Prior| {
        let name = format!("{}{}", escape(&prior.name), if prior.mapped { " (the map)" } else { "" });
        let cells =
            [number(prior.overall_accuracy, 3), number(prior.macro_f1, 3), number(prior.area_error, 3)];
        row(if prior.mapped { "total" } else { "" }, &name, &cells)
    };
    let rows: String = priors.iter().map(line).collect();
    table("Priors", "numbers narrow", &["Prior", "Overall accuracy", "Macro-F1", "Area error"], &rows)
}

/// The sums of each class's probabilities.
pub(crate) fn class_sums(sums: &[ClassSum]) -> String {
    let pixels = |sum: f64| if sum.is_finite() { count(sum.round() as u64) } else { ABSENT.to_owned() };
    let line = |sum: &ClassSum| {
        row("", &chip(&sum.class), &[pixels(sum.before), pixels(sum.after), count(sum.pixels)])
    };
    let rows: String = sums.iter().map(line).collect();
    table(
        "Sums of probabilities",
        "numbers narrow",
        &["Class", "Drawn prior", "Natural prior", "Pixels"],
        &rows,
    )
}

/// The scenes that could not be used, and why.
pub(crate) fn scenes(scenes: &SceneSummary) -> String {
    let used = match scenes.used {
        1 => "1 scene used".to_owned(),
        many => format!("{} scenes used", count(many as u64)),
    };
    if scenes.failed.is_empty() {
        return format!("<p>{used}; none failed.</p>\n");
    }
    let rows: String = scenes
        .failed
        .iter()
        .map(|(id, reason)| row("", &escape(id).to_string(), &[escape(reason).to_string()]))
        .collect();
    format!(
        "<p>{used}; {} left out, as the job could not use them:</p>\n{}",
        count(scenes.failed.len() as u64),
        table("Scenes left out", "words", &["Scene", "Reason"], &rows)
    )
}

/// How long each stage took, with its share of the whole.
pub(crate) fn timings(timings: &[Timing]) -> String {
    let total: f64 = timings.iter().map(|timing| timing.seconds).filter(|s| s.is_finite()).sum();
    let percent = |seconds: f64| match 100.0 * seconds / total {
        share if share > 0.0 && share < 0.5 => "&lt;1\u{a0}%".to_owned(),
        share if share.is_finite() => format!("{share:.0}\u{a0}%"),
        _ => ABSENT.to_owned(),
    };
    let mut rows: String = timings
        .iter()
        .map(|timing| {
            let cells = [duration(timing.seconds), percent(timing.seconds)];
            row("", &escape(&timing.stage).to_string(), &cells)
        })
        .collect();
    rows += &row("total", "Total", &[duration(total), percent(total)]);
    table("Timings", "numbers narrow", &["Stage", "Time", "Share"], &rows)
}

/// Every epoch of the training, folded away.
pub(crate) fn epochs(history: &[HistoryPoint], best_epoch: Option<usize>) -> String {
    let line = |point: &HistoryPoint| {
        let is_best = best_epoch == Some(point.epoch);
        let cells = [
            number(point.train_loss, 4),
            number(point.validation_loss, 4),
            number(point.overall_accuracy, 3),
            number(point.macro_f1, 3),
            small(point.learning_rate),
        ];
        let name = format!("{}{}", point.epoch, if is_best { " (best)" } else { "" });
        row(if is_best { "total" } else { "" }, &name, &cells)
    };
    let rows: String = history.iter().map(line).collect();
    let header =
        ["Epoch", "Training loss", "Validation loss", "Overall accuracy", "Macro-F1", "Learning rate"];
    format!(
        "<details><summary>All {} epochs</summary>{}</details>",
        history.len(),
        table("Epochs", "numbers", &header, &rows)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Baseline;
    use ecotone_core::{ClassCode, Legend, LegendEntry, Rgb};
    use ecotone_metrics::ConfusionMatrix;

    fn accuracy() -> Accuracy {
        let entry = |code: u8| LegendEntry {
            code: ClassCode(code),
            name: format!("class <{code}>"),
            color: Rgb([code; 3]),
        };
        Accuracy {
            legend: Legend::new((1..=3).map(entry).collect()).unwrap(),
            confusion: ConfusionMatrix::from_counts(3, vec![1500, 7, 0, 20, 43, 0, 0, 0, 0]).unwrap(),
        }
    }

    /// The text of each cell, row by row, without tags.
    fn cells(html: &str) -> Vec<Vec<String>> {
        let text = |cell: &str| -> String {
            // What precedes the first `>` is the rest of the row's own tag.
            cell.split('>').skip(1).filter_map(|part| part.split('<').next()).collect()
        };
        let row = |row: &str| -> Vec<String> {
            let parts = row.split("</td>").flat_map(|part| part.split("</th>"));
            parts.filter(|part| part.contains("<td") || part.contains("<th")).map(text).collect()
        };
        html.split("<tr").skip(1).map(row).collect()
    }

    #[test]
    fn the_matrix_sums_along_rows_and_columns() {
        let rows = cells(&confusion(&accuracy()));
        let numbers: Vec<Vec<u64>> = rows[1..]
            .iter()
            .map(|row| row[1..].iter().map(|cell| cell.replace('\u{202f}', "").parse().unwrap()).collect())
            .collect();
        assert_eq!(numbers[0], [1500, 7, 0, 1507]);
        assert_eq!(numbers[3], [1520, 50, 0, 1570]);
        for row in &numbers {
            assert_eq!(row[..3].iter().sum::<u64>(), row[3]);
        }
        let sums: Vec<u64> = (0..4).map(|at| numbers[..3].iter().map(|row| row[at]).sum()).collect();
        assert_eq!(sums, numbers[3]);
    }

    #[test]
    fn the_class_table_reads_as_in_the_literature_and_dashes_what_is_absent() {
        let rows = cells(&per_class(&accuracy()));
        assert_eq!(rows[0][1..4], ["Producer’s Accuracy", "User’s Accuracy", "F1 Score"]);
        assert_eq!(rows[2], ["class &lt;2&gt;", "0.86", "0.68", "0.76", "0.61", "63", "50"]);
        assert_eq!(rows[3], ["class &lt;3&gt;", "–", "–", "–", "–", "0", "0"]);
    }

    #[test]
    fn the_network_stands_below_its_baselines() {
        let majority = Baseline {
            name: "majority <1>".into(),
            about: "made & kept".into(),
            scores: [Some(0.9), None],
            gains: [Some(Span { value: 0.083, ends: Some((-0.01, 0.1)) }), None],
        };
        let all =
            Baselines { text: String::new(), network: [Some(0.983), Some(0.876)], methods: vec![majority] };
        let html = baselines(&all);
        let rows = cells(&html);
        assert_eq!(rows[1][1..], ["0.900", "+0.083 (-0.010 to +0.100)", "–", "–"]);
        assert!(html.contains("majority &lt;1&gt;<br><small>made &amp; kept</small>"));
        assert_eq!(rows[2], ["This run’s network", "0.983", "", "0.876", ""]);
    }

    #[test]
    fn times_add_up_and_failed_scenes_say_why() {
        let timing = |stage: &str, seconds| Timing { stage: stage.into(), seconds };
        let rows = cells(&timings(&[timing("read", 25.0), timing("train", 75.0), timing("?", f64::NAN)]));
        assert_eq!(rows[4], ["Total", "1\u{a0}min 40\u{a0}s", "100\u{a0}%"]);
        assert_eq!(rows[3], ["?", "–", "–"]);
        let html = scenes(&SceneSummary { used: 3, failed: vec![("S2A".into(), "cut <off>".into())] });
        assert!(html.contains("3 scenes used; 1 left out"));
        assert!(html.contains("<td>cut &lt;off&gt;</td>"));
    }
}
