//! The page of a cleaning of labels: what was kept of each class, its clusters, and what sets classes apart.

use super::clusters::{self, CleanedClass};
use ecotone_report::{ABSENT, Fact, Part, Report, chip, count, escape, number, row, table, whole_page};
use ndarray::Array2;
use std::fmt::Write as _;

/// What the page says.
#[derive(Debug)]
pub(crate) struct CleaningPage {
    /// One line below the title.
    pub(crate) subtitle: String,
    /// The facts to see first.
    pub(crate) facts: Vec<Fact>,
    /// Dates of the series.
    pub(crate) days: Vec<String>,
    /// Names of the indices; none where no clusters were looked for and bands are missing.
    pub(crate) indices: Vec<String>,
    /// The classes that have samples.
    pub(crate) classes: Vec<CleanedClass>,
    /// What sets classes apart, a line a rule.
    pub(crate) rules: Vec<String>,
    /// Samples by label (rows) and what they confidently look like (columns).
    pub(crate) looks: Option<Array2<u64>>,
    /// Version of the program.
    pub(crate) version: &'static str,
}

/// The page as HTML that needs nothing else.
pub(crate) fn cleaning_page(page: &CleaningPage) -> String {
    let report = Report {
        title: "Cleaning of labels".to_owned(),
        subtitle: page.subtitle.clone(),
        summary: page.facts.clone(),
        notices: [
            "Nothing here knows the truth: a dropped sample is suspect, not wrong. Look at the clusters before you trust \
             the cleaning, and at dropped.csv for the reason of each sample.",
            "The dominant cluster is right where most labels of the class are. A class whose labels are mostly wrong, or \
             that has two faces, such as crops sown at two times, loses its right samples.",
        ]
        .map(str::to_owned)
        .to_vec(),
        version: page.version.to_owned(),
        ..Report::default()
    };
    let mut parts: Vec<Part> = Vec::new();
    parts.extend(Part::new("classes", "What was kept of each class", classes(page)));
    parts.extend(Part::new("looks", "What samples look like", looks(page)));
    parts.extend(Part::new("clusters", "Clusters of each class", pictures(page)));
    parts.extend(Part::new("rules", "What sets classes apart", rules(page)));
    whole_page(&report, &parts)
}

fn classes(page: &CleaningPage) -> String {
    let line = |class: &CleanedClass| {
        let shares: Vec<String> =
            class.clusters.iter().map(|cluster| format!("{:.0} %", 100.0 * cluster.share)).collect();
        let shares = if shares.is_empty() { ABSENT.to_owned() } else { shares.join(", ") };
        let cells = [
            count(class.samples as u64),
            count(class.kept as u64),
            number((class.samples > 0).then(|| class.kept as f64 / class.samples as f64), 3),
            shares,
            number(class.silhouette, 2),
        ];
        row("", &chip(&class.swatch), &cells)
    };
    let rows: String = page.classes.iter().map(line).collect();
    let header = ["Class", "Samples", "Kept", "Share kept", "Shares of its clusters", "Silhouette"];
    let about = match page.classes.iter().any(|class| !class.clusters.is_empty()) {
        true => {
            "<p>The largest cluster comes first and is kept. Under a silhouette of 0.25 a class has no substantial clusters \
             (Kaufman and Rousseeuw 1990) and stays one.</p>\n"
        }
        false => "",
    };
    format!("{about}{}", table("Classes", "numbers", &header, &rows))
}

/// The joint of confident learning.
fn looks(page: &CleaningPage) -> String {
    let Some(looks) = &page.looks else { return String::new() };
    let mut header = vec!["Label ↓ looks like →".to_owned()];
    header.extend(page.classes.iter().map(|class| chip(&class.swatch)));
    header.push("Total".to_owned());
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut rows = String::new();
    for (label, class) in page.classes.iter().enumerate() {
        let total: u64 = looks.row(label).sum();
        let mut cells = String::new();
        for (other, samples) in looks.row(label).iter().enumerate() {
            let share = *samples as f64 / total.max(1) as f64;
            let kind = match samples {
                0 => "zero",
                _ if label == other => "hit",
                _ => "miss",
            };
            let _ =
                write!(cells, "<td class=\"{kind}\" style=\"--share:{share:.3}\">{}</td>", count(*samples));
        }
        let _ = writeln!(
            rows,
            "<tr><th scope=\"row\">{}</th>{cells}<td>{}</td></tr>",
            chip(&class.swatch),
            count(total)
        );
    }
    format!(
        "<p>A sample looks like a class where a forest that did not learn from it gives that class at least the probability \
         that is usual for its own samples (confident learning, Northcutt et al. 2021). Samples off the diagonal are \
         dropped; those that look like nothing are kept and not counted here.</p>\n{}",
        table("What samples look like", "numbers matrix", &header, &rows)
    )
}

