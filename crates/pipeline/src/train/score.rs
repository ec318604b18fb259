//! The map of the trained network, and its accuracy on the held-out blocks.

use super::job::{Job, Prepared};
use super::learn::Lesson;
use super::scored::Scored;
use super::scored::YearsScored;
use super::years::Year;
use crate::baseline::{Known, baselines};
use crate::mapping::{CUBES_IN_MEMORY, Mapping, TileJob, blend};
use crate::{Error, Result};
use ecotone_assessment::{AgainstTruth, HeldOut, write_calibration, write_tables};
use ecotone_core::GeoBox;
use ecotone_curation::UNLABELLED;
use ecotone_io::{RasterDataset, Resampling};
use ecotone_jobs::{Codes, NO_PERCENT, RunFolder, SINGLE_YEARS, YEARS, sha256, write_map_item};
use ecotone_metrics::{Calibration, ConfusionMatrix, Levels};
use ecotone_models::{ModelCard, Predictor, Trained};
use ecotone_tiling::Part;
use std::path::Path;

impl Job<'_> {
    /// Writes the map of each year, reads them back, and scores them.
    pub(super) fn map_and_score(
        &mut self,
        prepared: &Prepared,
        trained: &Trained,
        card: ModelCard,
    ) -> Result<Scored> {
        self.events.stage("predict")?;
        let folders = self.map_years(prepared, trained, card)?;
        let single = match self.recipe.train.single_years {
            true => Some(self.single_years(prepared)?),
            false => None,
        };
        self.events.stage("assess")?;
        let mut scored = self.score(prepared)?;
        if folders.len() > 1 {
            scored.years = Some(self.score_years(prepared, &folders, single.as_deref())?);
        }
        Ok(scored)
    }

    /// The first year's map goes into the run's folder, the others into folders of their own.
    fn map_years(
        &mut self,
        prepared: &Prepared,
        trained: &Trained,
        card: ModelCard,
    ) -> Result<Vec<RunFolder>> {
        let mut predictor = trained.predictor(card, self.resources.backend)?;
        let model = sha256(&self.folder.file("model.safetensors"))?;
        let mut folders = Vec::with_capacity(prepared.years.len());
        for (place, year) in prepared.years.iter().enumerate() {
            let folder = match place {
                0 => self.folder.clone(),
                _ => self.folder.part(&format!("{YEARS}/{}", year.name))?,
            };
            self.map(prepared, year, &folder, &mut predictor, &model)?;
            folders.push(folder);
        }
        Ok(folders)
    }

    /// Trains a network on each year alone and maps that year with it.
    fn single_years(&mut self, prepared: &Prepared) -> Result<Vec<RunFolder>> {
        let mut folders = Vec::with_capacity(prepared.years.len());
        for (place, year) in prepared.years.iter().enumerate() {
            self.progress.note(&format!("the network of {} alone", year.name));
            let folder = self.folder.part(&format!("{SINGLE_YEARS}/{}", year.name))?;
            let trained = self.train(&Lesson::of_year(prepared, place, &folder))?;
            let card = self.save(prepared, year, &trained, &folder)?;
            let mut predictor = trained.predictor(card, self.resources.backend)?;
            let model = sha256(&folder.file("model.safetensors"))?;
            self.map(prepared, year, &folder, &mut predictor, &model)?;
            folders.push(folder);
        }
        Ok(folders)
    }

    fn score_years(
        &self,
        prepared: &Prepared,
        folders: &[RunFolder],
        single: Option<&[RunFolder]>,
    ) -> Result<YearsScored> {
        let names: Vec<String> = prepared.years.iter().map(|year| year.name.clone()).collect();
        self.agreement_page(&names, folders, &prepared.legend_file, &self.folder.part(YEARS)?)?;
        if let Some(folders) = single {
            self.agreement_page(&names, folders, &prepared.legend_file, &self.folder.part(SINGLE_YEARS)?)?;
        }
        let single = single.map(|folders| self.score_series(prepared, folders)).transpose()?;
        let scored = YearsScored { names, all: self.score_series(prepared, folders)?, single };
        scored.write(prepared, &self.folder)?;
        Ok(scored)
    }

    fn map(
        &mut self,
        prepared: &Prepared,
        year: &Year,
        folder: &RunFolder,
        predictor: &mut dyn Predictor,
        model: &str,
    ) -> Result<()> {
        let recipe = self.recipe;
        let part = folder.root().strip_prefix(self.folder.root()).unwrap_or(folder.root());
        let tile = TileJob {
            series: &year.series,
            normalisation: &prepared.normalisation,
            legend: &prepared.legend,
            window: recipe.predict.window,
            halo: recipe.predict.halo,
            blend: blend(recipe.predict.blend),
            majority: recipe.predict.majority,
            probabilities: recipe.predict.probabilities,
            memory: CUBES_IN_MEMORY,
        };
        Mapping {
            tile,
            folder: folder.root(),
            strips: &folder.strips(),
            resume: folder.resumed(),
            model,
            events: &self.events.part(&part.to_string_lossy()),
        }
        .run(predictor, self.progress)?;
        Ok(write_map_item(folder, year.series.geobox(), &prepared.legend, year.series.period()?)?)
    }

    fn score(&self, prepared: &Prepared) -> Result<Scored> {
        let (path, legend, labels) = (self.folder.file("map.tif"), &prepared.legend, prepared.labels());
        let map = map_indices(&path, prepared)?;
        let test: Vec<bool> = prepared.split.codes().iter().map(|code| *code == Part::Test.code()).collect();
        let in_test = |indices: &[u8]| -> Vec<u8> {
            indices.iter().zip(&test).map(|(index, test)| if *test { *index } else { UNLABELLED }).collect()
        };
        let compared = |first: &[u8], reference: &[u8]| {
            let mut confusion = ConfusionMatrix::new(legend.len());
            confusion.add_many(first, reference)?;
            Ok::<_, Error>(confusion)
        };
        let reference = in_test(&labels.indices);
        let confusion = compared(&map, &reference)?;
        let held_out = HeldOut {
            test_pixels_in_training_fields: prepared.shared.map(|shared| shared.in_training_fields),
            test_pixels_touching_training: prepared.shared.map(|shared| shared.touching_training),
        };
        write_tables(&self.folder, legend, &confusion, None, Some(&held_out))?;
        let truth = prepared.first().truth.as_deref().map(in_test);
        let against = |truth: &Vec<u8>| {
            Ok::<_, Error>(AgainstTruth { map: compared(&map, truth)?, labels: compared(&reference, truth)? })
        };
        let against_truth = truth.as_ref().map(against).transpose()?;
        if let Some(against_truth) = &against_truth {
            against_truth.write(&self.folder, legend)?;
        }
        let best_known = truth.as_ref().unwrap_or(&reference);
        let confidence = self.confidence(prepared, &map, best_known)?;
        write_calibration(&self.folder, &confidence)?;
        // Scored where the map has an answer, so that all are compared on the same pixels.
        let scored: Vec<bool> =
            test.iter().zip(&map).map(|(test, map)| *test && *map != UNLABELLED).collect();
        let baselines = match self.recipe.assess.baselines {
            true => baselines(&known(prepared, &scored), legend.len())?,
            false => Vec::new(),
        };
        Ok(Scored { map, confusion, truth: against_truth, confidence, baselines, years: None })
    }

    /// How sure the map was, and whether it was right, where both are known.
    fn confidence(&self, prepared: &Prepared, map: &[u8], reference: &[u8]) -> Result<Calibration> {
        let layer = RasterDataset::open(self.folder.file("confidence.tif"))?;
        let read = |grid: &GeoBox| {
            Ok::<_, Error>(layer.read_onto::<u8>(1, grid, Resampling::Nearest)?.band(0).to_vec())
        };
        let percents = prepared.labels().site.plane(read)?;
        let mut confidence = Calibration::new(Levels::Percents);
        for ((percent, map), reference) in percents.iter().zip(map).zip(reference) {
            let known = *map != UNLABELLED && *reference != UNLABELLED;
            if known && *percent != NO_PERCENT {
                confidence.add(f64::from(*percent) / 100.0, map == reference)?;
            }
        }
        Ok(confidence)
    }
}

/// Class indices of a map as it came to disk, a plane over the areas.
pub(super) fn map_indices(path: &Path, prepared: &Prepared) -> Result<Vec<u8>> {
    let map = Codes::open(path, &prepared.legend, &[])?;
    Ok(prepared.labels().site.plane(|grid| map.read_indices(grid, &prepared.legend))?)
}

/// What baselines learn from and are scored on, area by area.
fn known<'a>(prepared: &'a Prepared, scored: &[bool]) -> Vec<Known<'a>> {
    let areas = prepared.split.areas();
    let of_area = |(area, cubes): (usize, &'a Vec<ecotone_core::Cube<f32>>)| {
        let part = areas.part(area);
        Known {
            cube: &cubes[0],
            labels: prepared.labels().indices[part.clone()].to_vec(),
            train: prepared.split.codes()[part.clone()]
                .iter()
                .map(|code| *code == Part::Train.code())
                .collect(),
            test: scored[part].to_vec(),
        }
    };
    prepared.cubes.iter().enumerate().map(of_area).collect()
}
