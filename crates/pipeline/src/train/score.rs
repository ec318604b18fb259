//! The map of the trained network, and its accuracy on the held-out blocks.

use super::{Job, Prepared, Scored};
use crate::accuracy::write_tables;
use crate::baseline::{Known, baselines};
use crate::labels::{UNLABELLED, class_indices};
use crate::manifest::sha256;
use crate::mapping::{Mapping, blend};
use crate::series::cut;
use crate::{Result, map_item};
use ecotone_io::RasterDataset;
use ecotone_metrics::ConfusionMatrix;
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
            series: &prepared.series,
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
        map_item::write(&self.folder, &prepared.legend, &prepared.series)
    }

    fn score(&self, prepared: &Prepared) -> Result<Scored> {
        let path = self.folder.file("map.tif");
        let codes = RasterDataset::open(&path)?.read_onto::<u8>(
            1,
            &prepared.labels.geobox,
            ecotone_io::Resampling::Nearest,
        )?;
        let map = class_indices(&path, &codes, &prepared.legend, &[])?;
        let test: Vec<bool> = prepared.split.codes().iter().map(|code| *code == Part::Test.code()).collect();
        let reference: Vec<u8> = prepared
            .labels
            .indices
            .iter()
            .zip(&test)
            .map(|(label, test)| if *test { *label } else { UNLABELLED })
            .collect();
        let mut confusion = ConfusionMatrix::new(prepared.legend.len());
        confusion.add_many(&map, &reference)?;
        write_tables(&self.folder, &prepared.legend, &confusion)?;
        // Scored where the map has an answer, so that all are compared on the same pixels.
        let scored: Vec<bool> =
            test.iter().zip(&map).map(|(test, map)| *test && *map != UNLABELLED).collect();
        let baselines = match self.recipe.assess.baselines {
            true => baselines(&known(prepared, &scored), prepared.legend.len())?,
            false => Vec::new(),
        };
        Ok(Scored { map, confusion, baselines })
    }
}

/// What baselines learn from and are scored on, area by area.
fn known<'a>(prepared: &'a Prepared, scored: &[bool]) -> Vec<Known<'a>> {
    let shape = prepared.split.shape();
    let train: Vec<bool> = prepared.split.codes().iter().map(|code| *code == Part::Train.code()).collect();
    let areas = prepared.series.site().areas().iter().zip(&prepared.cubes);
    let of_area = |(area, cubes): (&ecotone_core::Window, &'a Vec<ecotone_core::Cube<f32>>)| Known {
        cube: &cubes[0],
        labels: cut(&prepared.labels.indices, shape, *area),
        train: cut(&train, shape, *area),
        test: cut(scored, shape, *area),
    };
    areas.map(of_area).collect()
}
