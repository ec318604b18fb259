//! A plan as a value: the scenes of each sensor for a grid, all that reading them needs to know, and what failed.

use crate::scene_plan::PlannedScene;
use crate::source_spec::SourceSpec;
use ecotone_core::GeoBox;
use ecotone_jobs::{Failure, Heights};
use std::sync::Arc;

/// Which scenes a series over a grid is made of, and how each is read. It is decided once, by a look at catalogues and
/// files; who has it asks no catalogue, decides nothing, and so makes the same of it as anybody else who has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    geobox: GeoBox,
    heights: Option<Heights>,
    sources: Vec<Arc<PlannedSource>>,
}

/// The scenes of one sensor in a [`Plan`].
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedSource {
    /// How scenes become channels and steps.
    pub spec: SourceSpec,
    /// Those in use, in order of time.
    pub scenes: Vec<PlannedScene>,
    /// Records and scenes that could not be planned.
    pub failures: Vec<Failure>,
}

impl Plan {
    /// From its parts. Bounds of scenes count on `geobox`.
    pub(crate) fn new(geobox: GeoBox, heights: Option<Heights>, sources: Vec<PlannedSource>) -> Self {
        Self { geobox, heights, sources: sources.into_iter().map(Arc::new).collect() }
    }

    /// The grid that it was made for.
    pub const fn geobox(&self) -> &GeoBox {
        &self.geobox
    }

    /// The heights, where a source wants to know how the sun shines on the ground.
    pub const fn heights(&self) -> Option<&Heights> {
        self.heights.as_ref()
    }

    /// The sources, the optical one first.
    pub fn sources(&self) -> impl ExactSizeIterator<Item = &PlannedSource> {
        self.sources.iter().map(AsRef::as_ref)
    }

    /// The same, to be kept by several.
    pub(crate) fn shared(&self) -> &[Arc<PlannedSource>] {
        &self.sources
    }

    /// The same scenes without a mask.
    #[must_use]
    pub fn unmasked(&self) -> Self {
        let unmasked = |source: &PlannedSource| PlannedSource {
            spec: source.spec.unmasked(),
            scenes: source.scenes.clone(),
            failures: Vec::new(),
        };
        Self::new(self.geobox.clone(), self.heights.clone(), self.sources().map(unmasked).collect())
    }
}
