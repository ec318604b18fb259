//! One scene as it is read: which file and band for each layer, what its numbers mean, and where it measured.

use crate::mask::Mask;
use crate::nothing::Zero;
use crate::plan::Address;
use crate::radiometry::Meaning;
use crate::{Result, grid};
use chrono::{DateTime, Utc};
use ecotone_core::{GeoBox, Nodata, Window};
use ecotone_io::{DatasetPool, Nothing, RasterDataset, Resampling, SceneBand};
use ecotone_jobs::{OfBands, UsedScene, is_coarser};
use ecotone_preprocessing::{MaskKind, SclClass, Sun, dilate};
use std::collections::BTreeSet;

/// A scene that is ready to be read.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedScene {
    /// Identifier; the key where several scenes of a job have that.
    pub id: String,
    /// What tells it from every other scene of a job.
    pub key: String,
    /// When it was taken.
    pub datetime: DateTime<Utc>,
    /// The satellite, where it is known.
    pub platform: Option<String>,
    /// Its orbit among those that it goes again and again, where it is known.
    pub relative_orbit: Option<u32>,
    /// What the images of one pass have in common, where it is known.
    pub datatake: Option<String>,
    /// The processing baseline, where it is known.
    pub baseline: Option<String>,
    /// Percent, where it is known.
    pub cloud_cover: Option<f64>,
    /// Where the sun stood, where the series needs it.
    pub sun: Option<Sun>,
    /// The bands in the order of the series.
    pub bands: Vec<PlannedBand>,
    /// The grid of the first band.
    pub geobox: GeoBox,
    /// The window of the plan's grid beyond which it has nothing to say, which may lie beyond the grid; `None` where that is
    /// not known.
    pub bounds: Option<Window>,
    /// What hides pixels, where the job asks for it.
    pub mask: Option<Layer>,
    /// How that is read, where the job leaves it to each scene's provider.
    pub mask_rule: Option<Mask>,
    /// The scene classification, where it alone tells ground without a measurement from a dark one.
    pub classes: Option<Layer>,
}

/// A band of a scene.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedBand {
    /// As the series calls it.
    pub name: String,
    /// Where it stands.
    pub layer: Layer,
    /// What its numbers mean.
    pub meaning: Meaning,
    /// What a 0 of it is.
    pub zero: Zero,
}

/// A band of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// The file.
    pub address: Address,
    /// From 1.
    pub band: usize,
    /// The sentinel of a file that declares none.
    pub nodata: Option<Nodata>,
}

impl Layer {
    pub fn of(found: SceneBand<'_>) -> Self {
        let address = Address::new(&found.asset.href);
        Self { address, band: found.band.index, nodata: found.band.nodata }
    }

    /// Reads from the layer's file, which belongs to the scene whose first file lies on the grid `beside`.
    pub fn with<T>(
        &self,
        files: &DatasetPool,
        beside: Option<&GeoBox>,
        read: impl FnOnce(&RasterDataset) -> Result<T>,
    ) -> Result<T> {
        files.with(self.address.location(), beside, self.nodata, read)
    }
}

impl PlannedScene {
    /// Under another name.
    pub fn called(self, id: String) -> Self {
        Self { id, ..self }
    }

    /// With bounds on the plan's grid.
    pub fn within(self, bounds: Option<Window>) -> Self {
        Self { bounds, ..self }
    }

    /// Whether it may have something to say of a window of the plan's grid. A mask that grows hides more of what the scene
    /// shows, and so reaches no farther.
    pub fn reaches(&self, window: Window) -> bool {
        self.bounds.is_none_or(|bounds| bounds.intersection(window).is_some())
    }

    /// Puts reflectances, or backscatter in decibels, `[band, y, x]` on a grid into `values`, and where they are valid
    /// into `valid` `[y, x]`; gives false where nothing is.
    ///
    /// A pixel is valid where the mask is clear and no band is nodata.
    pub fn read(
        &self,
        target: &GeoBox,
        mask: Option<&MaskKind>,
        dilation: usize,
        files: &DatasetPool,
        values: &mut [f32],
        valid: &mut [bool],
    ) -> Result<bool> {
        match (mask, &self.mask, &self.classes) {
            (Some(kind), Some(layer), _) => {
                valid.copy_from_slice(&self.clear(layer, kind, target, dilation, files)?);
            }
            (None, _, Some(classes)) => {
                let measured = MaskKind::Scl(vec![SclClass::NoData]);
                valid.copy_from_slice(&self.clear(classes, &measured, target, 0, files)?);
            }
            _ => valid.fill(true),
        }
        if !valid.contains(&true) {
            return Ok(false);
        }
        // Where every band so far whose zeros may be dark ground is 0.
        let mut nothing: Option<Vec<bool>> = None;
        for (band, values) in self.bands.iter().zip(values.chunks_exact_mut(valid.len())) {
            let layer = &band.layer;
            let nodata = layer.with(files, Some(&self.geobox), |dataset| {
                let coarser = is_coarser(target, dataset.geobox())?;
                let resampling = if coarser { Resampling::Average } else { Resampling::Bilinear };
                Ok(dataset.read_onto_slice(layer.band, target, resampling, values)?)
            })?;
            // Rounded like the values themselves; NaN equals nothing, and is refused anyway.
            let nodata = nodata.map_or(f32::NAN, |nodata| nodata.value() as f32);
            let nodata = if band.zero == Zero::Dark && nodata == 0.0 { f32::NAN } else { nodata };
            for (valid, value) in valid.iter_mut().zip(&*values) {
                *valid &= !value.is_nan() & (*value != nodata);
            }
            match band.zero {
                Zero::Number => {}
                Zero::Nothing => valid.iter_mut().zip(&*values).for_each(|(valid, v)| *valid &= *v != 0.0),
                Zero::Dark => {
                    let nothing = nothing.get_or_insert_with(|| vec![true; valid.len()]);
                    nothing.iter_mut().zip(&*values).for_each(|(nothing, v)| *nothing &= *v == 0.0);
                }
            }
            band.meaning.apply(values, valid);
        }
        if let Some(nothing) = nothing {
            valid.iter_mut().zip(nothing).for_each(|(valid, nothing)| *valid &= !nothing);
        }
        Ok(valid.contains(&true))
    }

    /// As a manifest tells it.
    pub fn used(&self) -> UsedScene {
        let numbers = |number: fn(&PlannedBand) -> f64| {
            OfBands::of(self.bands.iter().map(move |band| (band.name.clone(), number(band))))
        };
        let mut reasons: Vec<&str> = self.bands.iter().map(|band| band.meaning.reason.as_str()).collect();
        let mut seen = BTreeSet::new();
        reasons.retain(|reason| seen.insert(*reason));
        UsedScene {
            id: self.id.clone(),
            datetime: self.datetime.to_rfc3339(),
            scale: numbers(|band| band.meaning.used.scale),
            offset: numbers(|band| band.meaning.used.offset),
            offset_reason: reasons.join("; "),
        }
    }

    /// The files of its bands, mask and classes, as they are opened; one may come several times.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        let bands = self.bands.iter().map(|band| &band.layer);
        bands.chain(&self.mask).chain(&self.classes).map(|layer| layer.address.location())
    }

    /// Closes the scene's files.
    pub fn close(&self, files: &DatasetPool) {
        self.files().for_each(|file| files.close(file));
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
