//! The file of a plan: JSON whose form is declared here and in `file_scene.rs`, apart from the types that work with it.

use super::address::Address;
use super::file_scene::{GridForm, SceneForm};
use super::value::{Plan, PlannedSource};
use crate::source_spec::SourceSpec;
use crate::{Error, Result};
use ecotone_core::{BoundingBox, XY};
use ecotone_jobs::{Error as JobError, Failure, HeightTile, Heights, write_json};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// The number of this form; it rises with every change of it.
const FORMAT: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanForm {
    format: u32,
    grid: GridForm,
    heights: Option<PathBuf>,
    /// Of a collection of heights, the tiles: files, and where each lies in degrees (west, south, east, north). Absent where
    /// the heights are one raster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    height_tiles: Option<Vec<TileForm>>,
    sources: Vec<SourceForm>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TileForm {
    href: String,
    bounds: [f64; 4],
}

/// What any form begins with.
#[derive(Debug, Deserialize)]
struct AnyForm {
    format: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceForm {
    spec: SourceSpec,
    scenes: Vec<SceneForm>,
    failures: Vec<FailureForm>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FailureForm {
    scene: String,
    reason: String,
}

impl Plan {
    /// Writes it as JSON, whole or not at all. Signatures of addresses stay out of the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        Ok(write_json(path, &PlanForm::of(self))?)
    }

    /// Reads what [`Plan::write`] wrote: the same plan. Neither a catalogue nor a file of a scene is opened.
    ///
    /// # Errors
    /// When the file cannot be read, is no plan, or one of a form that this version does not know.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|source| JobError::ReadFile {
            what: "plan",
            path: path.to_owned(),
            source,
        })?;
        let unreadable = |source| JobError::Json { act: "reading the plan", path: path.to_owned(), source };
        let AnyForm { format } = serde_json::from_str(&text).map_err(unreadable)?;
        if format != FORMAT {
            return Err(Error::PlanFormat { path: path.to_owned(), found: format, expected: FORMAT });
        }
        let form: PlanForm = serde_json::from_str(&text).map_err(unreadable)?;
        form.plan().map_err(|source| Error::PlanGrid { path: path.to_owned(), source })
    }

    /// The SHA-256 of its JSON without blanks, in hexadecimal: the same for plans that are equal, and another for any other.
    ///
    /// # Errors
    /// When the path of the heights is no text.
    pub fn hash(&self) -> Result<String> {
        let text = serde_json::to_vec(&PlanForm::of(self)).map_err(|source| JobError::Json {
            act: "hashing the plan with the heights",
            path: self.heights().map(|heights| heights.place().to_owned()).unwrap_or_default(),
            source,
        })?;
        Ok(Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl PlanForm {
    fn of(plan: &Plan) -> Self {
        let tiles = plan.heights().and_then(Heights::tiles);
        Self {
            format: FORMAT,
            grid: GridForm::of(plan.geobox()),
            heights: plan.heights().map(|heights| heights.place().to_owned()),
            height_tiles: tiles.map(|tiles| tiles.iter().map(TileForm::of).collect()),
            sources: plan.sources().map(SourceForm::of).collect(),
        }
    }

    fn plan(self) -> std::result::Result<Plan, ecotone_core::Error> {
        let sources =
            self.sources.into_iter().map(SourceForm::source).collect::<std::result::Result<_, _>>()?;
        let tiles = self.height_tiles.map(|tiles| tiles.into_iter().map(TileForm::tile).collect());
        let heights = self.heights.map(|place| Heights::of(place, tiles));
        Ok(Plan::new(self.grid.geobox()?, heights, sources))
    }
}

impl TileForm {
    fn of(HeightTile { href, bounds: BoundingBox { min, max } }: &HeightTile) -> Self {
        Self { href: Address::new(href).unsigned().to_owned(), bounds: [min.x, min.y, max.x, max.y] }
    }

    fn tile(self) -> HeightTile {
        let [west, south, east, north] = self.bounds;
        let bounds = BoundingBox { min: XY::new(west, south), max: XY::new(east, north) };
        HeightTile { href: self.href, bounds }
    }
}

impl SourceForm {
    fn of(source: &PlannedSource) -> Self {
        let failure = |Failure { scene, reason }: &Failure| FailureForm {
            scene: scene.clone(),
            reason: reason.clone(),
        };
        Self {
            spec: source.spec.clone(),
            scenes: source.scenes.iter().map(SceneForm::of).collect(),
            failures: source.failures.iter().map(failure).collect(),
        }
    }

    fn source(self) -> std::result::Result<PlannedSource, ecotone_core::Error> {
        let failure = |FailureForm { scene, reason }| Failure { scene, reason };
        Ok(PlannedSource {
            spec: self.spec,
            scenes: self.scenes.into_iter().map(SceneForm::scene).collect::<std::result::Result<_, _>>()?,
            failures: self.failures.into_iter().map(failure).collect(),
        })
    }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
