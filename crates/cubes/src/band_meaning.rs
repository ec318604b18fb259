//! What the names of a job's bands mean: one band each, whichever sensors its scenes are from.

use crate::{Error, Result};
use ecotone_core::Band;
use ecotone_io::{Scene, SceneBand};
use serde::{Deserialize, Serialize};

/// What a name of a band means: what the band of that name sees on the sensor that it was taken from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeantBand {
    /// As the source calls it, such as `B05`.
    pub name: String,
    /// As it is called on every sensor, such as `rededge071`.
    pub common_name: String,
    /// Centre wavelength in micrometres.
    pub center_wavelength: f64,
    /// The sensor, as people call it.
    pub sensor: String,
}

impl MeantBand {
    fn of(name: &str, scene: &Scene) -> Option<Self> {
        let band = scene.identity(scene.band(name).ok()?)?;
        Some(Self {
            name: name.to_owned(),
            common_name: band.common_name.to_owned(),
            center_wavelength: band.center_wavelength,
            sensor: scene.sensor()?.name().to_owned(),
        })
    }

    /// Whether a band of a scene is this one; true where nothing is known of it but its name.
    fn may_be(&self, found: SceneBand<'_>, scene: &Scene) -> bool {
        scene.identity(found).is_none_or(|own| own.is_like(self.seen()))
    }

    /// Whether two names mean one band, though the sensors they were taken from may be two.
    pub fn is_like(&self, other: &Self) -> bool {
        Band::are_alike(self.seen(), other.seen())
    }

    fn seen(&self) -> (&str, f64) {
        (&self.common_name, self.center_wavelength)
    }

    /// Common name, wavelength and sensor.
    pub fn in_words(&self) -> String {
        let Self { common_name, center_wavelength, sensor, .. } = self;
        format!("{common_name} at {center_wavelength} µm, as on {sensor}")
    }
}

fn in_words(band: &Band) -> String {
    format!("{} at {} µm", band.common_name, band.center_wavelength)
}

/// What the bands of a source mean, in their order; `None` where no scene tells.
pub(crate) struct BandMeanings(Vec<Option<Meaning>>);

struct Meaning {
    band: MeantBand,
    /// Whether a model tells it, and not the first of the scenes.
    told: bool,
}

impl BandMeanings {
    /// Those that were told, else those of the first of some scenes, in order of time, that has the band.
    pub(crate) fn of(names: &[String], told: &[MeantBand], scenes: &[&Scene]) -> Self {
        let meaning = |name: &String| {
            let told = told.iter().find(|band| band.name == *name).cloned();
            match told {
                Some(band) => Some(Meaning { band, told: true }),
                None => scenes
                    .iter()
                    .find_map(|scene| MeantBand::of(name, scene))
                    .map(|band| Meaning { band, told: false }),
            }
        };
        Self(names.iter().map(meaning).collect())
    }

    /// The same for a card.
    pub(crate) fn into_meant(self) -> Vec<MeantBand> {
        self.0.into_iter().flatten().map(|meaning| meaning.band).collect()
    }

    /// The bands of a scene that are meant by some names, in their order.
    ///
    /// A name is looked up in the scene first, then, where that is another band or none, the name that the band has on every
    /// sensor. Names that no model explains must mean one band wherever they occur: what was typed may have meant either.
    ///
    /// # Errors
    /// When there is no such band, or only another one of that name.
    pub(crate) fn find<'a>(&self, names: &[String], scene: &'a Scene) -> Result<Vec<SceneBand<'a>>> {
        names.iter().zip(&self.0).map(|(name, meaning)| find(name, meaning.as_ref(), scene)).collect()
    }
}

