//! Which instrument a scene is from, by what its record is called.

use super::scene::Scene;
use ecotone_core::Sensor;

impl Scene {
    /// The instrument, read from platform, collection and identifier.
    ///
    /// Harmonised scenes (HLS) are told by collection or identifier, whatever the platform: their bands are not its own.
    /// `None` where nothing tells it, and where what tells it speaks of several.
    pub fn sensor(&self) -> Option<Sensor> {
        let names = [self.collection.as_deref(), Some(self.id.as_str())].map(|text| text.map(plain));
        let said = [self.platform.as_deref().map(plain), names[0].clone(), names[1].clone()];
        let names = || names.iter().flatten();
        let said = || said.iter().flatten();
        let unnumbered = || {
            // Where nothing tells the number, those that most people mean.
            let landsat = said().any(|text| after_landsat(text).is_some_and(|rest| digit(rest).is_none()));
            (landsat && said().all(|text| number_of(text).is_none())).then_some(Sensor::Landsat)
        };
        let of_harmonised = names().find_map(|text| harmonised(text));
        // A collection of Landsat may hold the scenes of several instruments.
        let of_satellite = || said().find_map(|text| sentinel(text).or_else(|| landsat(text)));
        of_harmonised.or_else(of_satellite).or_else(unnumbered)
    }
}

/// A name without what parts its words, in lower case, and without the mark of Digital Earth Australia.
fn plain(text: &str) -> String {
    let text = text.to_ascii_lowercase().replace(['-', '_', ' ', '.'], "");
    text.strip_prefix("ga").map_or_else(|| text.clone(), str::to_owned)
}

/// `HLSS30.v2.0`, `hls2-l30`, `HLS.S30.T31UFQ…`.
fn harmonised(text: &str) -> Option<Sensor> {
    let rest = text.strip_prefix("hls")?;
    let rest = rest.strip_prefix('2').unwrap_or(rest);
    match rest.get(..3)? {
        "s30" => Some(Sensor::HlsS30),
        "l30" => Some(Sensor::HlsL30),
        _ => None,
    }
}

fn sentinel(text: &str) -> Option<Sensor> {
    let starts = |names: &[&str]| names.iter().any(|name| text.starts_with(name));
    let holds = |names: &[&str]| names.iter().any(|name| text.contains(name));
    match () {
        () if holds(&["sentinel2", "sentinels2"]) => Some(Sensor::Sentinel2),
        () if starts(&["s2a", "s2b", "s2c", "s2l1c", "s2l2a"]) => Some(Sensor::Sentinel2),
        () if holds(&["sentinel1", "sentinels1", "rtcs1"]) => Some(Sensor::Sentinel1),
        () if starts(&["s1a", "s1b", "s1c", "s1d", "s1rtc"]) => Some(Sensor::Sentinel1),
        () => None,
    }
}

/// The instrument of a Landsat whose number is told.
fn landsat(text: &str) -> Option<Sensor> {
    match number_of(text)? {
        4 | 5 | 7 => Some(Sensor::LandsatTm),
        8 | 9 => Some(Sensor::Landsat),
        _ => None,
    }
}

/// The number of a Landsat: `landsat8`, of Digital Earth Australia and Africa `ls8c`, `ls8sr`, of scenes `LC08_L2SP…` and formerly
/// `LC8` with path, row and day. None where several are named.
fn number_of(text: &str) -> Option<u32> {
    if let Some(rest) = after_landsat(text).or_else(|| text.strip_prefix("ls")) {
        return digit(rest).filter(|_| after_landsat(rest).is_none());
    }
    let rest = ["lc", "le", "lt", "lo"].iter().find_map(|kind| text.strip_prefix(kind))?;
    match rest.strip_prefix('0') {
        Some(number) => digit(number).filter(|_| number.get(1..2) == Some("l")),
        None => digit(rest).filter(|_| rest.chars().take_while(char::is_ascii_digit).count() == 14),
    }
}

fn after_landsat(text: &str) -> Option<&str> {
    text.split_once("landsat").map(|(_, rest)| rest)
}

/// The digit that a text begins with.
fn digit(text: &str) -> Option<u32> {
    text.chars().next()?.to_digit(10)
}

#[cfg(test)]
mod tests {
    use crate::catalog::scene::tests::bare_scene;
    use ecotone_core::Sensor;

