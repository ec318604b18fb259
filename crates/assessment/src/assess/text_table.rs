//! Tables as papers print them, in Markdown and LaTeX.

use super::Classes;
use super::estimates::{Estimates, Figure};
use ecotone_metrics::ConfusionMatrix;

/// What stands where there is no number.
const ABSENT: &str = "–";

/// A table of ready cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextTable {
    pub(super) caption: String,
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    /// A line below the table, such as the overall accuracy.
    pub(super) foot: String,
}

/// Tables of plain counts.
pub(super) fn of_counts(classes: &Classes, matrix: &ConfusionMatrix) -> Vec<TextTable> {
    let score = |value: Option<f64>| value.map_or(ABSENT.to_owned(), |value| share(value, 2));
    let row = |(index, class): (usize, &super::Class)| {
        vec![
            class.name.clone(),
            score(matrix.producers_accuracy(index)),
            score(matrix.users_accuracy(index)),
            score(matrix.f1(index)),
        ]
    };
    let accuracy = TextTable {
        caption: "Classification performance: shares of the pixels or points compared, which are no estimate of the \
                  map's accuracy unless they cover it or are a probability sample."
            .to_owned(),
        header: ACCURACY.map(str::to_owned).to_vec(),
        rows: classes.iter().enumerate().map(row).collect(),
        foot: format!("Overall Accuracy: {}", score(matrix.overall_accuracy())),
    };
    vec![accuracy, counts(classes, matrix, "Error matrix of pixels or points")]
}

const ACCURACY: [&str; 4] = ["Class", "Producer’s Accuracy", "User’s Accuracy", "F1 Score"];

/// Tables of estimates.
pub(super) fn of_estimates(classes: &Classes, estimates: &Estimates) -> Vec<TextTable> {
    let percent = percent(estimates.confidence);
    let row = |class: &super::ClassEstimates| {
        let cell = |figure| with_margin(figure, 2, "±");
        vec![class.class.clone(), cell(class.producers_accuracy), cell(class.users_accuracy), cell(class.f1)]
    };
    let accuracy = TextTable {
        caption: format!(
            "Classification performance, estimated from {} sample units of a {} design. ± is half the {percent} % \
             confidence interval, which says nothing at .00 and 1.00 and little for rare classes (see the \
             intervals below). Formulas: {}.",
            estimates.sample_units, estimates.design, estimates.source
        ),
        header: ACCURACY.map(str::to_owned).to_vec(),
        rows: estimates.classes.iter().map(row).collect(),
        foot: format!("Overall Accuracy: {}", with_margin(estimates.overall_accuracy, 2, "±")),
    };
    vec![
        accuracy,
        counts(classes, &estimates.counts, "Error matrix of sample counts"),
        proportions(classes, estimates),
        areas(estimates, &percent),
        intervals(estimates, &percent),
    ]
}

