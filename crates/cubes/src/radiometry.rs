//! What the numbers of a band mean: counts of reflectance, reflectance itself, a picture, another quantity, backscatter.

use crate::source_spec::SourceSpec;
use crate::{Result, provider_rule};
use ecotone_io::{BandInfo, PixelType, Scene, SceneBand};
use ecotone_preprocessing::{
    BackscatterUnits, Error as Preprocessing, OffsetEvidence, OffsetReason, OffsetRule, PixelEvidence,
    SENTINEL2_SCALE, ScaleOffset,
};

/// How the numbers of a band become what the series holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Meaning {
    /// From stored to physical values.
    pub used: ScaleOffset,
    /// Why.
    pub reason: String,
    /// Of the physical values, where they are backscatter.
    pub units: Option<BackscatterUnits>,
}

impl Meaning {
    pub fn backscatter(units: BackscatterUnits, used: ScaleOffset) -> Self {
        Self { used, reason: format!("backscatter in {units}"), units: Some(units) }
    }

    fn plain(used: ScaleOffset, reason: &str) -> Self {
        Self { used, reason: reason.to_owned(), units: None }
    }

    /// Turns stored values into reflectance or into backscatter in decibels, in place.
    pub fn apply(&self, values: &mut [f32], valid: &mut [bool]) {
        self.used.apply(values);
        if let Some(units) = self.units {
            units.to_decibel(values, valid);
        }
    }
}

/// What a band holds, as far as its file and its record tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Numbers that count reflectance.
    Counts,
    /// Floating-point reflectance.
    Reflectance,
    /// The one or the other of these two: pixels tell.
    Floats,
    /// Eight bits of brightness.
    Picture,
    /// No reflectance: a temperature, the depth of an aerosol.
    Other,
}

/// The numbers of a band before pixels were looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Numbers {
    kind: Kind,
    /// Scale and offset that the record gives, or else the file, or else what is known of the provider.
    pub listed: Option<ScaleOffset>,
    /// The provider of whom the last was known.
    provider: Option<&'static str>,
}

/// What settles the numbers of a scene's bands besides what is known of each.
pub(crate) struct Rules {
    offset: OffsetRule,
    scale: Option<f64>,
}

impl Rules {
    pub(crate) fn of(spec: &SourceSpec) -> Result<Self> {
        Ok(Self { offset: spec.offset.parse()?, scale: spec.told_scale()? })
    }
}

impl Numbers {
    pub(crate) fn of(scene: &Scene, found: SceneBand<'_>, info: &BandInfo, rules: &Rules) -> Self {
        /// Smaller scales turn counts into reflectance.
        const LEAST_OF_REFLECTANCE: f64 = 0.1;
        let kind = if is_other(scene, found) {
            Kind::Other
        } else if info.pixel_type == PixelType::U8 || found.asset.is_picture() {
            Kind::Picture
        } else if info.pixel_type.is_float() {
            Kind::Floats
        } else {
            Kind::Counts
        };
        let listed = listed(kind, found, info);
        // What is known of a whole collection counts where an item and its files are silent.
        let documented = match kind {
            Kind::Counts if listed.is_none() => provider_rule::documented(scene, found),
            _ => None,
        };
        let provider = documented.map(|(_, known)| known.provider.name);
        let listed = listed.or(documented.map(|(numbers, _)| numbers));
        let kind = match (kind, rules.scale.or(listed.map(|listed| listed.scale))) {
            (Kind::Floats, Some(scale)) if scale >= LEAST_OF_REFLECTANCE => Kind::Reflectance,
            (Kind::Floats, Some(_)) => Kind::Counts,
            (kind, _) => kind,
        };
        Self { kind, listed, provider }
    }

    /// Whether only a look at the band can tell if it counts reflectance or is reflectance.
    pub(crate) fn are_undecided(self) -> bool {
        self.kind == Kind::Floats
    }

    /// The same after the look.
    pub(crate) const fn seen(self, pixels: PixelEvidence) -> Self {
        let kind = if pixels.is_reflectance() { Kind::Reflectance } else { Kind::Counts };
        Self { kind, ..self }
    }

    /// Whether they can hold an offset.
    pub(crate) fn are_counts(self) -> bool {
        self.kind == Kind::Counts
    }

    /// Whether dark pixels may decide what they mean.
    pub(crate) fn needs_pixels(self, evidence: &OffsetEvidence, rules: &Rules) -> bool {
        self.are_counts() && self.evidence(evidence, rules).needs_pixels(rules.offset)
    }

