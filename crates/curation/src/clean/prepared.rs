//! What a cleaning starts from.

use super::job::CleanJob;
use super::method::Method;
use super::series::{Filled, SeriesTable};
use crate::{Error, Result};
use ecotone_core::Legend;
use ecotone_labeling::Samples;
use ecotone_preprocessing::BoundIndex;
use ndarray::Array2;

/// All that the cleaning starts from.
pub(super) struct Prepared {
    pub(super) samples: Samples,
    pub(super) legend: Legend,
    /// The legend's indices of the classes that have samples with a series.
    pub(super) present: Vec<usize>,
    /// Their names.
    pub(super) names: Vec<String>,
    /// Class of each sample with a series, as a place among those.
    pub(super) labels: Vec<usize>,
    pub(super) table: SeriesTable,
    /// None where bands are missing and no clusters are looked for.
    pub(super) indices: Vec<BoundIndex>,
    pub(super) filled: Filled,
    /// `[sample, index x date]`; of the filled series where there are no indices.
    pub(super) features: Array2<f32>,
    pub(super) feature_names: Vec<String>,
}

impl Prepared {
    /// From samples with their features.
    pub(super) fn of(job: &CleanJob, method: Method, samples: Samples, legend: Legend) -> Result<Self> {
        let all = samples.labels(&legend)?;
        let table = SeriesTable::of(&samples.features, &job.samples)?;
        let indices = match (table.indices(), method.clusters) {
            (Ok(indices), _) => indices,
            (Err(error), true) => return Err(error),
            (Err(_), false) => Vec::new(),
        };
        let bands = match method.confident {
            true => (0..table.bands.len()).collect(),
            false => table.needed(&indices),
        };
        let filled = table.filled(&samples, &bands);
        if filled.rows.is_empty() {
            let reasons = match filled.absent.first() {
                Some((_, band)) => format!("{} have no value of {band} at any date", filled.absent.len()),
                None => "there is none".to_owned(),
            };
            return Err(Error::AllLeftOut { reasons });
        }
        let mut present: Vec<usize> = filled.rows.iter().map(|row| all[*row]).collect();
        present.sort_unstable();
        present.dedup();
        let place = |row: &usize| present.partition_point(|class| *class < all[*row]);
        let labels = filled.rows.iter().map(place).collect();
        let names = present.iter().map(|class| legend.entries()[*class].name.clone()).collect();
        let (features, feature_names) = match indices.is_empty() {
            true => {
                let named = bands.iter().map(|band| table.bands[*band].as_str());
                (filled.values.clone(), table.names(named))
            }
            false => (
                table.evaluate(&indices, &bands, &filled.values)?,
                table.names(indices.iter().map(BoundIndex::name)),
            ),
        };
        Ok(Self { samples, legend, present, names, labels, table, indices, filled, features, feature_names })
    }
}
