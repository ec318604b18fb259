//! Which keys are paths, and what they are relative to.

use std::path::Path;
use toml::{Table, Value};

/// Keys that hold a path, or a list of them.
pub(super) const PATHS: &[&str] = &[
    "inputs.catalog",
    "inputs.dem",
    "labels.raster",
    "labels.vector",
    "labels.legend",
    "grid.aoi",
    "assess.truth",
    "train.from",
];

/// Where relative paths start.
pub(super) struct Roots<'a> {
    /// The folder of the recipe.
    pub(super) recipe: &'a Path,
    /// The folder that the command was typed in.
    pub(super) here: &'a Path,
}

impl Roots<'_> {
    /// Makes the paths of a recipe file absolute.
    pub(super) fn resolve_file(&self, said: &mut Table) {
        for key in PATHS {
            let Some((section, name)) = key.split_once('.') else { continue };
            if let Some(slot) = said.get_mut(section).and_then(|s| s.get_mut(name)) {
                *slot = resolved(key, slot.clone(), self.recipe);
            }
        }
    }

    /// Makes a value from the command line absolute where its key is a path.
    pub(super) fn resolve_setting(&self, key: &str, value: Value) -> Value {
        if PATHS.contains(&key) { resolved(key, value, self.here) } else { value }
    }
}

fn resolved(key: &str, value: Value, root: &Path) -> Value {
    match value {
        Value::String(name) if key == "inputs.catalog" && is_known_catalog(&name, root) => {
            Value::String(name)
        }
        Value::String(text) if is_relative_path(&text) => {
            Value::String(root.join(text).display().to_string())
        }
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| resolved(key, item, root)).collect())
        }
        other => other,
    }
}

/// Whether a text is the name of a public catalogue, and of nothing in the folder.
fn is_known_catalog(name: &str, root: &Path) -> bool {
    ecotone_io::provider_named(name).is_some() && !root.join(name).exists()
}

/// Not an address, not a placeholder, not a bounding box, not already absolute, not "not said".
fn is_relative_path(text: &str) -> bool {
    let is_box =
        text.split(',').count() == 4 && text.split(',').all(|number| number.trim().parse::<f64>().is_ok());
    !text.is_empty()
        && !text.contains("://")
        && !text.starts_with('{')
        && !is_box
        && Path::new(text).is_relative()
}

/// The folder of a catalogue: itself, or that of its file.
pub(crate) fn catalog_folder(location: &str) -> String {
    let path = Path::new(location);
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    folder.display().to_string()
}