    /// What they mean in a scene, given all that is known of its offset; `label` names scene and band in a refusal.
    ///
    /// # Errors
    /// When the witnesses contradict each other or are silent, or give numbers that no reflectance has.
    pub(crate) fn decide(self, label: &str, evidence: &OffsetEvidence, rules: &Rules) -> Result<Meaning> {
        let listed = |default: f64| self.listed.unwrap_or(ScaleOffset { scale: default, offset: 0.0 });
        match self.kind {
            Kind::Other => {
                let used = listed(1.0);
                let sound = used.scale > 0.0 && used.scale.is_finite() && used.offset.is_finite();
                if !sound {
                    return Err(refused(label, used));
                }
                let reason =
                    if self.listed.is_some() { "the provider's metadata gives it" } else { "as stored" };
                Ok(Meaning::plain(used, reason))
            }
            Kind::Picture => {
                let used = listed(1.0 / 255.0);
                let used = ScaleOffset { scale: rules.scale.unwrap_or(used.scale), ..used };
                if used.is_of_reflectance() {
                    Ok(Meaning::plain(used, "a picture holds no offset"))
                } else {
                    Err(refused(label, used))
                }
            }
            Kind::Reflectance | Kind::Floats => {
                let used = ScaleOffset { scale: rules.scale.unwrap_or(listed(1.0).scale), ..listed(1.0) };
                match rules.offset {
                    OffsetRule::Counts(counts) if counts != 0.0 => {
                        Err(refused(label, ScaleOffset { offset: counts, ..used }))
                    }
                    _ if !(used.scale <= 1.0 && (-1.0..=1.0).contains(&used.offset)) => {
                        Err(refused(label, used))
                    }
                    _ => Ok(Meaning::plain(used, "floating-point reflectance")),
                }
            }
            Kind::Counts => {
                let decided = self.evidence(evidence, rules).decide(label, rules.offset)?;
                let reason = match (decided.reason, self.provider) {
                    (OffsetReason::Told, _) | (_, None) => decided.reason.to_string(),
                    (_, Some(provider)) => format!("so for all items of the collection at {provider}"),
                };
                Ok(Meaning::plain(decided.used, &reason))
            }
        }
    }

    /// What is known of the scene, with what is known of the band.
    fn evidence(self, scene: &OffsetEvidence, rules: &Rules) -> OffsetEvidence {
        OffsetEvidence { provider: self.listed, scale: rules.scale, ..*scene }
    }
}

fn refused(label: &str, ScaleOffset { scale, offset }: ScaleOffset) -> crate::Error {
    Preprocessing::Scale { scene: label.to_owned(), scale, offset }.into()
}

/// What the record says, and where it is silent the file.
fn listed(kind: Kind, found: SceneBand<'_>, info: &BandInfo) -> Option<ScaleOffset> {
    // GDAL gives 1 and 0 for a file that says nothing.
    let file = ScaleOffset { scale: info.scale, offset: info.offset };
    let file = (file != ScaleOffset { scale: 1.0, offset: 0.0 }).then_some(file);
    let (scale, offset) = (found.band.scale, found.band.offset);
    if scale.is_none() && offset.is_none() {
        return file;
    }
    let usual = match kind {
        Kind::Counts => SENTINEL2_SCALE,
        Kind::Picture => 1.0 / 255.0,
        Kind::Reflectance | Kind::Floats | Kind::Other => 1.0,
    };
    let scale = scale.or(file.map(|file| file.scale)).unwrap_or(usual);
    // The file's offset belongs to the file's scale.
    let beside = file.filter(|file| file.scale == scale).map_or(0.0, |file| file.offset);
    Some(ScaleOffset { scale, offset: offset.unwrap_or(beside) })
}

