//! What the page of a cleaning says.

use super::cleaning_page::CleaningPage;
use super::clusters::{CleanedClass, ClusterSeries, Scatter};
use super::job::CleanJob;
use super::method::Cleaning;
use super::prepared::Prepared;
use crate::Result;
use ecotone_jobs::Summary;
use ecotone_labeling::{RuleConfig, Rules};
use ecotone_report::{Fact, Swatch};
use ndarray::{Array1, ArrayView2, Axis};

/// Most points of a picture.
const POINTS: usize = 500;

/// From what the cleaning found.
pub(super) fn of(
    job: &CleanJob,
    ready: &Prepared,
    cleaning: &Cleaning,
    summary: &Summary,
) -> Result<CleaningPage> {
    let kept = &cleaning.cleaned.kept;
    let labels: Array1<usize> = kept.iter().map(|row| ready.labels[*row]).collect();
    let config = RuleConfig { max_depth: 4, ..RuleConfig::default() };
    let records = ready.features.select(Axis(0), kept);
    let rules = Rules::learn(&records, &labels, &config, &ready.feature_names, &ready.names)?;
    let deviations = ready.features.std_axis(Axis(0), 0.0);
    let classes = (0..ready.names.len()).map(|class| class_of(ready, cleaning, class, &deviations)).collect();
    // Numbers of the classes stand in the table.
    let facts = summary.facts.iter().take_while(|(label, _)| *label != ready.names[0]);
    Ok(CleaningPage {
        subtitle: job.samples.display().to_string(),
        facts: facts.map(|(label, value)| Fact::new(label, value)).collect(),
        days: ready.table.days.iter().map(ToString::to_string).collect(),
        indices: ready.indices.iter().map(|index| index.name().to_owned()).collect(),
        classes,
        rules: rules.rules().iter().map(ToString::to_string).collect(),
        looks: cleaning.looks.clone(),
        version: env!("CARGO_PKG_VERSION"),
    })
}

fn class_of(ready: &Prepared, cleaning: &Cleaning, class: usize, deviations: &Array1<f32>) -> CleanedClass {
    let outcome = &cleaning.cleaned.classes[class];
    let entry = &ready.legend.entries()[ready.present[class]];
    let rows: Vec<usize> = (0..ready.labels.len()).filter(|row| ready.labels[*row] == class).collect();
    let (mut clusters, mut scatter) = (Vec::new(), None);
    if let Some(of) = &cleaning.cluster {
        let members = |cluster: usize| -> Vec<usize> {
            rows.iter().copied().filter(|row| of[*row] == cluster).collect()
        };
        let mean = |rows: &[usize]| ready.features.select(Axis(0), rows).mean_axis(Axis(0));
        for (number, cluster) in outcome.clusters.iter().enumerate() {
            let means = mean(&members(number)).map_or_else(Vec::new, |mean| mean.to_vec());
            clusters.push(ClusterSeries { samples: cluster.samples, share: cluster.share, means });
        }
        let days = ready.table.days.len();
        let own = ready.features.select(Axis(0), &rows);
        let [x, y] = axes(own.view(), &clusters, deviations, days);
        let step = rows.len().div_ceil(POINTS).max(1);
        let shown = rows.iter().step_by(step);
        scatter = Some(Scatter {
            axes: [x, y].map(|column| ready.feature_names[column].clone()),
            points: shown
                .map(|row| (ready.features[[*row, x]], ready.features[[*row, y]], of[*row]))
                .collect(),
        });
    }
    CleanedClass {
        swatch: Swatch { label: entry.name.clone(), color: entry.color },
        samples: outcome.samples,
        kept: outcome.kept,
        silhouette: outcome.silhouette,
        clusters,
        scatter,
    }
}

/// The two features, of two indices, in which the clusters of a class lie farthest apart, or where there is one cluster
/// the samples do, in standard deviations over all samples.
fn axes(
    own: ArrayView2<'_, f32>,
    clusters: &[ClusterSeries],
    deviations: &Array1<f32>,
    days: usize,
) -> [usize; 2] {
    let spread = |column: usize| -> f32 {
        let unit = deviations[column].max(f32::MIN_POSITIVE);
        if clusters.len() < 2 {
            return own.column(column).std(0.0) / unit;
        }
        let mean: f32 = clusters.iter().map(|cluster| cluster.share as f32 * cluster.means[column]).sum();
        let squares =
            clusters.iter().map(|cluster| cluster.share as f32 * (cluster.means[column] - mean).powi(2));
        squares.sum::<f32>().sqrt() / unit
    };
    let spreads: Vec<f32> = (0..own.ncols()).map(spread).collect();
    let best = |but: Option<usize>| {
        let allowed = (0..spreads.len()).filter(|column| but.is_none_or(|but| column / days != but / days));
        // The first of equal ones.
        allowed.reduce(|best, column| if spreads[column] > spreads[best] { column } else { best })
    };
    let x = best(None).unwrap_or(0);
    [x, best(Some(x)).unwrap_or(x)]
}
