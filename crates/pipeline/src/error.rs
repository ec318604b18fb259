//! What can go wrong in a job, with the thing that was at fault.

use crate::words::{article, hint};
use std::path::PathBuf;

/// The result of a stage of a job.
pub type Result<T> = std::result::Result<T, Error>;

/// A job that cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read.
    #[error("reading the {what} {}", path.display())]
    ReadFile {
        /// What the file is.
        what: &'static str,
        /// Where it is.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file or folder cannot be written.
    #[error("writing {}", path.display())]
    WriteFile {
        /// Where.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A recipe that is no valid TOML, or has a value that no key takes.
    #[error("recipe {origin}: {source}")]
    RecipeSyntax {
        /// The file.
        origin: String,
        /// Where and what.
        source: Box<toml::de::Error>,
    },
    /// A recipe that cannot be written out.
    #[error("writing the recipe as TOML")]
    WriteRecipe {
        /// Why.
        source: toml::ser::Error,
    },
    /// A key that no recipe has.
    #[error("unknown key `{key}` in {origin}; {}", hint(nearest.as_deref(), known))]
    UnknownKey {
        /// The file, or `--set`.
        origin: String,
        /// The key.
        key: String,
        /// The nearest valid key.
        nearest: Option<String>,
        /// All valid keys there.
        known: String,
    },
    /// A value of another type.
    #[error("`{key}` in {origin} is {found}, expected {} {expected}", article(expected))]
    WrongType {
        /// The file, or `--set`.
        origin: String,
        /// The key.
        key: String,
        /// The type that it has.
        expected: &'static str,
        /// The value found.
        found: String,
    },
    /// A setting without `=`.
    #[error("`--set {setting}`: expected key=value, such as train.epochs=20")]
    Setting {
        /// What was typed.
        setting: String,
    },
    /// A value out of range.
    #[error("`{key}` is {found}, expected {expected}")]
    Value {
        /// The key.
        key: &'static str,
        /// The value found.
        found: String,
        /// What it may be.
        expected: String,
    },
    /// A training that memory will not hold.
    #[error(
        "memory will not hold this training: a step takes about {step} (train.batch is {batch}, train.patch is {patch}) and \
         the series {series}, but {available} are available; a smaller train.batch with as much more train.accumulate \
         trains much the same"
    )]
    Memory {
        /// Patches a batch.
        batch: usize,
        /// The side of a patch.
        patch: usize,
        /// What a step takes, in words.
        step: String,
        /// What the series takes.
        series: String,
        /// What there is.
        available: String,
    },
    /// A word that is not one of a few.
    #[error("`{key}` is `{found}`, expected {known}{}", nearest.as_ref().map_or_else(String::new, |word| format!("; did you mean `{word}`?")))]
    Word {
        /// The key.
        key: &'static str,
        /// The word found.
        found: String,
        /// The nearest valid word.
        nearest: Option<String>,
        /// What it may be.
        known: String,
    },
    /// A date that is none.
    #[error("`{key}` is `{found}`, expected a date as YYYY-MM-DD")]
    Date {
        /// The key.
        key: &'static str,
        /// What stands there.
        found: String,
        /// Why it is no date.
        source: chrono::ParseError,
    },
    /// The output folder has a run in it.
    #[error("{} already holds a run; add --resume to go on with it, --force to replace it, or choose another --out", path.display())]
    RunExists {
        /// The folder.
        path: PathBuf,
    },
    /// The output folder has a run of another command in it.
    #[error("{} holds a run of `ecotone {found}`, which `ecotone {wanted}` neither goes on with nor replaces: choose another --out", path.display())]
    OtherCommand {
        /// The folder.
        path: PathBuf,
        /// The command that wrote it.
        found: &'static str,
        /// The command that would.
        wanted: &'static str,
    },
    /// An input of the job is a file that the job would delete or write over.
    #[error("{} is an input of this command, which would delete it or write over it: choose another --out", input.display())]
    InputAtRisk {
        /// The input.
        input: PathBuf,
    },
    /// A file of a name that the job writes, in a folder without a run that could have left it.
    #[error("{} would be written over, and is not known to be of an earlier run: move it, or choose another --out", path.display())]
    NotOfARun {
        /// The file.
        path: PathBuf,
    },
    /// Another process writes to the output folder.
    #[error("{} is in use by {holder}: wait for it to end, or choose another --out", path.display())]
    FolderInUse {
        /// The folder.
        path: PathBuf,
        /// Process, host and time.
        holder: String,
    },
    /// The run to resume was started with another recipe.
    #[error("{} was started with another recipe ({key} was {before}, is {now}); resume it with the same, or use --force", path.display())]
    OtherRecipe {
        /// The folder.
        path: PathBuf,
        /// The first key that differs.
        key: String,
        /// Its value in the folder.
        before: String,
        /// Its value now.
        now: String,
    },
    /// The finished rows of the map to resume were made of something else.
    #[error("{} holds rows that were mapped otherwise: {difference}; go on with the same, delete that folder to map them again, or begin anew with --force", path.display())]
    OtherRows {
        /// The folder of the rows.
        path: PathBuf,
        /// What is not the same.
        difference: String,
    },
    /// No scene fits the job.
    #[error(
        "no scene in {catalog} lies in the area, {period}, with at most {cloud} % clouds ({found} scenes in the catalogue)"
    )]
    NoScenes {
        /// The catalogues.
        catalog: String,
        /// First day, the day after the last, and the days between that count.
        period: String,
        /// Largest cloud cover.
        cloud: f64,
        /// Scenes before the query's limits.
        found: String,
    },
    /// An API was to be asked for scenes anywhere.
    #[error(
        "{catalog} is an API, whose archive has no end: say where, with --aoi or a raster as --grid, in a recipe with grid.aoi"
    )]
    NoArea {
        /// Its address.
        catalog: String,
    },
    /// Every scene failed.
    #[error("none of the {count} scenes could be read; the first, {scene}: {reason}")]
    AllScenesFailed {
        /// How many.
        count: usize,
        /// The first one.
        scene: String,
        /// Its reason.
        reason: String,
    },
    /// The area and the scenes lie apart.
    #[error("none of the {found} scenes of {catalog} overlaps the area of {area}, west {:.3}, south {:.3}, east {:.3}, north {:.3} degrees", bounds.min.x, bounds.min.y, bounds.max.x, bounds.max.y)]
    NoOverlap {
        /// What the area is that of: labels, or an area of interest.
        area: String,
        /// The area in degrees.
        bounds: ecotone_core::BoundingBox,
        /// The catalogues.
        catalog: String,
        /// Scenes in them.
        found: usize,
    },
    /// A legend that is none.
    #[error("understanding {}", path.display())]
    Legend {
        /// The file.
        path: PathBuf,
        /// Where and what.
        source: ecotone_core::Error,
    },
    /// Heights that lie elsewhere.
    #[error("{} has no height anywhere on the map's grid", path.display())]
    NoTerrain {
        /// The raster.
        path: PathBuf,
    },
    /// A scene without the sun's angles.
    #[error(
        "scene {scene} does not say where the sun stood (view:sun_elevation, view:sun_azimuth), which the illumination needs"
    )]
    NoSun {
        /// The scene.
        scene: String,
    },
    /// Labels that no class of the legend covers.
    #[error("the labels {} hold no pixel of any class of the legend on the map's grid", labels.display())]
    NoLabels {
        /// The labels.
        labels: PathBuf,
    },
    /// A code in the labels that the legend lacks.
    #[error("the labels {} hold code {code} ({pixels} pixels), which the legend lacks (it has {known}); add it to the legend or to labels.ignore", labels.display())]
    CodeWithoutLegend {
        /// The labels.
        labels: PathBuf,
        /// The code.
        code: u8,
        /// How often it occurs.
        pixels: u64,
        /// The codes of the legend.
        known: String,
    },
    /// Samples none of which can be learnt from.
    #[error("none of {samples} samples can be learnt from: {reasons}")]
    NoSamples {
        /// How many there are.
        samples: usize,
        /// Why, with how many each.
        reasons: String,
    },
    /// A split without pixels in one of its parts.
    #[error(
        "no labelled pixel lies in a {part} block; the labelled area of {rows} x {cols} pixels holds too few blocks of {block} pixels: lower split.block_m"
    )]
    EmptyPart {
        /// Training, validation or test.
        part: &'static str,
        /// Rows of the label grid.
        rows: usize,
        /// Columns of the label grid.
        cols: usize,
        /// Side of a block in pixels.
        block: usize,
    },
    /// No training patch fits.
    #[error(
        "no patch of {patch} x {patch} pixels fits into the training blocks of {block} pixels; lower train.patch or raise split.block_m"
    )]
    NoPatch {
        /// Side of a patch in pixels.
        patch: usize,
        /// Side of a block in pixels.
        block: usize,
    },
    /// Every pixel of the area is nodata in every scene.
    #[error("no clear observation anywhere in the area: all {scenes} scenes are nodata or masked there")]
    NothingObserved {
        /// How many scenes were read.
        scenes: usize,
    },
    /// No pixel was seen, and scenes could not be read.
    #[error(
        "nothing was seen anywhere in the area: {failed} of {scenes} scenes could not be read: {reasons}"
    )]
    NothingRead {
        /// How many scenes there are.
        scenes: usize,
        /// How many of them failed.
        failed: usize,
        /// The first ones with their reasons.
        reasons: String,
    },
    /// A map and its reference share no scored pixel.
    #[error("the map {} and the reference {} share no pixel with a class of the legend", map.display(), reference.display())]
    NothingToAssess {
        /// The map.
        map: PathBuf,
        /// The reference.
        reference: PathBuf,
    },
    /// A code in a map that the legend lacks.
    #[error("the map {} holds code {code}, which the legend lacks (it has {known}); if it stands for nothing, say so by --ignore {code}", map.display())]
    UnknownClass {
        /// The map.
        map: PathBuf,
        /// The code.
        code: u8,
        /// The codes of the legend.
        known: String,
    },
    /// A raster whose nodata is a class of its legend.
    #[error("{} declares {code} as nodata, which is the class `{class}` of the legend: if it is a class, take the declaration away (gdal_edit.py -unsetnodata FILE); if it stands for nothing, say so by --ignore {code}, or labels.ignore = [{code}] in a recipe", path.display())]
    NodataIsClass {
        /// The raster.
        path: PathBuf,
        /// The code.
        code: u8,
        /// The class of this code.
        class: String,
    },
    /// Two maps without a pixel that has a class in both.
    #[error("the maps {} and {} share no pixel with a class of the legend", first.display(), second.display())]
    NoSharedPixel {
        /// The one.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// Two maps that lie nowhere and differ in size.
    #[error("the maps {} and {} cannot be laid over each other: a raster without georeference is only comparable with one of the same size without it", first.display(), second.display())]
    NoCommonPlace {
        /// The one.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// A raster that lies nowhere beside one that lies somewhere.
    #[error("{} is without georeference (it has no coordinate reference system), but {} has one: where the two lie over each other cannot be known. Give the one the system that it is in, such as with `gdal_edit.py -a_srs EPSG:32633`", lacking.display(), placed.display())]
    OneWithoutPlace {
        /// The one that lies nowhere.
        lacking: PathBuf,
        /// The other.
        placed: PathBuf,
    },
    /// A resolution that is none in degrees.
    #[error(
        "`{key}` asks for pixels of {resolution}, but {crs} is in degrees: expected a part of a degree (20 m are about 0.00018), or a grid in metres, such as EPSG:32633"
    )]
    DegreesForMetres {
        /// The setting.
        key: &'static str,
        /// The side of a pixel.
        resolution: f64,
        /// The system.
        crs: String,
    },
    /// Heights on a grid whose plane is not in metres of the ground.
    #[error("the slopes of {} would be wrong on a grid in {crs}, whose units are no metres on the ground there: choose a grid in metres, such as UTM (grid.crs or --grid; for a map, gdalwarp -t_srs)", path.display())]
    SlopesWithoutMetres {
        /// The heights.
        path: PathBuf,
        /// The grid's system.
        crs: String,
    },
    /// A map without a pixel to draw.
    #[error("{} has no pixel of any class of the legend to draw a sample from", path.display())]
    NothingToDraw {
        /// The map.
        path: PathBuf,
    },
    /// More units than there are.
    #[error("{asked} {what} are asked for, but {} has {available}", path.display())]
    TooManyUnits {
        /// Pixels, or clusters.
        what: &'static str,
        /// How many.
        asked: u64,
        /// How many there are.
        available: u64,
        /// The map.
        path: PathBuf,
    },
    /// A file that may not be written over.
    #[error("{} exists; add --force to replace it, or choose another --out", path.display())]
    FileExists {
        /// The file.
        path: PathBuf,
    },
    /// A file that is none of ours.
    #[error("{} is no model, map, catalogue, recipe or run folder that ecotone knows", path.display())]
    UnknownFile {
        /// The file.
        path: PathBuf,
    },
    /// JSON that cannot be read or written.
    #[error("{act} {}", path.display())]
    Json {
        /// Reading or writing.
        act: &'static str,
        /// The file.
        path: PathBuf,
        /// Where and what.
        source: serde_json::Error,
    },
    /// A thread pool that cannot be made.
    #[error("starting {threads} threads")]
    Threads {
        /// How many.
        threads: usize,
        /// The reason.
        source: rayon::ThreadPoolBuildError,
    },
    /// Tables and samples of an assessment.
    #[error(transparent)]
    Assess(#[from] crate::AssessError),
    /// Samples to learn from.
    #[error(transparent)]
    Label(#[from] crate::LabelError),
    /// A description that cannot be made.
    #[error(transparent)]
    Core(#[from] ecotone_core::Error),
    /// Rasters, catalogues, vectors, tables.
    #[error(transparent)]
    Io(#[from] ecotone_io::Error),
    /// Filters of maps.
    #[error(transparent)]
    Postprocessing(#[from] ecotone_postprocessing::Error),
    /// Samples, forests or legends.
    #[error(transparent)]
    Labeling(#[from] ecotone_labeling::Error),
    /// Networks, weights, training.
    #[error(transparent)]
    Models(#[from] ecotone_models::Error),
    /// Accuracy.
    #[error(transparent)]
    Metrics(#[from] ecotone_metrics::Error),
    /// Series, masks, indices.
    #[error(transparent)]
    Preprocessing(#[from] ecotone_preprocessing::Error),
    /// Windows and splits.
    #[error(transparent)]
    Tiling(#[from] ecotone_tiling::Error),
    /// Simulated landscapes.
    #[error(transparent)]
    Simulate(#[from] ecotone_simulate::Error),
}

impl Error {
    /// A word that is not one of a few, with the nearest one.
    pub(crate) fn word(key: &'static str, found: &str, words: &[&str]) -> Self {
        let known = match words {
            [] => String::new(),
            [only] => (*only).to_owned(),
            [first @ .., last] => format!("{} or {last}", first.join(", ")),
        };
        let nearest = crate::words::nearest(found, words.iter().copied());
        Self::Word { key, found: found.to_owned(), nearest, known }
    }

    /// The error and its causes in one line, each said once.
    pub fn reasons(&self) -> String {
        let causes = std::iter::successors(Some(self as &dyn std::error::Error), |error| error.source());
        let mut text = String::new();
        for cause in causes.map(ToString::to_string) {
            if !text.contains(&cause) {
                text = if text.is_empty() { cause } else { format!("{text}: {cause}") };
            }
        }
        text
    }
}
