//! A layer of a vector file, as people name it: `FILE` where only one layer holds features, else `FILE#LAYER`.

use super::nearest::nearest;
use crate::open::open_dataset;
use crate::{Error, Result, VectorError};
use gdal::vector::{Layer, LayerAccess};
use gdal::{Dataset, GdalOpenFlags};
use std::fmt;
use std::path::{Path, PathBuf};

/// A vector file, and which of its layers is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VectorLayer {
    path: PathBuf,
    layer: Option<String>,
}

impl VectorLayer {
    /// A file and the layer that was named apart from it; `None`: as [`parse`](Self::parse).
    pub fn named(path: impl AsRef<Path>, layer: Option<&str>) -> Self {
        match layer {
            Some(layer) => Self { path: path.as_ref().to_owned(), layer: Some(layer.to_owned()) },
            None => Self::parse(path),
        }
    }

    /// `FILE` or `FILE#LAYER`. A file of just that name, `#` and all, is taken as it is.
    ///
    /// ```
    /// use ecotone_io::VectorLayer;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// let file = folder.path().join("plots #2.gpkg");
    /// std::fs::write(&file, "").unwrap();
    /// assert_eq!(VectorLayer::parse(&file).layer(), None);
    /// let named = VectorLayer::parse(format!("{}#training", file.display()));
    /// assert_eq!((named.path(), named.layer()), (file.as_path(), Some("training")));
    /// ```
    pub fn parse(text: impl AsRef<Path>) -> Self {
        let whole = text.as_ref();
        let words = whole.to_string_lossy();
        let is_here = |file: &str| is_address(file) || Path::new(file).exists();
        let apart = |(at, _): (usize, &str)| {
            let (file, layer) = (&words[..at], &words[at + 1..]);
            (!layer.is_empty() && is_here(file)).then(|| (PathBuf::from(file), layer.to_owned()))
        };
        if !whole.exists()
            && let Some((path, layer)) = words.rmatch_indices('#').find_map(apart)
        {
            return Self { path, layer: Some(layer) };
        }
        Self { path: whole.to_owned(), layer: None }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The layer that was named.
    pub fn layer(&self) -> Option<&str> {
        self.layer.as_deref()
    }

    /// Whether the file may be there: on disk, or behind an address that only GDAL can open.
    pub(crate) fn may_exist(&self) -> bool {
        is_address(&self.path.to_string_lossy()) || self.path.exists()
    }

    pub(crate) fn open(&self) -> Result<Dataset> {
        open_dataset(&self.path, GdalOpenFlags::GDAL_OF_VECTOR)
    }

    /// The name of the layer that is meant: the one that was named, else the only one that holds features.
    ///
    /// Tables without shapes, such as the `layer_styles` of QGIS, are no layers.
    pub(crate) fn find(&self, dataset: &Dataset) -> Result<String> {
        let all: Vec<Layer<'_>> = dataset.layers().collect();
        if let Some(layer) = &self.layer {
            return match dataset.layer_by_name(layer) {
                Ok(found) => Ok(found.name()),
                Err(_) => Err(self.missing(layer, &all)),
            };
        }
        let has_shapes = |layer: &&Layer<'_>| layer.defn().geom_fields().next().is_some();
        let shapes: Vec<&Layer<'_>> = all.iter().filter(has_shapes).collect();
        // A file without any layer of shapes says by its first one what it lacks.
        let shapes = if shapes.is_empty() { all.iter().collect() } else { shapes };
        let full = |layer: &&&Layer<'_>| holds_features(layer, dataset);
        let filled: Vec<&Layer<'_>> =
            if shapes.len() > 1 { shapes.iter().filter(full).copied().collect() } else { shapes.clone() };
        match (filled.as_slice(), shapes.first()) {
            ([only], _) | ([], Some(only)) => Ok(only.name()),
            ([], None) => Err(Error::from(VectorError::NoLayers { path: self.path.clone() })),
            (several, _) => {
                let known = several.iter().map(|layer| layer.name()).collect::<Vec<_>>().join(", ");
                Err(Error::from(VectorError::WhichLayer { path: self.path.clone(), known }))
            }
        }
    }

    fn missing(&self, layer: &str, all: &[Layer<'_>]) -> Error {
        let known: Vec<String> = all.iter().map(Layer::name).collect();
        Error::from(VectorError::NoLayer {
            path: self.path.clone(),
            layer: layer.to_owned(),
            nearest: nearest(layer, known.iter().map(String::as_str)),
            known: known.join(", "),
        })
    }
}

/// Whether a layer holds any feature, as far as that can be known without reading the file whole.
fn holds_features(layer: &Layer<'_>, dataset: &Dataset) -> bool {
    match layer.try_feature_count() {
        Some(count) => count > 0,
        // The layers of OpenStreetMap are read side by side: to look into one reads all.
        None if dataset.driver().short_name() == "OSM" => true,
        None => dataset.layer_by_name(&layer.name()).is_ok_and(|mut layer| layer.features().next().is_some()),
    }
}

impl fmt::Display for VectorLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        self.layer.as_ref().map_or(Ok(()), |layer| write!(f, "#{layer}"))
    }
}

/// Whether a name is one that only GDAL can open.
fn is_address(name: &str) -> bool {
    name.contains("://") || name.starts_with("/vsi")
}