/// Whether a band holds no reflectance: temperatures of the thermal infrared, Sentinel-2's aerosol and water vapour.
fn is_other(scene: &Scene, found: SceneBand<'_>) -> bool {
    let names = [Some(found.band.name.as_str()), found.band.common_name.as_deref(), Some(&found.asset.key)];
    let thermal = scene.identity(found).is_some_and(|band| band.is_thermal());
    let named = names.into_iter().flatten().any(|name| {
        let name = name.to_ascii_lowercase();
        let starts = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
        starts(&["lwir", "st_b", "tir", "thermal", "lst", "aot", "wvp"])
    });
    thermal || named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene_open::tests::scene;
    use ecotone_core::Shape2d;
    use ecotone_io::{Asset, AssetBand};

    fn file(pixel_type: PixelType, scale: f64, offset: f64) -> BandInfo {
        let block = Shape2d::new(16, 16);
        BandInfo { pixel_type, nodata: None, scale, offset, description: String::new(), block }
    }

    /// Scale and offset of a band as its record and its file describe it, in a scene of baseline 05.09.
    fn used(
        name: &str,
        record: (Option<f64>, Option<f64>),
        info: &BandInfo,
        rules: (&str, Option<f64>),
        pixels: &[f32],
    ) -> std::result::Result<(f64, f64), String> {
        let band =
            AssetBand { name: name.to_owned(), scale: record.0, offset: record.1, ..AssetBand::default() };
        let asset = Asset { key: name.to_owned(), ..Asset::default() };
        let rules = Rules { offset: rules.0.parse().unwrap(), scale: rules.1 };
        let mut numbers = Numbers::of(&scene("s"), SceneBand { asset: &asset, band: &band }, info, &rules);
        if numbers.are_undecided() {
            numbers = numbers.seen(PixelEvidence::of(pixels.iter().copied()));
        }
        let evidence =
            OffsetEvidence { baseline: Some("05.09".parse().unwrap()), ..OffsetEvidence::default() };
        let decided =
            numbers.decide("s", &evidence, &rules).map_err(|error| ecotone_jobs::reasons(&error))?;
        Ok((decided.used.scale, decided.used.offset))
    }

    const AUTO: (&str, Option<f64>) = ("auto", None);
    const SILENT: (Option<f64>, Option<f64>) = (None, None);

    #[track_caller]
    fn check(found: std::result::Result<(f64, f64), String>, expected: (f64, f64)) {
        let (scale, offset) = found.unwrap();
        assert!((scale - expected.0).abs() < 1e-12 && (offset - expected.1).abs() < 1e-9, "{scale} {offset}");
    }

    #[test]
    fn each_kind_of_numbers_has_its_scale() {
        let counts = file(PixelType::U16, 1.0, 0.0);
        check(used("B04", SILENT, &counts, AUTO, &[]), (1e-4, -0.1));
        // A picture is none of the things that hold an offset.
        check(used("visual", SILENT, &file(PixelType::U8, 1.0, 0.0), AUTO, &[]), (1.0 / 255.0, 0.0));
        check(used("visual", SILENT, &counts, AUTO, &[]), (1.0 / 255.0, 0.0));
        check(used("visual", SILENT, &counts, ("-1000", None), &[]), (1.0 / 255.0, 0.0));
        // Nor is reflectance that needs no counts, or another quantity.
        let float = file(PixelType::F32, 1.0, 0.0);
        check(used("B04", SILENT, &float, AUTO, &[0.05, 0.3]), (1.0, 0.0));
        check(used("B04", SILENT, &float, AUTO, &[]), (1.0, 0.0));
        check(used("B04", (Some(1.0), Some(0.0)), &float, AUTO, &[]), (1.0, 0.0));
        check(used("B04", SILENT, &float, AUTO, &[1500.0, 3000.0]), (1e-4, -0.1));
        check(used("B04", SILENT, &float, ("auto", Some(1e-4)), &[]), (1e-4, -0.1));
        check(used("B04", SILENT, &float, ("auto", Some(1.0)), &[]), (1.0, 0.0));
        check(used("lwir11", (Some(0.00341802), Some(149.0)), &counts, AUTO, &[]), (0.00341802, 149.0));
        check(used("WVP", (Some(0.001), Some(0.0)), &counts, ("-1000", None), &[]), (0.001, 0.0));
        assert!(used("B04", SILENT, &float, ("-1000", None), &[0.05]).is_err());
    }

    #[test]
    fn the_file_speaks_where_the_record_is_silent() {
        let tagged = file(PixelType::U16, 1e-4, -0.1);
        check(used("B04", SILENT, &tagged, AUTO, &[]), (1e-4, -0.1));
        check(used("B04", (Some(2.75e-5), Some(-0.2)), &tagged, AUTO, &[]), (2.75e-5, -0.2));
        check(used("B04", (Some(1e-4), None), &tagged, AUTO, &[]), (1e-4, -0.1));
        check(used("B04", (None, Some(-0.1)), &file(PixelType::U16, 1.0, 0.0), AUTO, &[]), (1e-4, -0.1));
        check(used("B04", SILENT, &file(PixelType::I16, 1e-4, 0.0), ("provider", None), &[]), (1e-4, 0.0));
    }

    #[test]
    fn the_user_settles_scale_and_offset() {
        let counts = file(PixelType::U16, 1.0, 0.0);
        check(used("B04", SILENT, &counts, ("-7272.727272", Some(2.75e-5)), &[]), (2.75e-5, -0.2));
        let message = used("B04", (Some(1e-4), Some(-1000.0)), &counts, AUTO, &[]).unwrap_err();
        assert!(message.contains("offset -1000") && message.contains("inputs.offset"), "{message}");
    }
}
