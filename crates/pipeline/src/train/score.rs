//! The map of the trained network, and its accuracy on the held-out blocks.

use super::job::{Job, Prepared};
use super::learn::Lesson;
use super::prior_scores::{PriorScores, Said};
use super::scored::Scored;
use super::scored::YearsScored;
use super::tested::Tested;
use super::years::Year;
use crate::baseline::{Asked, Baselines};
use crate::mapping::{CUBES_IN_MEMORY, Mapping, TileJob, blend};
use crate::patches;
use crate::{Error, Result};
use ecotone_assessment::{AgainstTruth, BLOCKS, HeldOut, write_tables};
use ecotone_curation::UNLABELLED;
use ecotone_jobs::{RunFolder, SINGLE_YEARS, YEARS, sha256, write_map_item};
use ecotone_metrics::ConfusionMatrix;
use ecotone_models::{ModelCard, Predictor, Trained};
use ecotone_tiling::Part;

impl Job<'_> {
    /// Writes the map of each year, reads them back, and scores them.
    pub(super) fn map_and_score(
        &mut self,
        prepared: &Prepared,
        trained: &Trained,
        card: ModelCard,
    ) -> Result<Scored> {
        self.events.stage("predict")?;
        let (folders, said) = self.map_years(prepared, trained, card)?;
        let single = match self.recipe.train.single_years {
            true => Some(self.single_years(prepared)?),
            false => None,
        };
        self.events.stage("assess")?;
        let mut scored = self.score(prepared, &folders, &said)?;
        if folders.len() > 1 {
            scored.years = Some(self.score_years(prepared, &folders, single.as_deref())?);
        }
        Ok(scored)
    }

    /// The first year's map goes into the run's folder, the others into folders of their own. Of the first, what the network
    /// said of the test pixels.
    fn map_years(
        &mut self,
        prepared: &Prepared,
        trained: &Trained,
        card: ModelCard,
    ) -> Result<(Vec<RunFolder>, Said)> {
        let prior = self.recipe.predict.prior;
        let mut said = Said::of(
            Part::Test,
            prepared,
            self.tile(prepared, prepared.first()).layers(),
            &card.bias(),
            prior,
        );
        let mut predictor = trained.predictor(card, self.resources.backend)?.with_prior(prior.of_network());
        let model = sha256(&self.folder.file("model.safetensors"))?;
        let mut folders = Vec::with_capacity(prepared.years.len());
        for (place, year) in prepared.years.iter().enumerate() {
            let folder = match place {
                0 => self.folder.clone(),
                _ => self.folder.part(&format!("{YEARS}/{}", year.name))?,
            };
            self.map(prepared, year, &folder, &mut predictor, &model, (place == 0).then_some(&mut said))?;
            folders.push(folder);
        }
        Ok((folders, said))
    }

    /// Trains a network on each year alone and maps that year with it.
    fn single_years(&mut self, prepared: &Prepared) -> Result<Vec<RunFolder>> {
        let mut folders = Vec::with_capacity(prepared.years.len());
        for (place, year) in prepared.years.iter().enumerate() {
            self.progress.note(&format!("the network of {} alone", year.name));
            let folder = self.folder.part(&format!("{SINGLE_YEARS}/{}", year.name))?;
            let trained = self.train(&Lesson::of_year(prepared, place, &folder))?;
            let card = self.save(prepared, year, &trained, &folder)?;
            let predictor = trained.predictor(card, self.resources.backend)?;
            let mut predictor = predictor.with_prior(self.recipe.predict.prior.of_network());
            let model = sha256(&folder.file("model.safetensors"))?;
            self.map(prepared, year, &folder, &mut predictor, &model, None)?;
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

    /// What is mapped of a year, without scores.
    fn tile<'p>(&self, prepared: &'p Prepared, year: &'p Year) -> TileJob<'p> {
        let predict = &self.recipe.predict;
        TileJob {
            series: &year.series,
            normalisation: &prepared.normalisation,
            legend: &prepared.legend,
            window: predict.window,
            halo: predict.halo,
            blend: blend(predict.blend),
            majority: predict.majority,
            probabilities: predict.probabilities,
            scored: None,
            memory: CUBES_IN_MEMORY,
        }
    }

    fn map(
        &mut self,
        prepared: &Prepared,
        year: &Year,
        folder: &RunFolder,
        predictor: &mut dyn Predictor,
        model: &str,
        said: Option<&mut Said>,
    ) -> Result<()> {
        let part = folder.root().strip_prefix(self.folder.root()).unwrap_or(folder.root());
        let factors = said.as_ref().map(|said| said.factors().to_vec());
        let mapping = Mapping {
            tile: TileJob { scored: factors.as_deref(), ..self.tile(prepared, year) },
            folder: folder.root(),
            strips: &folder.strips(),
            resume: folder.resumed(),
            model,
            prior: self.recipe.predict.prior,
            events: &self.events.part(&part.to_string_lossy()),
        };
        match said {
            Some(said) => {
                let areas = prepared.split.areas();
                mapping.run_watched(
                    predictor,
                    &mut |rows, layers| said.hear(areas, rows, layers),
                    self.progress,
                )
            }
            None => mapping.run(predictor, self.progress),
        }?;
        Ok(write_map_item(folder, year.series.geobox(), &prepared.legend, year.series.period()?)?)
    }

    fn score(&self, prepared: &Prepared, folders: &[RunFolder], said: &Said) -> Result<Scored> {
        let (legend, labels) = (&prepared.legend, prepared.labels());
        let tested = Tested::read(prepared, folders)?;
        let map = tested.maps[0].clone();
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
        let seen = Lesson::of_all(prepared, &self.folder).ground().seen_labels();
        let held_out = HeldOut {
            test_pixels_in_training_fields: prepared.shared.map(|shared| shared.in_training_fields),
            test_pixels_touching_training: prepared.shared.map(|shared| shared.touching_training),
            unreached_training_pixels: patches::unreached(
                &prepared.split,
                seen.iter().map(Vec::as_slice),
                self.recipe.train.patch,
            ),
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
        let priors = PriorScores::of(said, &reference, best_known)?;
        priors.write(&self.folder, legend)?;
        tested.table(legend).write(&self.folder.file(BLOCKS))?;
        let asked = Asked {
            truth: tested.truth,
            years: folders.len(),
            forest_pixels: self.recipe.assess.forest_pixels,
            seed: self.recipe.train.seed,
        };
        let baselines = match self.recipe.assess.baselines {
            true => Some(Baselines::of(&tested.known(prepared), legend, &asked)?),
            false => None,
        };
        Ok(Scored { map, confusion, truth: against_truth, priors, baselines, years: None })
    }
}

#[cfg(test)]
mod tests;
