//! What a round leaves behind besides its map: out-of-bag accuracy, importance, rules, report, manifest, summary.

use super::Grown;
use super::changes::Changes;
use super::page::{FeatureWeight, ForestPage, forest_page};
use crate::Result;
use ecotone_assessment::{share, write_tables};
use ecotone_io::{RasterDataset, Resampling, write_atomic, write_csv};
use ecotone_jobs::{Codes, Manifest, Summary};
use ecotone_labeling::{RuleConfig, Rules};
use ecotone_metrics::ConfusionMatrix;
use ecotone_report::{
    Accuracy, Fact, Picture, PictureSection, Report, SceneSummary, Stretch, Timing, class_map, composite,
    legend_key,
};
use ndarray::{Array2, ArrayView1};

/// Longest side of a picture, in pixels.
const LONGEST: usize = 720;
/// Features that the report names.
const SHOWN: usize = 15;
/// Classes of fewer samples are named: little can be learnt about them.
const FEW: usize = 5;

impl Grown<'_> {
    /// Writes the rest of the round's folder and sums up.
    pub(super) fn report(
        &self,
        manifest: &mut Manifest,
        features: &Array2<f32>,
        observed: u64,
        changes: Option<&Changes>,
    ) -> Result<Summary> {
        let matrix = self.out_of_bag()?;
        write_tables(&self.folder, &self.legend, &matrix, None, None)?;
        let weights = self.importance()?;
        let rules = self.rules(features)?;
        write_atomic(self.folder.file("rules.txt"), rules.to_string().as_bytes())?;
        let pixels = self.pixels.series().site().pixels()?;
        let mut summary = self.summary(&matrix, (observed, pixels), changes);
        summary.failures = self.events.failures();
        self.events.stage("page")?;
        let timings = self.events.timings().into_iter();
        let report = Report {
            title: if self.job.survey.title.is_empty() {
                "Random forest".to_owned()
            } else {
                self.job.survey.title.clone()
            },
            subtitle: format!(
                "A random forest of {} trees, from {} samples",
                self.job.trees,
                self.set.rows.len()
            ),
            summary: summary.facts.iter().map(|(label, value)| Fact::new(label, value)).collect(),
            notices: self.notices(),
            sections: vec![self.pictures(changes.is_some())?],
            accuracy: Some(Accuracy { legend: self.legend.clone(), confusion: matrix }),
            scenes: SceneSummary {
                used: self.pixels.series().scenes().count(),
                failed: summary.failures.iter().map(|f| (f.scene.clone(), f.reason.clone())).collect(),
            },
            timings: timings.map(|timing| Timing { stage: timing.stage, seconds: timing.seconds }).collect(),
            recipe_toml: self.job.survey.recipe.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Report::default()
        };
        let page = ForestPage {
            report,
            weights,
            rules: rules.rules().iter().map(ToString::to_string).collect(),
            rules_accuracy: rules.accuracy(),
            changes: changes.map(|changes| &changes.counts),
        };
        write_atomic(self.folder.file("report.html"), forest_page(&page).as_bytes())?;
        manifest.write(&self.folder, &self.events)?;
        for (label, file) in [("map", "map.tif"), ("report", "report.html")] {
            summary.fact(label, self.folder.file(file).display().to_string());
        }
        Ok(summary)
    }

    /// What trees make of the samples that they did not learn from: rows = forest, columns = sample.
    fn out_of_bag(&self) -> Result<ConfusionMatrix> {
        let mut matrix = ConfusionMatrix::new(self.legend.len());
        let Some(out) = self.forest.out_of_bag() else { return Ok(matrix) };
        let rows = out.probabilities().rows().into_iter().zip(out.trees()).zip(&self.labels);
        for ((row, _), label) in rows.filter(|((_, trees), _)| **trees > 0) {
            let best =
                (1..row.len()).fold(0, |best, class| if row[class] > row[best] { class } else { best });
            matrix.add(best, *label)?;
        }
        Ok(matrix)
    }

    /// Writes importance.csv, the most important feature first; gives the first few.
    fn importance(&self) -> Result<Vec<FeatureWeight>> {
        let shuffled = self.forest.out_of_bag().and_then(|out| out.permutation_importance());
        let weight = |(place, impurity): (usize, &f64)| FeatureWeight {
            feature: self.pixels.names()[place].clone(),
            impurity: *impurity,
            permutation: shuffled.map(|shuffled| (shuffled[place].mean, shuffled[place].deviation)),
        };
        let mut weights: Vec<FeatureWeight> =
            self.forest.impurity_importance().iter().enumerate().map(weight).collect();
        weights.sort_by(|a, b| b.impurity.total_cmp(&a.impurity));
        let text = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.6}"));
        let rows = weights.iter().map(|weight| {
            let (mean, deviation) = weight.permutation.unzip();
            (weight.feature.as_str(), text(Some(weight.impurity)), text(mean), text(deviation))
        });
        let header = ["feature", "impurity", "permutation", "permutation_deviation"];
        write_csv(self.folder.file("importance.csv"), &header, rows)?;
        weights.truncate(SHOWN);
        Ok(weights)
    }

    /// The rules of a shallow tree over the same samples.
    fn rules(&self, features: &Array2<f32>) -> Result<Rules> {
        let config =
            RuleConfig { min_samples: (self.labels.len() / 50).clamp(1, 5), ..RuleConfig::default() };
        let names: Vec<String> = self.legend.entries().iter().map(|entry| entry.name.clone()).collect();
        let labels = ArrayView1::from(self.labels.as_slice());
        Ok(Rules::learn(features, &labels, &config, self.pixels.names(), &names)?)
    }

    /// Names of classes without samples, and of those with few.
    fn lacking(&self) -> (Vec<&str>, Vec<&str>) {
        let count = |class: usize| self.labels.iter().filter(|label| **label == class).count();
        let named = |wanted: &dyn Fn(usize) -> bool| -> Vec<&str> {
            let entries = self.legend.entries().iter().enumerate();
            entries.filter(|(class, _)| wanted(count(*class))).map(|(_, entry)| entry.name.as_str()).collect()
        };
        (named(&|count| count == 0), named(&|count| (1..FEW).contains(&count)))
    }

    fn notices(&self) -> Vec<String> {
        let mut notices = vec![
            "Accuracy here is out of bag: of samples, not of the map. Samples that were chosen where the forest is unsure \
             are harder than the map, and samples side by side are easier. For the map's accuracy draw a probability \
             sample (ecotone sample) and assess it (ecotone assess)."
                .to_owned(),
        ];
        let (none, few) = self.lacking();
        if !none.is_empty() {
            notices.push(format!("No sample, so not on the map: {}.", none.join(", ")));
        }
        if !few.is_empty() {
            notices.push(format!("Fewer than {FEW} samples: {}.", few.join(", ")));
        }
        notices
    }

    fn summary(
        &self,
        matrix: &ConfusionMatrix,
        (observed, pixels): (u64, usize),
        changes: Option<&Changes>,
    ) -> Summary {
        let mut summary = Summary::default();
        summary.fact("samples", self.set.rows.len().to_string());
        if !self.set.left_out.is_empty() {
            let left =
                format!("{} samples, see left-out.csv: {}", self.set.left_out.len(), self.set.reasons());
            summary.fact("left out", left);
        }
        let (none, few) = self.lacking();
        for (label, names) in [("no sample of", none), ("few samples of", few)] {
            if !names.is_empty() {
                summary.fact(label, names.join(", "));
            }
        }
        let of = matrix.total();
        let accuracy = share(matrix.overall_accuracy());
        summary.fact("out-of-bag accuracy", format!("{accuracy} on {of} samples, not of the map"));
        summary.fact("macro-F1", share(matrix.macro_f1()));
        summary.fact("mapped", format!("{observed} of {pixels} pixels"));
        if let Some(share) = changes.and_then(Changes::share) {
            summary.fact("changed since before", format!("{:.1} % of the pixels", 100.0 * share));
        }
        summary
    }

    /// Map, uncertainty and changes, thinned to what a page shows.
    fn pictures(&self, changed: bool) -> Result<PictureSection> {
        let geobox = self.pixels.series().geobox();
        let shape = geobox.shape();
        let small = geobox.zoom_out(shape.rows.max(shape.cols).div_ceil(LONGEST));
        let classes = |file: &str, title: &str, caption: &str| {
            let codes = Codes::open(&self.folder.file(file), &self.legend, &[])?.read(&small)?;
            Ok::<_, crate::Error>(Picture {
                title: title.to_owned(),
                caption: caption.to_owned(),
                alt: format!("{title}, by class"),
                key: Vec::new(),
                png: class_map(small.shape(), &codes, &self.legend),
            })
        };
        let mut pictures = vec![classes("map.tif", "Map", "The most probable class.")?];
        let dataset = RasterDataset::open(self.folder.file("uncertainty.tif"))?;
        let read = dataset.read_onto::<u8>(1, &small, Resampling::Nearest)?;
        let gray: Vec<f32> = (read.band(0).iter().zip(read.valid_mask()))
            .map(|(value, valid)| if valid { f32::from(*value) } else { f32::NAN })
            .collect();
        let bands = [gray.as_slice(); 3];
        pictures.push(Picture {
            title: "Uncertainty".to_owned(),
            caption: "Entropy of the class probabilities; the brighter, the less the forest knows."
                .to_owned(),
            alt: "Uncertainty of the map".to_owned(),
            key: Vec::new(),
            png: composite(small.shape(), bands, &Stretch::of(&[bands])),
        });
        if changed {
            let caption = "What has another class than in the round before, by its class of now.";
            pictures.push(classes("changes.tif", "Changes", caption)?);
        }
        Ok(PictureSection {
            title: "Map".to_owned(),
            text: String::new(),
            key: legend_key(&self.legend),
            pictures,
        })
    }
}
