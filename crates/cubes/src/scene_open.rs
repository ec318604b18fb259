//! From the scenes of a catalogue to scenes that are ready to be read: their files are opened once, and looked at where
//! nothing else tells what their numbers mean.

use crate::band_meaning::BandMeanings;
use crate::mask::Mask;
use crate::nothing::Zero;
use crate::radiometry::{Meaning, Numbers, Rules};
use crate::scene_plan::{Layer, PlannedBand, PlannedScene};
use crate::source_spec::SourceSpec;
use crate::{Error, Result, nothing, provider_rule, terrain};
use ecotone_core::{GeoBox, Nodata, XY};
use ecotone_io::{DatasetPool, Glance, PixelType, Resampling, Scene, SceneBand};
use ecotone_jobs::Error as JobError;
use ecotone_preprocessing::{
    BackscatterEvidence, Baseline, KinEvidence, MaskKind, OffsetEvidence, PixelEvidence, ScaleOffset, Sun,
    dilate,
};
use std::collections::BTreeMap;

/// Bands that are dark over vegetation and water, and so tell whether an offset is in them: their names on every sensor, and
/// where that is not known those that are most usual.
const DARK_BANDS: [(&str, &str); 2] = [("red", "B04"), ("blue", "B02")];

/// A scene whose files were opened once.
pub(crate) struct OpenedScene<'a> {
    scene: &'a Scene,
    geobox: GeoBox,
    /// Those of all bands, each once.
    grids: Vec<GeoBox>,
    bands: Vec<OpenedBand>,
    mask: Option<Layer>,
    /// How the mask is read, where that is the provider's.
    mask_rule: Option<Mask>,
    classes: Option<Layer>,
    sun: Option<Sun>,
    /// What is known of its offset, but for each band's own.
    evidence: OffsetEvidence,
    /// The units of its backscatter.
    radar: Option<ecotone_preprocessing::BackscatterUnits>,
}

struct OpenedBand {
    layer: Layer,
    numbers: Numbers,
    /// Whether its file or record says what stands for nothing, be it 0 or not.
    declares: bool,
    pixel: PixelType,
}

/// What scenes have in common that hold an offset all or none: collection, baseline, and what the provider says.
type Kind<'a> = (Option<&'a str>, Option<Baseline>, Option<bool>);

/// Finds the layers of a scene, opens each once, and looks at its pixels where they decide something.
///
/// # Errors
/// When a band is missing or cannot be opened, or lies elsewhere.
pub(crate) fn open_scene<'a>(
    scene: &'a Scene,
    spec: &SourceSpec,
    meanings: &BandMeanings,
    files: &DatasetPool,
) -> Result<OpenedScene<'a>> {
    let found = meanings.find(&spec.bands, scene)?;
    let (mask, mask_rule) = match spec.mask.of_scene(scene)? {
        Some((found, rule)) => (Some(Layer::of(found)), rule),
        None => (None, None),
    };
    let sun = if spec.illumination { Some(terrain::sun(scene)?) } else { None };
    let mut grids: Vec<GeoBox> = Vec::new();
    let mut bands = Vec::with_capacity(found.len());
    for found in found {
        let (band, grid) = open_band(scene, found, spec, grids.first(), files)?;
        bands.push(band);
        if !grids.contains(&grid) {
            grids.push(grid);
        }
    }
    let Some(geobox) = grids.first().cloned() else {
        let expected = "at least one band".to_owned();
        return Err(JobError::Value { key: "inputs.bands", found: "nothing".to_owned(), expected }.into());
    };
    if let Some(layer) = &mask {
        has_band(layer, &geobox, files)?;
    }
    let mut opened = OpenedScene {
        scene,
        geobox,
        grids,
        bands,
        mask,
        mask_rule,
        classes: None,
        sun,
        evidence: OffsetEvidence::default(),
        radar: None,
    };
    match spec.radar {
        Some(units) => opened.radar = Some(opened.units(units.told(), files)?),
        None => opened.weigh(spec, files)?,
    }
    Ok(opened)
}

