//! Areas of wall-to-wall counts: those of the pixels that were compared, as large as they are on the ground.

use super::Classes;
use super::pairs::{Compared, Counted};
use crate::Result;
use ecotone_io::write_csv;
use ecotone_jobs::RunFolder;
use ecotone_metrics::ConfusionMatrix;

/// Hectares of each class in the map and in the reference.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MappedAreas {
    parts: ConfusionMatrix,
    hectares: f64,
    /// Share of the area that is right, where it is not the share of the pixels.
    pub(crate) overall_accuracy: Option<f64>,
}

impl MappedAreas {
    /// `None` where the map lies nowhere.
    ///
    /// # Errors
    /// When a scored pixel has a code that the legend lacks.
    pub(super) fn of(counted: &Counted, compared: &Compared<'_>) -> Result<Option<Self>> {
        let Some(hectares) = counted.hectares() else { return Ok(None) };
        let parts = counted.area_confusion(compared)?;
        let overall_accuracy = parts.overall_accuracy().filter(|_| counted.is_weighed());
        Ok(Some(Self { parts, hectares, overall_accuracy }))
    }

    /// What to say where pixels are not equally large.
    pub(super) fn notice(&self) -> Option<String> {
        self.overall_accuracy.map(|overall| {
            format!(
                "The map's pixels are not equally large on the ground, as they are not in degrees or EPSG:3857. Accuracies \
                 here count pixels; by area on the ellipsoid the overall accuracy is {overall:.3}. areas.csv holds areas."
            )
        })
    }

    /// Writes areas.csv.
    pub(super) fn write(&self, folder: &RunFolder, classes: &Classes) -> Result<()> {
        let rows = classes.iter().enumerate().map(|(index, class)| {
            let hectares = |parts: u64| format!("{:.4}", parts as f64 * self.hectares);
            let (map, reference) = (self.parts.row_sum(index), self.parts.col_sum(index));
            let both = self.parts.count(index, index);
            (class.code.as_str(), class.name.as_str(), hectares(map), hectares(reference), hectares(both))
        });
        let header = ["code", "class", "map_ha", "reference_ha", "both_ha"];
        Ok(write_csv(folder.file("areas.csv"), &header, rows)?)
    }
}
