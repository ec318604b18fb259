//! Scenes that were found for a source.

use crate::source_spec::SourceSpec;
use ecotone_io::Scene;
use ecotone_jobs::Failure;

/// What a source is planned from.
pub struct Sought {
    /// How its scenes become channels and steps.
    pub spec: SourceSpec,
    /// Its scenes, in order of time.
    pub scenes: Vec<Scene>,
    /// Records that could not be read.
    pub failures: Vec<Failure>,
}