/// Opens the file of a band of a scene whose first file lies on the grid `beside`; gives its own grid.
fn open_band(
    scene: &Scene,
    found: SceneBand<'_>,
    spec: &SourceSpec,
    beside: Option<&GeoBox>,
    files: &DatasetPool,
) -> Result<(OpenedBand, GeoBox)> {
    let mut layer = Layer::of(found);
    let (info, geobox) = layer.with(files, beside, |dataset| {
        let info = dataset.band(layer.band)?.clone();
        if beside.is_none() {
            scene.check_place(dataset)?;
        }
        Ok((info, dataset.geobox().clone()))
    })?;
    let declares = info.nodata.is_some();
    if !declares {
        layer.nodata = nothing::sentinel(scene, spec.is_radar(), info.pixel_type);
    }
    if layer.nodata.is_some() && !declares {
        // It is opened again with its sentinel.
        files.close(layer.address.location());
    }
    let numbers = Numbers::of(scene, found, &info, &Rules::of(spec)?);
    // ESA's 0 stands for nothing, whatever else the file or its record calls nodata.
    let zero_is_open = info.nodata != Some(Nodata::new(0.0))
        && info.pixel_type == PixelType::U16
        && !spec.is_radar()
        && nothing::is_sentinel2(scene);
    let declares = declares && !zero_is_open;
    Ok((OpenedBand { layer, numbers, declares, pixel: info.pixel_type }, geobox))
}

fn has_band(layer: &Layer, beside: &GeoBox, files: &DatasetPool) -> Result<()> {
    layer.with(files, Some(beside), |dataset| Ok(dataset.band(layer.band).map(|_| ())?))
}

