//! How consistent the maps of several years are, and how right.

use super::job::{Job, Prepared};
use super::scored::{MapSeries, YearsScored};
use super::tested::map_indices;
use super::years::Year;
use crate::Result;
use ecotone_assessment::{AgreeJob, agree};
use ecotone_curation::UNLABELLED;
use ecotone_jobs::{Existing, RunFolder, Silent, write_json};
use ecotone_metrics::{ChangeScores, ConfusionMatrix, PairAgreement, SeriesAgreement, changes_per_pixel};
use ecotone_tiling::Part;
use serde_json::{Value, json};
use std::path::Path;

impl Job<'_> {
    /// Reads the maps of each year back, compares them with each other, and leaves a page about it beside them.
    pub(super) fn score_series(&self, prepared: &Prepared, folders: &[RunFolder]) -> Result<MapSeries> {
        let legend = &prepared.legend;
        let read = |folder: &RunFolder| map_indices(&folder.file("map.tif"), prepared);
        let maps = folders.iter().map(read).collect::<Result<Vec<_>>>()?;
        let tested: Vec<bool> =
            prepared.split.codes().iter().map(|code| *code == Part::Test.code()).collect();
        let only = |plane: &[u8]| -> Vec<u8> {
            plane.iter().zip(&tested).map(|(class, test)| if *test { *class } else { UNLABELLED }).collect()
        };
        let test_maps: Vec<Vec<u8>> = maps.iter().map(|map| only(map)).collect();
        let accuracy = prepared.years.iter().zip(&test_maps).map(|(year, map)| {
            let truth = year.truth.as_ref().map(|truth| compared(map, truth, legend.len())).transpose()?;
            Ok((compared(map, &year.labels.indices, legend.len())?, truth))
        });
        Ok(MapSeries {
            agreement: series(&maps, legend.len())?,
            held_out: series(&test_maps, legend.len())?,
            accuracy: accuracy.collect::<Result<_>>()?,
            changes: changes(&test_maps, &prepared.years)?,
            maps,
        })
    }

    /// agreement.json, changes.tif and a page of their own, beside the maps.
    pub(super) fn agreement_page(
        &self,
        names: &[String],
        folders: &[RunFolder],
        legend: &Path,
        out: &RunFolder,
    ) -> Result<()> {
        let job = AgreeJob {
            maps: folders.iter().map(|folder| folder.file("map.tif")).collect(),
            legend: legend.to_owned(),
            names: names.to_vec(),
            tolerance: 0,
            mask: None,
            out: out.root().join("agreement"),
            ignore: Vec::new(),
            existing: Existing::Replace,
        };
        agree(&job, &Silent)?;
        Ok(())
    }
}

impl YearsScored {
    /// Writes years.json.
    pub(super) fn write(&self, prepared: &Prepared, folder: &RunFolder) -> Result<()> {
        let of = |series: &MapSeries| series.to_json(&self.names, prepared);
        let both = json!({
            "years": self.names,
            "all_years": of(&self.all),
            "single_years": self.single.as_ref().map(of),
        });
        Ok(write_json(&folder.file("years.json"), &both)?)
    }
}

impl MapSeries {
    /// Share of the pixels that keep their class from a year to the next, over all such steps.
    pub(crate) fn overall(series: &SeriesAgreement) -> Option<f64> {
        let matrices = series.consecutive();
        let (same, all) = matrices.fold((0, 0), |(same, all), matrix| {
            let kept: u64 = (0..matrix.classes()).map(|class| matrix.count(class, class)).sum();
            (same + kept, all + matrix.total())
        });
        (all > 0).then(|| same as f64 / all as f64)
    }

    /// How often each pixel changes its class over the years, 255 where a year has none.
    pub(crate) fn changes_per_pixel(&self) -> Result<Vec<u8>> {
        let maps: Vec<&[u8]> = self.maps.iter().map(Vec::as_slice).collect();
        Ok(changes_per_pixel(&maps)?)
    }

    fn to_json(&self, names: &[String], prepared: &Prepared) -> Value {
        let steps = self.agreement.consecutive().zip(self.held_out.consecutive()).enumerate();
        let steps = steps.map(|(step, (whole, held_out))| {
            let (whole, held_out) = (PairAgreement::of(whole), PairAgreement::of(held_out));
            let classes = whole.classes.iter().zip(&held_out.classes).zip(prepared.legend.entries());
            let classes = classes.map(|((whole, held_out), entry)| {
                json!({"code": entry.code.0, "class": entry.name, "agreement": whole.agreement, "held_out": held_out.agreement})
            });
            json!({
                "from": names[step],
                "to": names[step + 1],
                "agreement": whole.overall_agreement,
                "held_out": held_out.overall_agreement,
                "classes": classes.collect::<Vec<_>>(),
            })
        });
        let accuracy = self.accuracy.iter().zip(names).map(|((labels, truth), year)| {
            let scores = |matrix: &ConfusionMatrix| {
                json!({"overall_accuracy": matrix.overall_accuracy(), "macro_f1": matrix.macro_f1()})
            };
            json!({"year": year, "labels": scores(labels), "truth": truth.as_ref().map(scores)})
        });
        let changes = self.changes.map(|changes| {
            json!({
                "pixels": changes.pixels,
                "mapped_share": changes.mapped_share(),
                "real_share": changes.real_share(),
                "false_share": changes.false_share(),
                "found_share": changes.found_share(),
            })
        });
        json!({
            "agreement": Self::overall(&self.agreement),
            "held_out_agreement": Self::overall(&self.held_out),
            "mean_changes": self.agreement.mean_changes(),
            "steps": steps.collect::<Vec<_>>(),
            "accuracy": accuracy.collect::<Vec<_>>(),
            "changes": changes,
        })
    }
}

fn compared(map: &[u8], reference: &[u8], classes: usize) -> Result<ConfusionMatrix> {
    let mut matrix = ConfusionMatrix::new(classes);
    matrix.add_many(map, reference)?;
    Ok(matrix)
}

fn series(maps: &[Vec<u8>], classes: usize) -> Result<SeriesAgreement> {
    let mut series = SeriesAgreement::new(classes, maps.len())?;
    series.add(&maps.iter().map(Vec::as_slice).collect::<Vec<_>>())?;
    Ok(series)
}

fn changes(maps: &[Vec<u8>], years: &[Year]) -> Result<Option<ChangeScores>> {
    let Some(truths) = years.iter().map(|year| year.truth.as_deref()).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let mut scores = ChangeScores::default();
    for (maps, truths) in maps.windows(2).zip(truths.windows(2)) {
        scores.add([&maps[0], &maps[1]], [truths[0], truths[1]])?;
    }
    Ok(Some(scores))
}