    #[track_caller]
    fn check(platform: &str, collection: &str, id: &str, expected: Option<Sensor>) {
        let mut scene = bare_scene(id, "2021-01-01T00:00:00Z");
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (scene.platform, scene.collection) = (said(platform), said(collection));
        assert_eq!(scene.sensor(), expected, "{platform} {collection} {id}");
    }

    #[test]
    fn harmonised_scenes_are_no_scenes_of_their_platform() {
        for (platform, collection, id, expected) in [
            ("", "HLSS30.v2.0", "HLS.S30.T31UFQ.2021001T105441.v2.0", Sensor::HlsS30),
            ("", "HLSL30_2.0", "HLS.L30.T31UFQ.2021001T105441.v2.0", Sensor::HlsL30),
            ("sentinel-2a", "hls2-s30", "HLS.S30.T31UFQ.2021001T105441.v2.0", Sensor::HlsS30),
            ("landsat-8", "hls2-l30", "HLS.L30.T31UFQ.2021001T105441.v2.0", Sensor::HlsL30),
            ("landsat-9", "mine", "HLS.L30.T31UFQ.2021001T105441.v2.0", Sensor::HlsL30),
            ("", "hls2-l30", "a", Sensor::HlsL30),
        ] {
            check(platform, collection, id, Some(expected));
        }
        check("", "hls", "a", None);
    }

    #[test]
    fn landsat_is_told_by_its_number() {
        for (platform, collection, id, expected) in [
            ("LANDSAT_7", "landsat-c2l2-sr", "LE07_L2SP_044033_20210329_02_T1_SR", Sensor::LandsatTm),
            ("landsat-9", "landsat-c2-l2", "LC09_L2SP_010065_20220129_02_T1", Sensor::Landsat),
            ("landsat-5", "landsat-c2-l2", "LT05_L2SP_010065_19990129_02_T1", Sensor::LandsatTm),
            // No platform, or a constellation.
            ("", "landsat-c2l2-sr", "LC08_L2SR_099120_20191129_20201016_02_T2", Sensor::Landsat),
            ("Landsat", "landsat-c2l2-sr", "LE07_L2SR_081119_20200101_02_T2", Sensor::LandsatTm),
            ("", "landsat-8-l1-c1", "LC80990552016", Sensor::Landsat),
            ("", "", "LC80990552016001LGN00", Sensor::Landsat),
            ("", "landsat-c2-l2", "mine", Sensor::Landsat),
            // Digital Earth Australia and Africa.
            ("landsat-8", "", "2aa69fcf-aa55-4747-9d95-3652f9fe79b0", Sensor::Landsat),
            ("", "ga_ls8c_ard_3", "2aa69fcf", Sensor::Landsat),
            ("", "ga_ls7e_ard_3", "2aa69fcf", Sensor::LandsatTm),
            ("", "ls8_sr", "a", Sensor::Landsat),
            ("", "ls5_sr", "a", Sensor::LandsatTm),
        ] {
            check(platform, collection, id, Some(expected));
        }
        check("landsat-5,landsat-7,landsat-8", "fc_percentile_albers_annual", "3af1acae", None);
        check("landsat-1", "landsat-c2-l1", "LM01_L1TP_010065", None);
    }

    #[test]
    fn sentinels_are_told_by_any_of_their_names() {
        for (platform, collection, id, expected) in [
            ("Sentinel-2B", "sentinel-2-l2a", "S2B_MSIL2A_20190629T212529", Sensor::Sentinel2),
            ("", "sentinel-s2-l2a-cogs", "a", Sensor::Sentinel2),
            ("", "ga_s2am_ard_3", "e2baf679", Sensor::Sentinel2),
            ("", "s2_l2a", "a", Sensor::Sentinel2),
            ("", "", "S2C_MSIL2A_20260527T014651", Sensor::Sentinel2),
            ("SENTINEL-1A", "sentinel-1-rtc", "a", Sensor::Sentinel1),
            ("", "s1_rtc", "a", Sensor::Sentinel1),
            ("", "OPERA_L2_RTC-S1_V1", "OPERA_L2_RTC-S1_T064-135520-IW1", Sensor::Sentinel1),
        ] {
            check(platform, collection, id, Some(expected));
        }
        check("", "orthophotos", "sheet-7", None);
        check("", "lc100", "LC08-forest", None);
        check("", "gaofen-2", "lake", None);
    }
}