impl OpenedScene<'_> {
    /// The grids of its bands, each once.
    pub(crate) fn grids(&self) -> &[GeoBox] {
        &self.grids
    }

    /// The units of backscatter, as the pixels of the first band show, and against what the user says.
    fn units(
        &self,
        told: Option<ecotone_preprocessing::BackscatterUnits>,
        files: &DatasetPool,
    ) -> Result<ecotone_preprocessing::BackscatterUnits> {
        let first = &self.bands[0];
        let mut values = self.look(&first.layer, None, files)?;
        if !first.declares {
            values.retain(|value| *value != 0.0);
        }
        stored(first).apply(&mut values);
        Ok(BackscatterEvidence::of(values).decide(&self.scene.id, told)?)
    }

    /// Collects what tells the offset of the scene; looks at pixels where they may.
    fn weigh(&mut self, spec: &SourceSpec, files: &DatasetPool) -> Result<()> {
        let (scene, rules) = (self.scene, Rules::of(spec)?);
        self.evidence = OffsetEvidence {
            provider_applied: provider_rule::offset_applied(scene),
            baseline: scene.processing_baseline.as_deref().map(str::parse).transpose()?,
            sensor: scene.sensor(),
            ..OffsetEvidence::default()
        };
        let needs_pixels = |band: &OpenedBand, evidence: &OffsetEvidence| {
            band.numbers.are_undecided() || band.numbers.needs_pixels(evidence, &rules)
        };
        let looks = self.bands.iter().any(|band| needs_pixels(band, &self.evidence));
        let undeclared = self.bands.iter().any(|band| !band.declares);
        let own = undeclared || (looks && self.mask.is_none());
        let own_classes = if own { self.own_classes(files) } else { None };
        if undeclared {
            self.classes.clone_from(&own_classes);
        }
        if !looks {
            return Ok(());
        }
        let rule = self.mask_rule.as_ref().unwrap_or(&spec.mask).rules()?;
        let mask = match (&self.mask, rule) {
            (Some(layer), Some(kind)) => Some((layer.clone(), kind)),
            _ => own_classes.map(|layer| (layer, MaskKind::scl())),
        };
        let mask = mask.as_ref().map(|(layer, kind)| (layer, kind));
        for place in 0..self.bands.len() {
            if self.bands[place].numbers.are_undecided() {
                let seen = self.look_at_floats(&self.bands[place].layer, mask, files)?;
                self.bands[place].numbers = self.bands[place].numbers.seen(seen);
            }
        }
        let needed = self.bands.iter().any(|band| needs_pixels(band, &self.evidence));
        if let Some(dark) = self.tells_most().filter(|_| needed) {
            let mut values = self.look(&dark.layer, mask, files)?;
            if !dark.declares {
                values.retain(|value| *value != 0.0);
            }
            self.evidence.pixels = Some(PixelEvidence::of(values));
        }
        Ok(())
    }

    /// What floating-point numbers are, counts or reflectance: a 0 is either, and where all is hidden clouds tell as well.
    fn look_at_floats(
        &self,
        layer: &Layer,
        mask: Option<(&Layer, &MaskKind)>,
        files: &DatasetPool,
    ) -> Result<PixelEvidence> {
        let told = |mask| {
            let values = self.look(layer, mask, files)?;
            Ok::<_, Error>(PixelEvidence::of(values.into_iter().filter(|value| *value != 0.0)))
        };
        let seen = told(mask)?;
        if seen.pixels == 0 && mask.is_some() { told(None) } else { Ok(seen) }
    }

    /// The scene classification that a Sentinel-2 scene brings along though the job asks for no such mask.
    fn own_classes(&self, files: &DatasetPool) -> Option<Layer> {
        if !nothing::is_sentinel2(self.scene) {
            return None;
        }
        let layer = Layer::of(self.scene.band("SCL").ok()?);
        match has_band(&layer, &self.geobox, files) {
            Ok(()) => Some(layer),
            Err(error) => {
                // Who asks for no mask may have left it behind.
                tracing::debug!(scene = self.scene.id, "its classification is not used: {error}");
                None
            }
        }
    }

    /// The layer to look at for an offset: a dark band, or the only one.
    fn tells_most(&self) -> Option<&OpenedBand> {
        let sensor = self.scene.sensor();
        let own = |(common, usual)| {
            let band = sensor.map(|sensor| sensor.band(common).map(|band| band.name));
            self.scene.band(band.unwrap_or(Ok(usual)).ok()?).ok()
        };
        let dark = DARK_BANDS.into_iter().filter_map(own).find_map(|dark| {
            let dark = Layer::of(dark);
            self.bands
                .iter()
                .find(|band| (&band.layer.address, band.layer.band) == (&dark.address, dark.band))
        });
        let dark = dark.or_else(|| self.bands.first().filter(|_| self.bands.len() == 1));
        dark.filter(|band| band.numbers.are_counts())
    }

    /// Measured numbers of a layer, evenly spread over the scene, without those that a mask hides.
    fn look(
        &self,
        layer: &Layer,
        mask: Option<(&Layer, &MaskKind)>,
        files: &DatasetPool,
    ) -> Result<Vec<f32>> {
        let cheap = |layer: &Layer| {
            layer.with(files, Some(&self.geobox), |dataset| Ok(dataset.is_thinned_cheaply(layer.band)?))
        };
        let whole = cheap(layer)? && mask.map_or(Ok(true), |(mask, _)| cheap(mask))?;
        let (seen, at, grid) = layer.with(files, Some(&self.geobox), |dataset| {
            let shape = dataset.geobox().shape();
            let at = if whole { Glance::whole(shape) } else { Glance::spots(shape) };
            Ok((dataset.glance(layer.band, &at)?, at, dataset.geobox().clone()))
        })?;
        let mut measured = seen.valid;
        if let Some((layer, kind)) = mask {
            let clear = self.clear(layer, kind, &at, &grid, files)?;
            measured.iter_mut().zip(clear).for_each(|(measured, clear)| *measured &= clear);
        }
        if whole && at.shape() != grid.shape() {
            // A pixel of an overview beside what is hidden may be a mean of both.
            dilate(&mut measured, at.shape(), 1)?;
        }
        let values = seen.values.into_iter().zip(measured);
        Ok(values.filter_map(|(value, measured)| measured.then_some(value)).collect())
    }

    /// Where a mask is clear in the places of a look at a raster on this grid.
    fn clear(
        &self,
        layer: &Layer,
        kind: &MaskKind,
        at: &Glance,
        grid: &GeoBox,
        files: &DatasetPool,
    ) -> Result<Vec<bool>> {
        let codes = layer.with(files, Some(&self.geobox), |dataset| {
            if covers_alike(dataset.geobox(), grid) {
                return Ok(dataset.glance(layer.band, at)?.values);
            }
            let mut codes = Vec::new();
            for spot in at.grids(grid) {
                codes.extend_from_slice(
                    dataset.read_onto::<f32>(layer.band, &spot, Resampling::Nearest)?.data(),
                );
            }
            Ok(codes)
        })?;
        // No mask has a code below 0, nor a part of one.
        let code = |value: f32| if value.fract() == 0.0 && value >= 0.0 { value as u32 } else { u32::MAX };
        Ok(kind.valid(&codes.into_iter().map(code).collect::<Vec<u32>>()))
    }

    fn kind(&self) -> Kind<'_> {
        (self.scene.collection.as_deref(), self.evidence.baseline, self.evidence.provider_applied)
    }

    /// The scene as it will be read.
    fn settle(mut self, kin: Option<KinEvidence>, rules: &Rules, names: &[String]) -> Result<PlannedScene> {
        let scene = self.scene;
        self.evidence.kin = kin.filter(|_| self.evidence.pixels.is_some());
        let alike = self.bands.windows(2).all(|pair| pair[0].numbers.listed == pair[1].numbers.listed);
        let mut bands = Vec::with_capacity(self.bands.len());
        for (band, name) in self.bands.into_iter().zip(names) {
            let label = if alike { scene.id.clone() } else { format!("{}, band {name}", scene.id) };
            let meaning = match self.radar {
                Some(units) => Meaning::backscatter(units, stored(&band)),
                None => band.numbers.decide(&label, &self.evidence, rules)?,
            };
            let zero = if band.declares {
                Zero::Number
            } else {
                Zero::undeclared(scene, self.radar.is_some(), band.pixel, meaning.used.offset != 0.0)
            };
            bands.push(PlannedBand { name: name.clone(), layer: band.layer, meaning, zero });
        }
        Ok(PlannedScene {
            id: scene.id.clone(),
            key: scene.key(),
            datetime: scene.datetime,
            platform: scene.platform.clone(),
            relative_orbit: scene.relative_orbit,
            datatake: scene.datatake.clone(),
            baseline: scene.processing_baseline.clone(),
            cloud_cover: scene.cloud_cover,
            sun: self.sun,
            bands,
            geobox: self.geobox,
            bounds: None,
            mask: self.mask,
            mask_rule: self.mask_rule,
            classes: self.classes,
        })
    }
}

