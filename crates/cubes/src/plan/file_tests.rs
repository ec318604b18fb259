//! That plans come back from their files as they were.

use super::*;
use crate::mask::Mask;
use crate::nothing::Zero;
use crate::plan::Address;
use crate::plan::small_scenes::{grid, spec};
use crate::radiometry::Meaning;
use crate::scene_plan::{Layer, PlannedBand, PlannedScene};
use crate::source_spec::RadarUnits;
use chrono::{DateTime, Utc};
use ecotone_core::{Crs, GeoBox, GeoTransform, Nodata, Shape2d, Window};
use ecotone_preprocessing::{BackscatterUnits, ScaleOffset, Sun};
use proptest::option::of;
use proptest::prelude::*;

fn real() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("one that equals itself", |value| !value.is_nan()),
        Just(1e-4),
        Just(0.1 + 0.2),
        Just(f64::NEG_INFINITY)
    ]
}

fn layers() -> impl Strategy<Value = Layer> {
    let address = "(https://a[.]org/[a-z]{1,4}[.]tif([?]v=[0-9])?|/data/[a-zé ]{1,6}[.]tif)";
    (address, 1usize..5, of(prop_oneof![real(), Just(f64::NAN)])).prop_map(|(address, band, nodata)| Layer {
        address: Address::new(&address),
        band,
        nodata: nodata.map(Nodata::new),
    })
}

fn geoboxes() -> impl Strategy<Value = GeoBox> {
    let crs = prop_oneof![Just(Crs::epsg(32633)), Just(Crs::Wkt("PROJCS[\"x \\ y\"]".to_owned()))];
    (0usize..9000, 0usize..9000, -1e7..1e7f64, 1e-5..100.0f64, -0.1..0.1f64, crs).prop_map(
        |(rows, cols, x, side, turn, crs)| {
            let transform = GeoTransform::from_gdal([x, side, turn, x / 3.0, turn, -side]).unwrap();
            GeoBox::new(Shape2d::new(rows, cols), transform, crs)
        },
    )
}

fn bands() -> impl Strategy<Value = PlannedBand> {
    let units = of(prop_oneof![Just(BackscatterUnits::Power), Just(BackscatterUnits::Decibel)]);
    let zero = prop_oneof![Just(Zero::Number), Just(Zero::Dark), Just(Zero::Nothing)];
    ("[A-Z0-9]{1,4}", layers(), real(), real(), "[a-z \"]{0,12}", units, zero).prop_map(
        |(name, layer, scale, offset, reason, units, zero)| {
            let used = ScaleOffset { scale, offset };
            PlannedBand { name, layer, meaning: Meaning { used, reason, units }, zero }
        },
    )
}

fn scenes() -> impl Strategy<Value = PlannedScene> {
    let time = (0i64..4_000_000_000, 0u32..1_000_000_000)
        .prop_map(|(seconds, nanos)| DateTime::<Utc>::from_timestamp(seconds, nanos).unwrap());
    let bounds = of((any::<i32>(), any::<i32>(), 0usize..99_999, 0usize..99_999)).prop_map(|bounds| {
        bounds.map(|(row, col, rows, cols)| Window::new(row.into(), col.into(), rows, cols))
    });
    let text = || of("[a-z0-9._-]{0,8}");
    let names = ("[a-z/ ]{1,8}", text(), of(any::<u32>()), text(), text());
    let sun = of((real(), real())).prop_map(|sun| sun.map(|(zenith, azimuth)| Sun { zenith, azimuth }));
    let layers = (of(layers()), of(layers()), proptest::collection::vec(bands(), 0..4));
    (names, time, of(real()), sun, layers, geoboxes(), bounds).prop_map(
        |(
            (id, platform, relative_orbit, datatake, baseline),
            datetime,
            cloud_cover,
            sun,
            layers,
            geobox,
            bounds,
        )| {
            let (mask, classes, bands) = layers;
            PlannedScene {
                key: format!("k/{id}"),
                id,
                datetime,
                platform,
                relative_orbit,
                datatake,
                baseline,
                cloud_cover,
                sun,
                bands,
                geobox,
                bounds,
                mask_rule: mask.is_some().then(Mask::default),
                mask,
                classes,
            }
        },
    )
}

