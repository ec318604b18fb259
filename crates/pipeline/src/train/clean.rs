//! Labels that forests of every year confirm: from a coarse and outdated map to a training set for all years.
//!
//! Source: consistent annual land-cover maps from one network for several years. Of each class and year the dominant
//! cluster in the space of five spectral indices is kept; it grows a forest a year; pixels that the forests of all years
//! see as the labels do are the training set. Validation and test blocks take no part: what is chosen and fitted on labels that
//! forests find easy would not hold on others.

use super::job::Job;
use super::years::Year;
use crate::Result;
use crate::recipe::FillKind;
use ecotone_core::{Cube, Legend, Nodata};
use ecotone_curation::{Confirming, UNLABELLED, YearSamples, class_codes, confirmed};
use ecotone_io::{CogOptions, Content};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{nodata_code, write_json};
use ecotone_tiling::{BlockSplit, Part};
use serde::Serialize;

/// The raw cubes of one year: for each area one a source.
pub(super) type Areas = Vec<Vec<Cube<f32>>>;

/// What became of the labels of a year.
#[derive(Debug, Serialize)]
struct CleanedYear {
    year: String,
    labelled: usize,
    samples: usize,
    in_dominant_clusters: usize,
    confirmed: usize,
    stable: usize,
    classes: Vec<CleanedClass>,
    /// Where the truth is known.
    truth: Option<AgainstTruth>,
}

#[derive(Debug, Serialize)]
struct CleanedClass {
    code: u8,
    class: String,
    labelled: usize,
    stable: usize,
}

/// How right the labels of training blocks are, and what was left out of them.
#[derive(Debug, Serialize)]
struct AgainstTruth {
    accuracy_before: f64,
    accuracy_after: f64,
    /// Share of the pixels left out whose label was wrong.
    precision: f64,
    /// Share of the pixels of a wrong label that were left out.
    recall: f64,
}

impl Job<'_> {
    /// Leaves the labels of training blocks only where the forests of all years confirm them; says in
    /// labels.json what became of them, and writes the labels that are left as labels.tif.
    pub(super) fn clean(
        &self,
        years: &mut [Year],
        cubes: &[Areas],
        split: &BlockSplit,
        legend: &Legend,
    ) -> Result<()> {
        if self.recipe.timeline.fill == FillKind::Zero {
            let expected =
                "linear or harmonic, as labels.cleaning looks at the indices of every date".to_owned();
            return Err(JobError::Value { key: "timeline.fill", found: "zero".to_owned(), expected }.into());
        }
        let taught: Vec<bool> = split.codes().iter().map(|code| *code == Part::Train.code()).collect();
        let labels = &self.recipe.labels;
        // Another draw a year, so that no pixel is confirmed in all years by forests that were taught it.
        let seed = |year: usize| self.recipe.train.seed.wrapping_add(year as u64);
        self.progress.begin("clean labels", years.len() as u64, "years");
        let mut found = Vec::with_capacity(years.len());
        for (place, (year, areas)) in years.iter().zip(cubes).enumerate() {
            let how = Confirming { samples: labels.samples, clusters: labels.clusters, seed: seed(place) };
            let samples =
                YearSamples { series: &year.series, areas, labels: &year.labels.indices, open: &taught };
            found.push(confirmed(&samples, &how, legend)?);
            self.progress.advance(1, "");
        }
        self.progress.end();
        let in_all = |pixel: usize| found.iter().all(|year| year.pixels[pixel]);
        let stable: Vec<bool> = (0..taught.len()).map(in_all).collect();
        let mut told = Vec::with_capacity(years.len());
        for (year, confirmed) in years.iter_mut().zip(&found) {
            let kept = |keep: &[bool]| -> Vec<u8> {
                let labels = year.labels.indices.iter().zip(&taught).zip(keep);
                labels
                    .map(|((label, taught), keep)| if *taught && !keep { UNLABELLED } else { *label })
                    .collect()
            };
            (year.annual, year.learnt) = (kept(&confirmed.pixels), kept(&stable));
            told.push(CleanedYear {
                year: year.name.clone(),
                labelled: count(&year.labels.indices, &taught, None),
                samples: confirmed.samples,
                in_dominant_clusters: confirmed.dominant,
                confirmed: count(&year.annual, &taught, None),
                stable: count(&year.learnt, &taught, None),
                classes: classes(year, &taught, legend),
                truth: year.truth.as_ref().map(|truth| against(truth, year, &taught)),
            });
        }
        self.say(&told);
        write_json(&self.folder.file("labels.json"), &told)?;
        self.write_labels(&years[0], legend)
    }

    fn say(&self, told: &[CleanedYear]) {
        for class in told[0].classes.iter().filter(|class| class.labelled > 0 && class.stable == 0) {
            let CleanedClass { class, labelled, .. } = class;
            self.progress.note(&format!(
                "none of the {labelled} training pixels labelled `{class}` is confirmed in every year: the network will not learn it"
            ));
        }
        let (labelled, stable) = (told[0].labelled, told[0].stable);
        let share = 100.0 * stable as f64 / labelled.max(1) as f64;
        self.progress.note(&format!(
            "{stable} of {labelled} labelled training pixels ({share:.1} %) are confirmed in every year"
        ));
    }

    fn write_labels(&self, year: &Year, legend: &Legend) -> Result<()> {
        let nodata = nodata_code(legend);
        let codes = class_codes(&year.learnt, legend, nodata);
        let (content, nodata) = (Content::Classes(legend.clone()), Some(Nodata::new(f64::from(nodata))));
        let options = CogOptions { content, nodata, ..CogOptions::default() };
        Ok(year.labels.site.write_plane(&self.folder.file("labels.tif"), &codes, options)?)
    }
}

/// Labelled pixels among the open ones: all, or those of a class.
fn count(labels: &[u8], open: &[bool], class: Option<usize>) -> usize {
    let counts = |label: &u8| *label != UNLABELLED && class.is_none_or(|class| usize::from(*label) == class);
    labels.iter().zip(open).filter(|(label, open)| **open && counts(label)).count()
}

fn classes(year: &Year, open: &[bool], legend: &Legend) -> Vec<CleanedClass> {
    let class = |(class, entry): (usize, &ecotone_core::LegendEntry)| CleanedClass {
        code: entry.code.0,
        class: entry.name.clone(),
        labelled: count(&year.labels.indices, open, Some(class)),
        stable: count(&year.learnt, open, Some(class)),
    };
    legend.entries().iter().enumerate().map(class).collect()
}

fn against(truth: &[u8], year: &Year, open: &[bool]) -> AgainstTruth {
    // [was it left out][is it right]
    let mut counts = [[0u64; 2]; 2];
    for (pixel, label) in year.labels.indices.iter().enumerate().filter(|(pixel, _)| open[*pixel]) {
        if *label != UNLABELLED && truth[pixel] != UNLABELLED {
            let out = usize::from(year.learnt[pixel] == UNLABELLED);
            counts[out][usize::from(*label == truth[pixel])] += 1;
        }
    }
    let share = |part: u64, all: u64| part as f64 / all.max(1) as f64;
    let [[kept_wrong, kept_right], [out_wrong, out_right]] = counts;
    AgainstTruth {
        accuracy_before: share(kept_right + out_right, counts.as_flattened().iter().sum()),
        accuracy_after: share(kept_right, kept_right + kept_wrong),
        precision: share(out_wrong, out_wrong + out_right),
        recall: share(out_wrong, out_wrong + kept_wrong),
    }
}