/// Decides what the numbers of all scenes of a source mean, each in the light of its kin: one answer for each scene, in
/// their order.
///
/// # Errors
/// When the job's rules for scale and offset are none.
pub(crate) fn settle(
    opened: Vec<Result<OpenedScene<'_>>>,
    spec: &SourceSpec,
) -> Result<Vec<Result<PlannedScene>>> {
    let rules = Rules::of(spec)?;
    let mut kin: BTreeMap<Kind<'_>, KinEvidence> = BTreeMap::new();
    for scene in opened.iter().flatten() {
        if let Some(pixels) = scene.evidence.pixels {
            kin.entry(scene.kind()).or_default().add(pixels);
        }
    }
    let kin: Vec<Option<KinEvidence>> = opened
        .iter()
        .map(|scene| scene.as_ref().ok().and_then(|scene| kin.get(&scene.kind()).copied()))
        .collect();
    let settle = |(scene, kin): (Result<OpenedScene<'_>>, _)| scene?.settle(kin, &rules, &spec.bands);
    Ok(opened.into_iter().zip(kin).map(settle).collect())
}

/// Scale and offset of a radar band.
fn stored(band: &OpenedBand) -> ScaleOffset {
    band.numbers.listed.unwrap_or(ScaleOffset { scale: 1.0, offset: 0.0 })
}

/// Whether two rasters cover the same ground, to half of the coarser pixel.
fn covers_alike(a: &GeoBox, b: &GeoBox) -> bool {
    let near = a.gsd().max(b.gsd()) / 2.0;
    let corners = |grid: &GeoBox| {
        let shape = grid.shape();
        [(0.0, 0.0), (shape.cols as f64, shape.rows as f64)]
            .map(|(x, y)| grid.transform().pixel_to_world(XY::new(x, y)))
    };
    let pairs = corners(a).into_iter().zip(corners(b));
    a.crs() == b.crs()
        && pairs.into_iter().all(|(a, b)| (a.x - b.x).abs() <= near && (a.y - b.y).abs() <= near)
}

#[cfg(test)]
#[path = "scene_open_tests.rs"]
pub(crate) mod tests;

#[cfg(test)]
#[path = "provider_items_tests.rs"]
mod provider_items;
