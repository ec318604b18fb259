//! What can go wrong in any job, with the thing that was at fault.

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
    /// A line of a run's events that is none.
    #[error("reading line {line} of {}", path.display())]
    Event {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
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
    /// The run to resume was started with another argument.
    #[error("{} was started with another {argument} ({argument} was {before}, is {now}); resume it with the same, or use --force", path.display())]
    OtherArgument {
        /// The folder.
        path: PathBuf,
        /// The first argument that differs.
        argument: String,
        /// What it was in the folder's run.
        before: String,
        /// What it is now.
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
    /// A file that may not be written over.
    #[error("{} exists; add --force to replace it, or choose another --out", path.display())]
    FileExists {
        /// The file.
        path: PathBuf,
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
    /// A raster that lies nowhere beside one that lies somewhere.
    #[error("{} is without georeference (it has no coordinate reference system), but {} has one: where the two lie over each other cannot be known. Give the one the system that it is in, such as with `gdal_edit.py -a_srs EPSG:32633`", lacking.display(), placed.display())]
    OneWithoutPlace {
        /// The one that lies nowhere.
        lacking: PathBuf,
        /// The other.
        placed: PathBuf,
    },
    /// Heights on a grid whose plane is not in metres of the ground.
    #[error("the slopes of {} would be wrong on a grid in {crs}, whose units are no metres on the ground there: choose a grid in metres, such as UTM (grid.crs or --grid; for a map, gdalwarp -t_srs)", path.display())]
    SlopesWithoutMetres {
        /// The heights.
        path: PathBuf,
        /// The grid's system.
        crs: String,
    },
    /// A thread pool that cannot be made.
    #[error("starting {threads} threads")]
    Threads {
        /// How many.
        threads: usize,
        /// The reason.
        source: rayon::ThreadPoolBuildError,
    },
    /// A description that cannot be made.
    #[error(transparent)]
    Core(#[from] ecotone_core::Error),
    /// Rasters, catalogues, vectors, tables.
    #[error(transparent)]
    Io(#[from] ecotone_io::Error),
    /// Filters of maps.
    #[error(transparent)]
    Postprocessing(#[from] ecotone_postprocessing::Error),
}

impl Error {
    /// A word that is not one of a few, with the nearest one.
    pub fn word(key: &'static str, found: &str, words: &[&str]) -> Self {
        let known = match words {
            [] => String::new(),
            [only] => (*only).to_owned(),
            [first @ .., last] => format!("{} or {last}", first.join(", ")),
        };
        let nearest = crate::words::nearest(found, words.iter().copied());
        Self::Word { key, found: found.to_owned(), nearest, known }
    }
}

/// An error and its causes in one line, each said once.
pub fn reasons(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut text = String::new();
    for cause in causes.map(ToString::to_string) {
        if !text.contains(&cause) {
            text = if text.is_empty() { cause } else { format!("{text}: {cause}") };
        }
    }
    text
}