fn pictures(page: &CleaningPage) -> String {
    let ranges = clusters::ranges(&page.classes, page.indices.len(), page.days.len());
    let mut html = String::new();
    for class in &page.classes {
        let Some(scatter) = &class.scatter else { continue };
        let _ = writeln!(html, "<h3>{}</h3>", chip(&class.swatch));
        html += &clusters::key(class);
        let _ = writeln!(
            html,
            "<div class=\"charts\">{}{}</div>",
            clusters::scatter(class, scatter),
            clusters::series(class, &page.indices, &page.days, &ranges)
        );
    }
    if html.is_empty() {
        return html;
    }
    "<p>Left: samples in the two features in which the clusters of the class lie farthest apart. Right: the mean of each \
     index over the dates; the thick line is the dominant cluster, which is kept. Axes of the lines are the same for all \
     classes.</p>\n"
        .to_owned()
        + &html
}

fn rules(page: &CleaningPage) -> String {
    if page.rules.is_empty() {
        return String::new();
    }
    let line = |rule: &String| {
        let (conditions, class) = rule.rsplit_once(": ").unwrap_or((rule, ""));
        row("", &escape(conditions).to_string(), &[escape(class).to_string()])
    };
    let rows: String = page.rules.iter().map(line).collect();
    format!(
        "<p>A shallow tree of the kept samples, written as rules; in parentheses the samples that a rule speaks of and the \
         share that is of its class. A rule that makes no sense on the ground is a hint at labels that make none.</p>\n{}",
        table("Rules", "", &["Where", "Class (samples, share)"], &rows)
    )
}

#[cfg(test)]
mod tests {
    use super::super::clusters::{ClusterSeries, Scatter};
    use super::*;
    use ecotone_core::Rgb;
    use ecotone_report::Swatch;

    #[test]
    fn a_page_shows_clusters_and_hides_what_there_is_not() {
        let cluster = |share: f64, mean: f32| ClusterSeries { samples: 4, share, means: vec![mean; 4] };
        let class = |clusters: Vec<ClusterSeries>| CleanedClass {
            swatch: Swatch { label: "a <b>".to_owned(), color: Rgb([1, 2, 3]) },
            samples: 8,
            kept: 6,
            silhouette: None,
            scatter: (!clusters.is_empty()).then(|| Scatter {
                axes: ["NDVI@1", "EVI@2"].map(str::to_owned),
                points: vec![(0.5, 0.5, 0), (0.5, 0.5, 1)],
            }),
            clusters,
        };
        let page = |class: CleanedClass| CleaningPage {
            subtitle: String::new(),
            facts: vec![],
            days: ["1", "2"].map(str::to_owned).to_vec(),
            indices: ["NDVI", "EVI"].map(str::to_owned).to_vec(),
            classes: vec![class],
            rules: vec!["NDVI@1 <= 0.4: a <b> (3, 100.0 %)".to_owned()],
            looks: None,
            version: "0",
        };
        let html = cleaning_page(&page(class(vec![cluster(0.75, 0.5), cluster(0.25, 0.5)])));
        assert!(html.contains("75 %, 25 %") && html.contains("a &lt;b&gt;") && !html.contains("<b>"));
        assert!(!html.contains("NaN") && html.contains("NDVI@1 &lt;= 0.4"));
        let html = cleaning_page(&page(class(vec![])));
        assert!(!html.contains("id=\"clusters\"") && !html.contains("id=\"looks\""));
    }
}