fn heights() -> impl Strategy<Value = Heights> {
    let tile =
        ("[a-z/]{1,8}[.]tif", real(), real(), real(), real()).prop_map(|(href, west, south, east, north)| {
            let bounds = BoundingBox { min: XY::new(west, south), max: XY::new(east, north) };
            HeightTile { href, bounds }
        });
    // JSON has no infinity; nor has the Earth.
    let tile = tile.prop_filter("a place", |HeightTile { bounds: BoundingBox { min, max }, .. }| {
        [min.x, min.y, max.x, max.y].iter().all(|degrees| degrees.is_finite())
    });
    ("[a-z/]{1,8}", of(proptest::collection::vec(tile, 0..3)))
        .prop_map(|(place, tiles)| Heights::of(PathBuf::from(place), tiles))
}

fn plans() -> impl Strategy<Value = Plan> {
    let failure = ("[a-z]{1,5}", "[a-z: \n]{0,9}").prop_map(|(scene, reason)| Failure { scene, reason });
    let source = (
        proptest::collection::vec(scenes(), 0..4),
        proptest::collection::vec(failure, 0..3),
        (1u32..40, 1usize..40, 0.0..100.0f64, any::<bool>()),
    )
        .prop_map(|(scenes, failures, (step_days, steps, max_cloud_cover, radar))| {
            let radar = radar.then_some(RadarUnits::Auto);
            PlannedSource {
                spec: crate::SourceSpec { max_cloud_cover, radar, ..spec(step_days, steps) },
                scenes,
                failures,
            }
        });
    (geoboxes(), of(heights()), proptest::collection::vec(source, 0..3))
        .prop_map(|(geobox, heights, sources)| Plan::new(geobox, heights, sources))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_plan_comes_back_from_its_file(plan in plans(), other in plans()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        plan.write(&path).unwrap();
        let back = Plan::read(&path).unwrap();
        prop_assert_eq!(&back, &plan);
        prop_assert_eq!(back.hash().unwrap(), plan.hash().unwrap());
        prop_assert_eq!(other == plan, other.hash().unwrap() == plan.hash().unwrap());
        // And the file of what was read is the same file.
        let again = folder.path().join("again.json");
        back.write(&again).unwrap();
        prop_assert_eq!(std::fs::read(&path).unwrap(), std::fs::read(&again).unwrap());
    }
}

fn small() -> Plan {
    Plan::new(grid(32633, 0.0, 0.0, 10.0, 2, 3), None, Vec::new())
}

#[test]
fn a_hash_is_the_same_on_every_machine() {
    // sha256sum of the text.
    let text = r#"{"format":1,"grid":{"crs":"EPSG:32633","shape":[2,3],"transform":[0.0,10.0,0.0,0.0,0.0,-10.0]},"heights":null,"sources":[]}"#;
    assert_eq!(serde_json::to_string(&PlanForm::of(&small())).unwrap(), text);
    assert_eq!(small().hash().unwrap(), "da3a48bb51524609c4d69b861e14279c18475c9986564839181ee3be08c39c73");
}

#[test]
fn a_signature_of_a_tile_stays_out_of_the_file() {
    let bounds = BoundingBox { min: XY::new(14.0, 50.0), max: XY::new(15.0, 51.0) };
    let tile = |href: &str| HeightTile { href: href.to_owned(), bounds };
    let plan = |href: &str| {
        let heights = Heights::of(PathBuf::from("https://a.org/collections/dem"), Some(vec![tile(href)]));
        Plan::new(grid(32633, 0.0, 0.0, 10.0, 2, 3), Some(heights), Vec::new())
    };
    let signed = plan("https://a.org/t.tif?X-Amz-Signature=abc&v=1");
    let text = serde_json::to_string(&PlanForm::of(&signed)).unwrap();
    let tiles = r#""height_tiles":[{"href":"https://a.org/t.tif?v=1","bounds":[14.0,50.0,15.0,51.0]}]"#;
    assert!(text.contains(tiles), "{text}");
    assert_eq!(signed.hash().unwrap(), plan("https://a.org/t.tif?v=1").hash().unwrap());
}

#[test]
fn other_files_are_refused_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    let refused = |from: &str, to: &str| {
        small().write(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
        ecotone_jobs::reasons(&Plan::read(&path).unwrap_err())
    };
    let newer = refused("\"format\": 1", "\"format\": 2");
    assert!(newer.contains("plan.json is a plan of format 2") && newer.contains("format 1"), "{newer}");
    assert!(refused("\"format\"", "\"title\"").contains("reading the plan"));
    assert!(refused("EPSG:32633", "somewhere").contains("understanding the grids of the plan"));
    assert!(refused("\"sources\"", "\"scenes\"").contains("sources"));
    assert!(
        ecotone_jobs::reasons(&Plan::read(&folder.path().join("none.json")).unwrap_err())
            .contains("none.json")
    );
}
