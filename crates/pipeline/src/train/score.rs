//! The map of the trained network, and its accuracy on the held-out blocks.

use super::{Job, Prepared, Scored};
use crate::accuracy::{AgainstTruth, write_calibration, write_tables};
use crate::baseline::{Known, baselines};
use crate::labels::{UNLABELLED, class_indices};
use crate::manifest::sha256;
use crate::mapping::{Mapping, blend};
use crate::series::cut;
use crate::{Error, Result, map_item};
use ecotone_core::Raster;
use ecotone_io::{RasterDataset, Resampling};
use ecotone_metrics::{Calibration, ConfusionMatrix, Levels};
use ecotone_models::{ModelCard, Trained};
use ecotone_tiling::Part;

impl Job<'_> {
    /// Writes the map, reads it back, and scores it.
    pub(super) fn map_and_score(
        &mut self,
        prepared: &Prepared,
        trained: &Trained,
        card: ModelCard,
    ) -> Result<Scored> {
        self.manifest.stage("predict");
        self.map(prepared, trained, card)?;
        self.manifest.stage("assess");
        self.score(prepared)
    }

    fn map(&mut self, prepared: &Prepared, trained: &Trained, card: ModelCard) -> Result<()> {
        let mut predictor = trained.predictor(card, self.resources.backend)?;
        let recipe = self.recipe;
        let mapped = Mapping {
            series: prepared.series(),
            normalisation: &prepared.normalisation,
            legend: &prepared.legend,
            window: recipe.predict.window,
            halo: recipe.predict.halo,
            blend: blend(recipe.predict.blend),
            probabilities: recipe.predict.probabilities,
            folder: self.folder.root(),
            strips: &self.folder.strips(),
            resume: self.folder.resumed(),
            model: &sha256(&self.folder.file("model.safetensors"))?,
        }
        .run(&mut predictor, self.progress)?;
        self.manifest.failed(&mapped.failures);
        map_item::write(&self.folder, &prepared.legend, prepared.series())
    }

    fn score(&self, prepared: &Prepared) -> Result<Scored> {
        let (path, legend, labels) = (self.folder.file("map.tif"), &prepared.legend, prepared.labels());
        let map = class_indices(&path, &self.read_back("map.tif", prepared)?, legend, &[])?;
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
        write_tables(&self.folder, legend, &confusion)?;
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
        Ok(Scored { map, confusion, truth: against_truth, confidence, baselines })
    }

    /// A layer of the map as it came to disk.
    fn read_back(&self, name: &str, prepared: &Prepared) -> Result<Raster<u8>> {
        let grid = &prepared.labels().geobox;
        Ok(RasterDataset::open(self.folder.file(name))?.read_onto::<u8>(1, grid, Resampling::Nearest)?)
    }

    /// How sure the map was, and whether it was right, where both are known.
    fn confidence(&self, prepared: &Prepared, map: &[u8], reference: &[u8]) -> Result<Calibration> {
        let percents = self.read_back("confidence.tif", prepared)?;
        let mut confidence = Calibration::new(Levels::Percents);
        for ((percent, map), reference) in percents.band(0).iter().zip(map).zip(reference) {
            if *map != UNLABELLED && *reference != UNLABELLED {
                confidence.add(f64::from(*percent) / 100.0, map == reference)?;
            }
        }
        Ok(confidence)
    }
}

/// What baselines learn from and are scored on, area by area.
fn known<'a>(prepared: &'a Prepared, scored: &[bool]) -> Vec<Known<'a>> {
    let shape = prepared.split.shape();
    let train: Vec<bool> = prepared.split.codes().iter().map(|code| *code == Part::Train.code()).collect();
    let areas = prepared.series().site().areas().iter().zip(&prepared.cubes);
    let of_area = |(area, cubes): (&ecotone_core::Window, &'a Vec<ecotone_core::Cube<f32>>)| Known {
        cube: &cubes[0],
        labels: cut(&prepared.labels().indices, shape, *area),
        train: cut(&train, shape, *area),
        test: cut(scored, shape, *area),
    };
    areas.map(of_area).collect()
}
