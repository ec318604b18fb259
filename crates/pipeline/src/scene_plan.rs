//! How one scene is read: which file and band for each layer, and how its digital numbers become reflectance or
//! backscatter.

use crate::inputs::InputSpec;
use crate::recipe::MaskFormat;
use crate::{Error, Result, grid, terrain};
use chrono::{DateTime, Utc};
use ecotone_core::{GeoBox, Nodata};
use ecotone_io::{DatasetPool, Nothing, RasterDataset, Resampling, Scene, SceneBand};
use ecotone_preprocessing::{
    BackscatterEvidence, BackscatterUnits, MaskKind, OffsetDecision, OffsetEvidence, PixelEvidence,
    ScaleOffset, Sun, dilate,
};

/// Side of the grid of pixels that the offset is looked for in.
const LOOK: usize = 96;
/// Bands that are dark over vegetation and water, and so tell whether an offset is in them.
const DARK_BANDS: [&str; 2] = ["B04", "B02"];

/// A scene that is ready to be read.
#[derive(Debug, Clone)]
pub(crate) struct PlannedScene {
    /// Identifier.
    pub(crate) id: String,
    /// Collection and identifier: unique in a job.
    pub(crate) key: String,
    /// When it was taken.
    pub(crate) datetime: DateTime<Utc>,
    /// Percent, where it is known.
    pub(crate) cloud_cover: Option<f64>,
    /// What its digital numbers mean.
    pub(crate) meaning: Meaning,
    /// Where the sun stood, where the series needs it.
    pub(crate) sun: Option<Sun>,
    /// The grid of the first band.
    geobox: GeoBox,
    bands: Vec<Layer>,
    mask: Option<Layer>,
}

/// How digital numbers become what the series holds.
#[derive(Debug, Clone)]
pub(crate) enum Meaning {
    /// Reflectance.
    Reflectance(OffsetDecision),
    /// Backscatter in these units, once scaled.
    Backscatter(BackscatterUnits, ScaleOffset),
}

impl Meaning {
    /// Scale and offset from digital numbers.
    pub(crate) const fn scale_offset(&self) -> ScaleOffset {
        match self {
            Self::Reflectance(decision) => decision.used,
            Self::Backscatter(_, used) => *used,
        }
    }

    /// Why it is taken for that.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Reflectance(decision) => decision.reason.to_string(),
            Self::Backscatter(units, _) => format!("backscatter in {units}"),
        }
    }

    /// Turns digital numbers into reflectance or into backscatter in decibels, in place.
    fn apply(&self, values: &mut [f32], valid: &mut [bool]) {
        match self {
            Self::Reflectance(decision) => decision.to_reflectance(values),
            Self::Backscatter(units, ScaleOffset { scale, offset }) => {
                let (scale, offset) = (*scale as f32, *offset as f32);
                values.iter_mut().for_each(|value| *value = *value * scale + offset);
                units.to_decibel(values, valid);
            }
        }
    }
}

/// A band of a file.
#[derive(Debug, Clone)]
struct Layer {
    href: String,
    /// From 1.
    band: usize,
    nodata: Option<Nodata>,
}

impl Layer {
    fn of(found: SceneBand<'_>) -> Self {
        Self { href: found.asset.href.clone(), band: found.band.index, nodata: found.band.nodata }
    }

    /// Reads from the layer's file, which belongs to the scene whose first file lies on the grid `beside`.
    fn with<T>(
        &self,
        files: &DatasetPool,
        beside: Option<&GeoBox>,
        read: impl FnOnce(&RasterDataset) -> Result<T>,
    ) -> Result<T> {
        files.with(&self.href, beside, self.nodata, read)
    }
}

/// Finds the layers of a scene, opens each once, and decides what their values mean.
pub(crate) fn plan_scene(scene: &Scene, spec: &InputSpec, files: &DatasetPool) -> Result<PlannedScene> {
    let found: Vec<SceneBand<'_>> =
        spec.bands.iter().map(|name| Ok(scene.band(name)?)).collect::<Result<_>>()?;
    let mask = match spec.mask.kind {
        MaskFormat::None => None,
        _ => Some(Layer::of(scene.band(&spec.mask.asset)?)),
    };
    let sun = if spec.illumination { Some(terrain::sun(scene)?) } else { None };
    let bands: Vec<Layer> = found.iter().map(|band| Layer::of(*band)).collect();
    let mut place: Option<GeoBox> = None;
    for layer in bands.iter().chain(&mask) {
        let geobox = layer.with(files, place.as_ref(), |dataset| {
            dataset.band(layer.band)?;
            if place.is_none() {
                scene.check_place(dataset)?;
            }
            Ok(place.is_none().then(|| dataset.geobox().clone()))
        })?;
        place = place.or(geobox);
    }
    let Some(geobox) = place else {
        let expected = "at least one band".to_owned();
        return Err(Error::Value { key: "inputs.bands", found: "nothing".to_owned(), expected });
    };
    let provider = found.first().and_then(|first| {
        let scale = first.band.scale?;
        Some(ScaleOffset { scale, offset: first.band.offset.unwrap_or(0.0) })
    });
    let meaning = match spec.radar {
        Some(units) => {
            let used = provider.unwrap_or(ScaleOffset { scale: 1.0, offset: 0.0 });
            let values = look(&bands[0], &geobox, files)?;
            let values = values.into_iter().map(|value| value * used.scale as f32 + used.offset as f32);
            Meaning::Backscatter(BackscatterEvidence::of(values).decide(&scene.id, units.told())?, used)
        }
        None => Meaning::Reflectance(reflectance(scene, spec, provider, &bands, &geobox, files)?),
    };
    Ok(PlannedScene {
        id: scene.id.clone(),
        key: format!("{}/{}", scene.collection.as_deref().unwrap_or_default(), scene.id),
        datetime: scene.datetime,
        cloud_cover: scene.cloud_cover,
        meaning,
        sun,
        geobox,
        bands,
        mask,
    })
}

