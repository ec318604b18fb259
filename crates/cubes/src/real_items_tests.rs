//! All items of providers at hand, where `ECOTONE_REAL_DATA` points to them: each is read, or refused by a sentence.

use super::*;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a job is to make of a band of an item.
enum Outcome {
    /// Reflectance, or decibels.
    Reads(f32),
    /// A sentence with these words.
    Refused(&'static str),
}
use Outcome::{Reads, Refused};

type Case = (&'static str, &'static str, Stored, Option<(&'static str, u16, u16)>, Outcome);

const SCL: Option<(&str, u16, u16)> = Some(("SCL", 9, 4));
const QA: Option<(&str, u16, u16)> = Some(("qa_pixel", 22280, 21824));
const FMASK: Option<(&str, u16, u16)> = Some(("oa_fmask", 2, 1));
const OLD: Stored = Stored::Counts(700);
const NEW: Stored = Stored::Counts(1700);
const LANDSAT: Stored = Stored::Counts(10_000);

const CASES: &[Case] = &[
    (
        "LC08_L2SR_099120_20191129_20201016_02_T2_SR_stac.json",
        "red",
        LANDSAT,
        Some(("QA_PIXEL.TIF", 22280, 21824)),
        Reads(0.075),
    ),
    ("LC09_L2SP_010065_20220129_02_T1.json", "red", LANDSAT, QA, Reads(0.075)),
    ("S1A_20200103_17RMJ_ASC.json", "VV", Stored::Power(0.1), None, Refused("it has gamma0_vh, gamma0_vv")),
    ("S1A_20200103_17RMJ_ASC.json", "gamma0_vv", Stored::Power(0.1), None, Reads(-10.0)),
    (
        "S1A_IW_GRDH_1SDV_20191215T003835_20191215T003904_030352_0378DC_rtc.json",
        "VV",
        Stored::Power(0.1),
        None,
        Reads(-10.0),
    ),
    ("cdse-global-mosaics-search.json", "B04", Stored::Signed(700), None, Reads(0.07)),
    ("io-lulc-item.json", "red", OLD, None, Refused("no band `red`")),
    ("item-sentinel2.json", "B04", OLD, SCL, Reads(0.07)),
    ("mpc-s1-grd.json", "VV", Stored::Power(0.1), None, Refused("no band `VV`")),
    ("odc-LC08_L2SP_028030_20200114_20200824_02_T1_SR.json", "red", LANDSAT, QA, Reads(0.075)),
    (
        "odc-LC08_L2SR_081119_20200101_20200823_02_T2.json",
        "red",
        LANDSAT,
        Some(("QA_PIXEL.TIF", 22280, 21824)),
        Reads(0.075),
    ),
    ("odc-LE07_L2SP_044033_20210329_20210424_02_T1_SR.json", "red", LANDSAT, QA, Reads(0.075)),
    ("odc-S2A_28QCH_20200714_0_L2A.json", "B04", OLD, SCL, Reads(0.07)),
    ("odc-S2B_MSIL2A_20190629T212529_R043_T06VVN_20201006T080531.json", "B04", OLD, SCL, Reads(0.07)),
    (
        "odc-S2B_MSIL2A_20190629T212529_R043_T06VVN_20201006T080531_raster_ext.json",
        "B04",
        OLD,
        SCL,
        Reads(0.07),
    ),
    (
        "odc-ga_ls8c_ard_3-1-0_088080_2020-05-25_final.stac-item.json",
        "red",
        Stored::Signed(700),
        FMASK,
        Reads(0.07),
    ),
    ("odc-lidar_dem.json", "red", OLD, None, Refused("it has dem")),
    ("odc-only_crs_proj.json", "red", OLD, None, Refused("no band `red`")),
    ("openeo-issue1043-api-proj-code.json", "B04", NEW, SCL, Reads(0.07)),
    ("openeo-issue1547-inconsistent-nodata-handling.json", "B04", NEW, SCL, Reads(0.07)),
    ("openeo-openEO_2023-06-01Z.tif.json", "B04", NEW, None, Refused("inputs.mask.kind = \"none\"")),
    ("site2-2020_jun_jul-35MNM.geojson", "B04", OLD, SCL, Reads(0.07)),
    (
        "stactools-S2A_MSIL1C_20200717T221941_R029_T01LAC_20200717T234135.SAFE.json",
        "B04",
        OLD,
        None,
        Refused("inputs.mask.kind"),
    ),
    (
        "stactools-S2A_MSIL2A_20230625T234621_N0509_R073_T01WCS_20230626T022157.SAFE.json",
        "B04",
        NEW,
        SCL,
        Reads(0.07),
    ),
    (
        "stactools-S2A_MSIL2A_20230821T221941_N0509_R029_T01KAB_20230822T021825.SAFE.json",
        "B04",
        NEW,
        SCL,
        Reads(0.07),
    ),
    ("stactools-S2A_OPER_MSI_L2A_TL_2APS_20240108T121951_A044635_T34VEL.json", "B04", NEW, SCL, Reads(0.07)),
    ("stactools-S2A_T60CWS_20240109T203651_L2A.json", "B04", NEW, SCL, Reads(0.07)),
    (
        "stactools-S2B_MSIL2A_20220413T150759_N0400_R025_T33XWJ_20220414T082126.SAFE.json",
        "B04",
        NEW,
        SCL,
        Reads(0.07),
    ),
    (
        "stactools-esa_S2B_MSIL2A_20210122T133229_N0214_R081_T22HBD_20210122T155500.SAFE.json",
        "B04",
        OLD,
        SCL,
        Reads(0.07),
    ),
    ("tools-29V-2021.stac-item.json", "red", OLD, None, Refused("no band `red`")),
    ("tools-S2A_17SPR_20221106_0_L2A.json", "B04", OLD, SCL, Reads(0.07)),
    ("tools-S2A_28QCH_20200714_0_L2A.json", "B04", OLD, SCL, Reads(0.07)),
    ("tools-S2B_31QGB_20200831_0_L2A.json", "B04", OLD, SCL, Reads(0.07)),
    ("tools-S2B_42TUM_20220107_0_L2A.json", "B04", OLD, SCL, Reads(0.07)),
    ("tools-S2B_T37MGP_20240710T073012_L2A_C1.json", "B04", NEW, SCL, Reads(0.07)),
    (
        "tools-ga_ls8c_ard_3-1-0_088080_2020-05-25_final.stac-item.json",
        "red",
        Stored::Signed(700),
        FMASK,
        Reads(0.07),
    ),
    (
        "tools-ga_s2am_ard_3-2-1_49JFM_2016-12-14_final.stac-item.json",
        "red",
        Stored::Signed(700),
        FMASK,
        Reads(0.07),
    ),
    ("tools-world-wrapping.stac-item.json", "red", LANDSAT, None, Refused("inputs.mask.kind = \"none\"")),
];

/// Reads an item as a job would; a sentence where it cannot.
fn outcome(item: &Value, location: &str, case: &Case) -> std::result::Result<f32, String> {
    let (_, band, stored, hidden, _) = case;
    let mut scene = scene_of_item(item, location, None).map_err(|error| error.to_string())?;
    let (values, _) = super::read(&mut scene, band, *stored, *hidden, auto())?;
    assert!(hidden.is_none() || values[0].is_nan(), "{}: a cloud is seen", scene.id);
    Ok(values[SIDE * SIDE - 1])
}

#[test]
fn every_item_at_hand_is_read_or_refused_by_a_sentence() {
    let Some(data) = std::env::var_os("ECOTONE_REAL_DATA").filter(|name| !name.is_empty()) else {
        println!("skipped: ECOTONE_REAL_DATA is unset");
        return;
    };
    let folder = Path::new(&data).join("real-files/stac");
    let mut wrong = BTreeMap::new();
    for case in CASES {
        let (file, ..) = case;
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        let items = match document.get("features").and_then(Value::as_array) {
            Some(items) => items.clone(),
            None => vec![document],
        };
        for item in items {
            let found = outcome(&item, &folder.join(file).to_string_lossy(), case);
            let (sound, said) = match (&case.4, &found) {
                (Reads(expected), Ok(value)) => ((value - expected).abs() < 1e-5, value.to_string()),
                (Refused(words), Err(sentence)) => (sentence.contains(words), sentence.clone()),
                (_, found) => (false, format!("{found:?}")),
            };
            println!("{file}: {said}");
            if !sound {
                wrong.insert(*file, said);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