fn find<'a>(name: &str, meaning: Option<&Meaning>, scene: &'a Scene) -> Result<SceneBand<'a>> {
    let named = scene.band(name);
    let Some(Meaning { band: meant, told }) = meaning else { return Ok(named?) };
    let own = match &named {
        Ok(found) if meant.may_be(*found, scene) => return Ok(*found),
        Ok(found) => scene.identity(*found),
        Err(_) => None,
    };
    if let (Some(own), false) = (own, *told) {
        return Err(Error::OtherBand {
            scene: scene.id.clone(),
            own: format!("{}, whose `{name}` is {}", sensor_of(scene), in_words(&own)),
            meant: meant.in_words(),
            neutral: format!("`{}` or `{}`", meant.common_name, own.common_name),
        });
    }
    let neutral = scene.band(&meant.common_name);
    if let Some(found) = neutral.as_ref().ok().filter(|found| meant.may_be(**found, scene)) {
        return Ok(*found);
    }
    let may_have = scene.sensor().is_none_or(|sensor| sensor.band(&meant.common_name).is_ok());
    match named.and(neutral) {
        Err(missing) if may_have => Err(missing.into()),
        _ => Err(Error::NoSuchBand {
            scene: scene.id.clone(),
            sensor: sensor_of(scene),
            band: name.to_owned(),
            meant: meant.in_words(),
            instead: instead(name, own, meant, scene),
        }),
    }
}

fn sensor_of(scene: &Scene) -> &'static str {
    scene.sensor().map_or("an unknown sensor", ecotone_core::Sensor::name)
}