/// Confidence as papers write it: 95, 99.9.
pub(crate) fn percent(confidence: f64) -> String {
    let text = format!("{:.2}", 100.0 * confidence);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn counts(classes: &Classes, matrix: &ConfusionMatrix, what: &str) -> TextTable {
    let cells = (0..classes.len()).map(|map| {
        let row = (0..classes.len()).map(|reference| matrix.count(map, reference).to_string());
        row.chain([matrix.row_sum(map).to_string()]).collect::<Vec<_>>()
    });
    let totals = (0..classes.len()).map(|class| matrix.col_sum(class).to_string());
    square(classes, format!("{what}; rows are the map, columns the reference."), cells.collect(), {
        totals.chain([matrix.total().to_string()]).collect()
    })
}

fn proportions(classes: &Classes, estimates: &Estimates) -> TextTable {
    let p = &estimates.area_proportions;
    let text = |value: f64| if value == 0.0 { "0".to_owned() } else { share(value, 4) };
    let rows = p.iter().map(|row| row.iter().copied().chain([row.iter().sum()]).map(text).collect());
    let column = |class: usize| p.iter().map(|row| row[class]).sum::<f64>();
    let totals: Vec<f64> = (0..classes.len()).map(column).collect();
    let whole = totals.iter().sum();
    let totals = totals.into_iter().chain([whole]).map(text).collect();
    let caption = "Error matrix of estimated area proportions (Olofsson et al. 2014, eq. 4); rows are the map, columns \
                   the reference.";
    square(classes, caption.to_owned(), rows.collect(), totals)
}

fn square(classes: &Classes, caption: String, cells: Vec<Vec<String>>, totals: Vec<String>) -> TextTable {
    let names = || classes.iter().map(|class| class.name.clone());
    let mut rows: Vec<Vec<String>> =
        names().zip(cells).map(|(name, cells)| std::iter::once(name).chain(cells).collect()).collect();
    rows.push(std::iter::once("Total".to_owned()).chain(totals).collect());
    let header = std::iter::once("Map".to_owned()).chain(names()).chain(["Total".to_owned()]).collect();
    TextTable { caption, header, rows, foot: String::new() }
}

fn areas(estimates: &Estimates, percent: &str) -> TextTable {
    let row = |class: &super::ClassEstimates| {
        let mapped = class.mapped_area.map_or(ABSENT.to_owned(), amount);
        let (area, margin) = match class.area {
            None => (ABSENT.to_owned(), ABSENT.to_owned()),
            Some(area) => (amount(area.value), area.margin().map_or(ABSENT.to_owned(), amount)),
        };
        vec![class.class.clone(), mapped, area, margin, with_margin(class.area_proportion, 4, "±")]
    };
    TextTable {
        caption: format!(
            "Areas in {}: as mapped, and as estimated from the reference sample, which corrects the map's errors \
             (Olofsson et al. 2014, eqs. 9-11). ± is half the {percent} % confidence interval.",
            estimates.area_unit
        ),
        header: ["Class", "Mapped area", "Estimated area", "±", "Share"].map(str::to_owned).to_vec(),
        rows: estimates.classes.iter().map(row).collect(),
        foot: String::new(),
    }
}

/// The intervals that hold where the plain one does not.
fn intervals(estimates: &Estimates, percent: &str) -> TextTable {
    let cell = |ends: Option<(f64, f64)>, text: &dyn Fn(f64) -> String| {
        ends.map_or(ABSENT.to_owned(), |(lower, upper)| format!("{}–{}", text(lower), text(upper)))
    };
    let row = |class: &super::ClassEstimates| {
        let (accuracy, area) = (class.producers_accuracy, class.area);
        let short = |value: f64| share(value, 2);
        vec![
            class.class.clone(),
            accuracy.map_or(ABSENT.to_owned(), |figure| short(figure.value)),
            cell(accuracy.and_then(|figure| figure.wilson()), &short),
            cell(accuracy.and_then(|figure| figure.omission()), &short),
            area.map_or(ABSENT.to_owned(), |figure| amount(figure.value)),
            cell(area.and_then(|figure| figure.wilson()), &amount),
            cell(area.and_then(|figure| figure.omission()), &amount),
        ]
    };
    TextTable {
        caption: format!(
            "{percent} % confidence intervals of producer's accuracy and of area in {}. Wilson: at the effective sample \
             size (Wilson 1927; Franco et al. 2019). Omission: Wilson's, widened by what may lie in strata that could \
             hold the class and showed none, about 3.7 in n at 95 % (Clopper and Pearson 1934; the rule of three): the \
             one to report for rare classes, and no wider where each stratum showed some.",
            estimates.area_unit
        ),
        header: [
            "Class",
            "Producer’s Accuracy",
            "Wilson",
            "Omission",
            "Estimated area",
            "Wilson",
            "Omission",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: estimates.classes.iter().map(row).collect(),
        foot: String::new(),
    }
}

/// An area with four digits at least.
pub(crate) fn amount(value: f64) -> String {
    let decimals = if value.abs() >= 1000.0 || value == 0.0 {
        0
    } else {
        (3.0 - value.abs().log10().floor()).max(0.0) as usize
    };
    format!("{value:.decimals$}")
}

/// A share without its leading zero, as papers print it.
fn share(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    text.strip_prefix('0').map_or(text.clone(), str::to_owned)
}

/// A figure and half its interval: `.95 ± .02`.
pub(crate) fn with_margin(figure: Option<Figure>, decimals: usize, sign: &str) -> String {
    match figure {
        None => ABSENT.to_owned(),
        Some(figure) => {
            let margin = figure.margin().map_or(ABSENT.to_owned(), |margin| share(margin, decimals));
            format!("{} {sign} {margin}", share(figure.value, decimals))
        }
    }
}

/// A difference with its sign and half its interval: `+.02 ± .03`.
pub(super) fn signed(value: Option<f64>, margin: Option<f64>, decimals: usize) -> String {
    let Some(value) = value else { return ABSENT.to_owned() };
    let margin = margin.map_or(ABSENT.to_owned(), |margin| share(margin, decimals));
    format!("{}{} ± {margin}", if value < 0.0 { '−' } else { '+' }, share(value.abs(), decimals))
}

impl TextTable {
    /// As a Markdown table with its caption above.
    pub(super) fn to_markdown(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let rule: String =
            std::iter::once("|---|").chain(self.header.iter().skip(1).map(|_| "---:|")).collect();
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        let foot = if self.foot.is_empty() { String::new() } else { format!("\n{}\n", self.foot) };
        format!("{}\n\n{}{rule}\n{rows}{foot}", self.caption, line(&self.header))
    }

    /// As a LaTeX table that needs no package.
    pub(super) fn to_latex(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| latex(cell)).collect();
            format!("{} \\\\\n", cells.join(" & "))
        };
        let columns: String = std::iter::once('l').chain(self.header.iter().skip(1).map(|_| 'r')).collect();
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        let foot = if self.foot.is_empty() {
            String::new()
        } else {
            format!("\\hline\n\\multicolumn{{{}}}{{l}}{{{}}} \\\\\n", self.header.len(), latex(&self.foot))
        };
        format!(
            "\\begin{{table}}\n\\centering\n\\caption{{{}}}\n\\begin{{tabular}}{{{columns}}}\n\\hline\n{}\\hline\n\
             {rows}{foot}\\hline\n\\end{{tabular}}\n\\end{{table}}\n",
            latex(&self.caption),
            line(&self.header)
        )
    }
}

