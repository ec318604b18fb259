//! What a prediction asks for in the place of what the model's card says: scenes of another provider are called otherwise.

use super::job::PredictJob;
use crate::Result;
use ecotone_core::Sensor;
use ecotone_cubes::{MaskFormat, Sought, SourceSpec};
use ecotone_jobs::Error as JobError;
use ecotone_preprocessing::OffsetRule;

impl PredictJob {
    /// The sources with the collections, the mask's layer and the offset that were asked for.
    ///
    /// # Errors
    /// When the offset is none, or there is no mask whose layer could be another.
    pub(super) fn as_asked(&self, mut sources: Vec<SourceSpec>) -> Result<Vec<SourceSpec>> {
        let wrong = |key, found: &str, expected: &str| {
            Err(JobError::Value { key, found: found.to_owned(), expected: expected.to_owned() }.into())
        };
        if let Some(offset) = self.offset.as_ref().filter(|text| text.parse::<OffsetRule>().is_err()) {
            return wrong(
                "--offset",
                offset,
                "auto, provider, pixels, none or a number of counts such as -1000",
            );
        }
        let is_masked = |source: &SourceSpec| source.mask.kind != MaskFormat::None;
        if let Some(asset) = self.mask_asset.as_ref().filter(|_| !sources.iter().any(is_masked)) {
            return wrong("--mask-asset", asset, "nothing: the model does without a mask");
        }
        for source in &mut sources {
            if !self.collections.is_empty() {
                source.collections.clone_from(&self.collections);
            }
            if let Some(asset) = self.mask_asset.as_ref().filter(|_| is_masked(source)) {
                source.mask.asset.clone_from(asset);
            }
            if let Some(offset) = self.offset.as_ref().filter(|_| !source.is_radar()) {
                source.offset.clone_from(offset);
            }
        }
        Ok(sources)
    }

    /// Gives each scene of the collections that were asked for to the source that reads its sensor, where the model reads radar
    /// and optical scenes.
    ///
    /// # Errors
    /// When a source is left without a scene.
    pub(super) fn parted(&self, mut sought: Vec<Sought>) -> Result<Vec<Sought>> {
        let radar = sought.iter().filter(|sought| sought.spec.is_radar()).count();
        if self.collections.is_empty() || radar == 0 || radar == sought.len() {
            return Ok(sought);
        }
        for Sought { spec, scenes, .. } in &mut sought {
            let is_radar = spec.is_radar();
            scenes.retain(|scene| {
                scene.sensor().is_none_or(|sensor| (sensor == Sensor::Sentinel1) == is_radar)
            });
            if scenes.is_empty() {
                let kind = if is_radar { "radar" } else { "optical" };
                let (found, key) = (self.collections.join(" "), "--collection");
                let expected = format!("a collection of {kind} scenes among them: the model reads both");
                return Err(JobError::Value { key, found, expected }.into());
            }
        }
        Ok(sought)
    }
}