/// What a scene has in the place of a band that it lacks.
fn instead(name: &str, own: Option<Band>, meant: &MeantBand, scene: &Scene) -> String {
    if let Some(own) = own {
        return format!("its own `{name}` is {}", in_words(&own));
    }
    let apart = |band: &&Band| (band.center_wavelength - meant.center_wavelength).abs();
    let bands = scene.sensor().map_or(&[][..], ecotone_core::Sensor::bands);
    let nearest = bands.iter().min_by(|a, b| apart(a).total_cmp(&apart(b)));
    nearest.map_or_else(String::new, |band| format!("the nearest that it has is {}", in_words(band)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene_open::tests::scene;
    use ecotone_io::{Asset, AssetBand};

    const S30: [&str; 6] = ["B02", "B04", "B05", "B08", "B8A", "B11"];
    const L30: [&str; 6] = ["B02", "B04", "B05", "B06", "B07", "B11"];

    fn with_bands(id: &str, platform: Option<&str>, names: &[&str]) -> Scene {
        let mut scene = Scene { collection: None, platform: platform.map(str::to_owned), ..scene(id) };
        for name in names {
            let band = AssetBand { index: 1, name: (*name).to_owned(), ..AssetBand::default() };
            let key = (*name).to_owned();
            scene.assets.insert(key.clone(), Asset { key, bands: vec![band], ..Asset::default() });
        }
        scene
    }

    fn hls() -> [Scene; 2] {
        [with_bands("HLS.S30.T33", None, &S30), with_bands("HLS.L30.T33", None, &L30)]
    }

    fn split(names: &str) -> Vec<String> {
        names.split(',').map(str::to_owned).collect()
    }

    /// The assets that names mean in the last of some scenes, or why they mean none.
    fn found(names: &str, told: &[MeantBand], scenes: &[&Scene]) -> std::result::Result<String, String> {
        let names = split(names);
        let found = BandMeanings::of(&names, told, scenes).find(&names, scenes[scenes.len() - 1]);
        let found = found.map_err(|error| error.to_string())?;
        Ok(found.iter().map(|found| found.asset.key.as_str()).collect::<Vec<_>>().join(","))
    }

    /// What a model that was trained on a scene tells of its bands.
    fn told(names: &str, scene: &Scene) -> Vec<MeantBand> {
        BandMeanings::of(&split(names), &[], &[scene]).into_meant()
    }

    #[test]
    fn one_job_of_two_sensors_asks_by_what_is_one_on_both() {
        let [s30, l30] = hls();
        for (names, expected) in [("red,nir08,swir16", "B04,B05,B06"), ("B02,B04,B8A", "B02,B04,B05")] {
            assert_eq!(found(names, &[], &[&s30, &l30]).as_deref(), Ok(expected), "{names}");
        }
        assert_eq!(found("red,nir08,swir16", &[], &[&l30, &s30]).as_deref(), Ok("B04,B8A,B11"));
        assert_eq!(found("B05", &[], &[&l30]).as_deref(), Ok("B05"), "alone it means its own");
        assert_eq!(
            found("B02,B05", &[], &[&s30, &l30]).unwrap_err(),
            "scene HLS.L30.T33 is of HLS L30, whose `B05` is nir08 at 0.865 µm, but in this job it is rededge071 at \
             0.704 µm, as on HLS S30: ask by a name that is one on every sensor, `rededge071` or `nir08`"
        );
        // Whichever comes first.
        let message = found("B05", &[], &[&l30, &s30]).unwrap_err();
        assert!(message.contains("whose `B05` is rededge071") && message.contains("HLS S30"), "{message}");
        assert!(found("B11", &[], &[&s30, &l30]).unwrap_err().contains("lwir12 at 12.005 µm"));
        assert_eq!(
            found("nir", &[], &[&s30, &l30]).unwrap_err(),
            "scene HLS.L30.T33 is of HLS L30, which has no band like `nir` (nir at 0.842 µm, as on HLS S30): the nearest \
             that it has is nir08 at 0.865 µm"
        );
    }

    #[test]
    fn a_model_finds_its_bands_by_what_they_see() {
        let [s30, l30] = hls();
        let names = "B02,B04,B8A,B11";
        let sentinel = with_bands("S2A_x", Some("sentinel-2a"), &["blue", "red", "nir08", "swir16"]);
        let of_sentinel = told(names, &sentinel);
        assert_eq!(of_sentinel[3].common_name, "swir16");
        for (scene, expected) in [
            (&sentinel, "blue,red,nir08,swir16"),
            (&s30, "B02,B04,B8A,B11"),
            (&l30, "B02,B04,B05,B06"),
            (
                &with_bands("LC08_x", Some("landsat-8"), &["SR_B2", "SR_B4", "SR_B5", "SR_B6"]),
                "SR_B2,SR_B4,SR_B5,SR_B6",
            ),
            (&with_bands("LE07_x", Some("landsat-7"), &["B1", "B3", "B4", "B5"]), "B1,B3,B4,B5"),
            // Nothing is known but names.
            (&with_bands("mine", None, &["B02", "B04", "B8A", "B11"]), "B02,B04,B8A,B11"),
        ] {
            assert_eq!(found(names, &of_sentinel, &[scene]).as_deref(), Ok(expected), "{}", scene.id);
        }
        // The model says what its name means, so that the other band of that name misleads nobody.
        assert_eq!(found("B05", &told("B05", &l30), &[&s30]).as_deref(), Ok("B8A"));
        assert_eq!(
            found("B05", &told("B05", &s30), &[&l30]).unwrap_err(),
            "scene HLS.L30.T33 is of HLS L30, which has no band like `B05` (rededge071 at 0.704 µm, as on HLS S30): its own \
             `B05` is nir08 at 0.865 µm"
        );
    }

    #[test]
    fn a_band_that_is_not_there_is_missed_by_the_name_that_was_asked() {
        let [s30, _] = hls();
        let short = with_bands("HLS.S30.T34", None, &["B02", "B04"]);
        for told in [&[][..], &told("B8A", &s30)] {
            let message = found("B8A", told, &[&s30, &short]).unwrap_err();
            assert_eq!(message, "scene HLS.S30.T34 has no band `B8A` (it has B02, B04)");
        }
        assert!(found("B99", &[], &[&short]).is_err());
        // It has another band of that name, and not the one that is meant.
        let message = found("B05", &told("B05", &hls()[1]), &[&with_bands("HLS.S30.T35", None, &["B05"])]);
        assert_eq!(message.unwrap_err(), "scene HLS.S30.T35 has no band `nir08` (it has B05)");
        assert!(told("B02", &with_bands("mine", None, &["B02"])).is_empty(), "nothing is known of it");
    }
}