/// Text that LaTeX shows as typed.
fn latex(text: &str) -> String {
    text.chars().fold(String::new(), |mut made, letter| {
        match letter {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => made.extend(['\\', letter]),
            '~' => made.push_str("\\textasciitilde{}"),
            '^' => made.push_str("\\textasciicircum{}"),
            '\\' => made.push_str("\\textbackslash{}"),
            '±' => made.push_str("$\\pm$"),
            '–' => made.push_str("--"),
            '−' => made.push_str("$-$"),
            '’' => made.push('\''),
            other => made.push(other),
        }
        made
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_in_papers() {
        assert_eq!([0.954, 1.0, 0.0].map(|value| share(value, 2)), [".95", "1.00", ".00"]);
        assert_eq!([0.0, 12.3456, 1234.56, 0.012_342].map(amount), ["0", "12.35", "1235", "0.01234"]);
        assert_eq!([0.95, 0.999, 0.9].map(percent), ["95", "99.9", "90"]);
    }

    #[test]
    fn names_cannot_break_a_table() {
        let table = TextTable {
            caption: "50 % of a_b".into(),
            header: vec!["Class".into(), "OA".into()],
            rows: vec![vec!["a|b & c".into(), ".95 ± .02".into()]],
            foot: String::new(),
        };
        assert!(table.to_markdown().contains("| a\\|b & c | .95 ± .02 |"));
        let latex = table.to_latex();
        assert!(
            latex.contains("50 \\% of a\\_b") && latex.contains("a|b \\& c & .95 $\\pm$ .02 \\\\"),
            "{latex}"
        );
    }
}
