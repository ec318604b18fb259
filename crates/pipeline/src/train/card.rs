//! The trained network as a file with its card.

use super::job::{Job, Prepared};
use super::years::Year;
use crate::input_card::InputCard;
use crate::{Result, outcome};
use ecotone_cubes::SourceSpec;
use ecotone_io::gsd_metres;
use ecotone_jobs::Error as JobError;
use ecotone_jobs::RunFolder;
use ecotone_models::{ChannelStats, LegendClass, ModelCard, ObservedBy, TimelineCard, Trained, WindowCard};

impl Job<'_> {
    /// Writes model.safetensors and history.csv.
    pub(super) fn save(
        &self,
        prepared: &Prepared,
        year: &Year,
        trained: &Trained,
        folder: &RunFolder,
    ) -> Result<ModelCard> {
        let card = self.card(prepared, year, trained)?;
        trained.save(&folder.file("model.safetensors"), &card)?;
        outcome::write_history(folder, trained)?;
        Ok(card)
    }

    /// A network of several years is told as one of the first.
    fn card(&self, prepared: &Prepared, year: &Year, trained: &Trained) -> Result<ModelCard> {
        let (recipe, sources) = (self.recipe, year.series.specs());
        let spec = year.series.spec();
        let units = units(&sources);
        let inputs = InputCard { sources, blend: recipe.predict.blend, prior: recipe.predict.prior };
        let entry = |entry: &ecotone_core::LegendEntry| LegendClass {
            code: entry.code.0,
            name: entry.name.clone(),
            color: entry.color.to_string(),
        };
        let stats = prepared.normalisation.mean().iter().zip(prepared.normalisation.std());
        let stats = stats.map(|(mean, std)| ChannelStats { mean: *mean, std: *std });
        Ok(ModelCard {
            format: ModelCard::FORMAT,
            network: self.network(prepared.series(), &prepared.legend)?.get(),
            bands: prepared.series().channels().to_vec(),
            band_units: units,
            normalisation: stats.collect(),
            gsd: gsd_metres(prepared.labels().geobox())?,
            timeline: TimelineCard {
                step_days: spec.step_days,
                steps: spec.steps,
                fill: format!("{:?}", spec.fill).to_lowercase(),
                observed_by: ObservedBy::Pixel,
            },
            mask: spec.mask.to_string(),
            legend: prepared.legend.entries().iter().map(entry).collect(),
            window: WindowCard {
                size: recipe.predict.window + 2 * recipe.predict.halo,
                halo: recipe.predict.halo,
            },
            training: trained.summary(prepared.catalogs.join(", "), env!("CARGO_PKG_VERSION")),
            inputs: serde_json::to_value(inputs).map_err(|source| JobError::Json {
                act: "describing the inputs of",
                path: self.folder.file("model.safetensors"),
                source,
            })?,
        })
    }
}

/// The units of the bands of all sources, in words.
fn units(sources: &[SourceSpec]) -> String {
    let of = |source: &SourceSpec| if source.is_radar() { "backscatter in decibels" } else { "reflectance" };
    sources.iter().map(of).collect::<Vec<_>>().join(", then ")
}