/// Decides whether digital numbers hold an offset.
fn reflectance(
    scene: &Scene,
    spec: &InputSpec,
    provider: Option<ScaleOffset>,
    bands: &[Layer],
    geobox: &GeoBox,
    files: &DatasetPool,
) -> Result<OffsetDecision> {
    let dark = DARK_BANDS.iter().filter_map(|name| scene.band(name).ok()).find_map(|dark| {
        let layer = Layer::of(dark);
        bands.iter().find(|band| band.href == layer.href && band.band == layer.band)
    });
    let dark = dark.or_else(|| bands.first().filter(|_| bands.len() == 1));
    let evidence = OffsetEvidence {
        provider,
        provider_applied: scene.boa_offset_applied,
        baseline: scene.processing_baseline.as_deref().map(str::parse).transpose()?,
        pixels: dark
            .map(|layer| Ok::<_, Error>(PixelEvidence::of(look(layer, geobox, files)?)))
            .transpose()?,
    };
    Ok(evidence.decide(&scene.id, spec.offset.parse()?)?)
}

/// Valid digital numbers of a layer on a coarse grid over the scene.
fn look(layer: &Layer, beside: &GeoBox, files: &DatasetPool) -> Result<Vec<f32>> {
    let counts = layer.with(files, Some(beside), |dataset| {
        let shape = dataset.geobox().shape();
        let coarse = dataset.geobox().zoom_out(shape.rows.max(shape.cols).div_ceil(LOOK));
        Ok(dataset.read_onto::<f32>(layer.band, &coarse, Resampling::Nearest)?)
    })?;
    let valid = counts.valid_mask();
    Ok(counts.band(0).iter().zip(valid).filter(|(_, valid)| *valid).map(|(value, _)| *value).collect())
}

impl PlannedScene {
    /// Puts reflectances, or backscatter in decibels, `[band, y, x]` on a grid into `values`, and where they are valid
    /// into `valid` `[y, x]`; gives false where nothing is.
    ///
    /// A pixel is valid where the mask is clear and no band is nodata.
    pub(crate) fn read(
        &self,
        target: &GeoBox,
        mask: Option<&MaskKind>,
        dilation: usize,
        files: &DatasetPool,
        values: &mut [f32],
        valid: &mut [bool],
    ) -> Result<bool> {
        match (mask, &self.mask) {
            (Some(kind), Some(layer)) => {
                valid.copy_from_slice(&self.clear(layer, kind, target, dilation, files)?);
            }
            _ => valid.fill(true),
        }
        if !valid.contains(&true) {
            return Ok(false);
        }
        for (layer, values) in self.bands.iter().zip(values.chunks_exact_mut(valid.len())) {
            let nodata = layer.with(files, Some(&self.geobox), |dataset| {
                let coarser = target.gsd() > 1.5 * dataset.geobox().gsd();
                let resampling = if coarser { Resampling::Average } else { Resampling::Bilinear };
                Ok(dataset.read_onto_slice(layer.band, target, resampling, values)?)
            })?;
            // Rounded like the values themselves; NaN equals nothing, and is refused anyway.
            let nodata = nodata.map_or(f32::NAN, |nodata| nodata.value() as f32);
            for (valid, value) in valid.iter_mut().zip(&*values) {
                *valid &= !value.is_nan() & (*value != nodata);
            }
            self.meaning.apply(values, valid);
        }
        Ok(valid.contains(&true))
    }

    /// Closes the scene's files.
    pub(crate) fn close(&self, files: &DatasetPool) {
        for layer in self.bands.iter().chain(&self.mask) {
            files.close(&layer.href);
        }
    }

    /// Where a mask layer is clear on a grid.
    ///
    /// The layer is read with a rim as wide as the dilation, so that a window's edge changes nothing.
    fn clear(
        &self,
        layer: &Layer,
        kind: &MaskKind,
        target: &GeoBox,
        dilation: usize,
        files: &DatasetPool,
    ) -> Result<Vec<bool>> {
        let padded = target.pad(dilation);
        // Its own rules say which of its values are clear, nodata among them; what lies beyond it is not.
        let nothing = Nothing::is(u32::MAX).with_nodata_as_code();
        let codes = layer.with(files, Some(&self.geobox), |dataset| {
            Ok(dataset.read_codes(layer.band, &padded, Resampling::Nearest, &nothing)?)
        })?;
        let mut valid = kind.valid(&codes);
        valid.iter_mut().zip(&codes).for_each(|(valid, code)| *valid &= *code != u32::MAX);
        if dilation == 0 {
            return Ok(valid);
        }
        dilate(&mut valid, padded.shape(), dilation)?;
        Ok(grid::without_rim(&valid, padded.shape().cols, dilation))
    }
}
