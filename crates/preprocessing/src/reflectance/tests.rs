//! The witnesses of an offset, alone and against each other.

use super::*;
use ecotone_core::Sensor;
use proptest::prelude::*;

const NONE: OffsetEvidence = OffsetEvidence {
    provider: None,
    provider_applied: None,
    baseline: None,
    pixels: None,
    kin: None,
    scale: None,
    sensor: None,
};
const DARK: Option<PixelEvidence> = seen(600, 0);
const BRIGHT: Option<PixelEvidence> = seen(2, 0);
/// Nothing too dark, and most as dark as vegetation that holds the offset.
const HOLDS: Option<PixelEvidence> = seen(0, 900);

const fn seen(too_dark: u64, dark: u64) -> Option<PixelEvidence> {
    Some(PixelEvidence { pixels: 1000, too_dark, dark, near_one: 0 })
}

fn listed(offset: f64) -> Option<ScaleOffset> {
    Some(ScaleOffset { scale: 1e-4, offset })
}

fn baseline(text: &str) -> Option<Baseline> {
    Some(text.parse().unwrap())
}

#[track_caller]
fn check(evidence: OffsetEvidence, expected: Option<(f64, OffsetReason)>) {
    let found = evidence.decide("S2", OffsetRule::Auto).ok().map(|d| (d.used.offset, d.reason));
    match (found, expected) {
        (Some(found), Some(expected)) => {
            assert!((found.0 - expected.0).abs() < 1e-12, "{found:?}");
            assert_eq!(found.1, expected.1);
        }
        (found, expected) => assert_eq!(found, expected),
    }
}

#[test]
fn agreeing_witnesses_decide() {
    use OffsetReason as R;
    let (old, new) = (baseline("02.05"), baseline("05.09"));
    check(OffsetEvidence { baseline: new, ..NONE }, Some((-0.1, R::Baseline)));
    check(OffsetEvidence { baseline: old, ..NONE }, Some((0.0, R::OldBaseline)));
    check(OffsetEvidence { pixels: DARK, ..NONE }, Some((0.0, R::Pixels)));
    check(OffsetEvidence { provider: listed(0.0), ..NONE }, Some((0.0, R::Provider)));
    check(OffsetEvidence { provider: listed(-0.1), baseline: new, ..NONE }, Some((-0.1, R::Provider)));
    check(OffsetEvidence { provider: listed(-0.1), pixels: BRIGHT, ..NONE }, Some((-0.1, R::Provider)));
    check(
        OffsetEvidence { provider: listed(0.0), baseline: old, pixels: DARK, ..NONE },
        Some((0.0, R::Pixels)),
    );
    check(OffsetEvidence { baseline: new, pixels: HOLDS, ..NONE }, Some((-0.1, R::Baseline)));
    check(OffsetEvidence { baseline: new, pixels: BRIGHT, ..NONE }, Some((-0.1, R::Baseline)));
}

#[test]
fn an_offset_that_was_taken_out_is_not_applied_twice() {
    use OffsetReason as R;
    let new = baseline("04.00");
    // A provider that lists the offset and says that it applied it.
    let applied = OffsetEvidence {
        provider: listed(-0.1),
        provider_applied: Some(true),
        baseline: new,
        pixels: DARK,
        ..NONE
    };
    check(applied, Some((0.0, R::ProviderApplied)));
    check(OffsetEvidence { pixels: None, ..applied }, Some((0.0, R::ProviderApplied)));
    // A harmonised archive without flags.
    check(OffsetEvidence { baseline: new, pixels: DARK, ..NONE }, Some((0.0, R::Pixels)));
    check(
        OffsetEvidence { provider: listed(0.0), baseline: new, pixels: DARK, ..NONE },
        Some((0.0, R::Pixels)),
    );
}

#[test]
fn disagreement_is_refused() {
    let (old, new) = (baseline("N0214"), baseline("N0509"));
    check(OffsetEvidence { provider: listed(-0.1), pixels: DARK, ..NONE }, None);
    check(OffsetEvidence { provider: listed(-0.1), baseline: new, pixels: DARK, ..NONE }, None);
    check(OffsetEvidence { provider: listed(-0.1), baseline: old, ..NONE }, None);
    check(OffsetEvidence { provider: listed(0.0), baseline: new, ..NONE }, None);
    check(OffsetEvidence { provider: listed(0.0), baseline: new, pixels: BRIGHT, ..NONE }, None);
    check(OffsetEvidence { provider_applied: Some(false), baseline: new, pixels: DARK, ..NONE }, None);
    check(OffsetEvidence { pixels: BRIGHT, ..NONE }, None);
}

#[test]
fn the_refusal_names_witnesses_and_the_way_out() {
    let evidence =
        OffsetEvidence { provider: listed(-0.1), baseline: baseline("05.09"), pixels: DARK, ..NONE };
    assert_eq!(
        evidence.decide("S2B_31UFS", OffsetRule::Auto).unwrap_err().to_string(),
        "scene S2B_31UFS: no agreement on the reflectance offset: the catalogue gives scale 0.0001 and offset -0.1, \
         processing baseline 05.09 adds 1000 counts, 600 of 1000 pixels are too dark to hold it, so it is not in them; \
         settle it with inputs.offset = \"-1000\" (digital numbers hold it), \"0\" (they do not) or \"provider\" (what \
         the catalogue says)"
    );
    let decided = |rule: &str| evidence.decide("S2", rule.parse().unwrap()).unwrap().used.offset;
    assert_eq!((decided("-1000"), decided("0"), decided("provider")), (-0.1, 0.0, -0.1));
    assert!(matches!(NONE.decide("S2", OffsetRule::Provider), Err(Error::NoProviderOffset { .. })));
    assert_eq!(
        NONE.decide("LC09_1", OffsetRule::Auto).unwrap_err().to_string(),
        "scene LC09_1: nothing tells whether digital numbers hold an offset: the catalogue gives no scale and offset, the \
         processing baseline is unknown, and no pixel was looked at; settle it with inputs.offset = \"-1000\" (they do) or \
         \"0\" (they do not), and inputs.scale where one count is not 0.0001"
    );
    let landsat = OffsetEvidence { sensor: Some(Sensor::Landsat), ..NONE };
    let message = landsat.decide("LC09_1", OffsetRule::Auto).unwrap_err().to_string();
    assert!(message.contains("inputs.scale = \"0.0000275\" with inputs.offset = \"-7272.727\""), "{message}");
    assert!("-1000 counts".parse::<OffsetRule>().is_err() && "NaN".parse::<OffsetRule>().is_err());
}

#[test]
fn a_scale_that_is_none_is_refused() {
    for scale in [0.0, -1e-4, f64::NAN, f64::INFINITY] {
        let evidence = OffsetEvidence { provider: Some(ScaleOffset { scale, offset: 0.0 }), ..NONE };
        assert!(evidence.decide("S2", OffsetRule::Counts(-1000.0)).is_err(), "{scale}");
        assert!(evidence.decide("S2", OffsetRule::Auto).is_err(), "{scale}");
    }
}

#[test]
fn an_offset_beyond_any_reflectance_is_refused() {
    for (scale, offset) in [(1e-4, -1000.0), (1.0, 0.0), (1e-4, 1.5), (1e-4, f64::NAN)] {
        let evidence = OffsetEvidence { provider: Some(ScaleOffset { scale, offset }), ..NONE };
        for rule in [OffsetRule::Auto, OffsetRule::Provider] {
            assert!(matches!(evidence.decide("S2", rule), Err(Error::Scale { .. })), "{scale} {offset}");
        }
    }
    let message = OffsetEvidence { provider: listed(-1000.0), ..NONE }.decide("S2_x", OffsetRule::Auto);
    assert_eq!(
        message.unwrap_err().to_string(),
        "scene S2_x: scale 0.0001 and offset -1000 do not make reflectance of digital numbers: expected a scale above 0, at \
         most 0.1, and an offset from -1 to 1 in reflectance (not in counts); settle it with inputs.scale and inputs.offset"
    );
    let told =
        OffsetEvidence { provider: listed(-1000.0), ..NONE }.decide("S2_x", OffsetRule::Counts(-1000.0));
    assert_eq!(told.unwrap().used.offset, -0.1);
}

#[test]
fn the_users_scale_counts_first() {
    let told = OffsetEvidence { scale: Some(2.75e-5), sensor: Some(Sensor::Landsat), ..NONE };
    let used = told.decide("LC09", OffsetRule::Counts(-7272.727)).unwrap().used;
    assert!(used.scale == 2.75e-5 && (used.offset + 0.2).abs() < 1e-6, "{used:?}");
    let doubled = OffsetEvidence { scale: Some(2e-4), provider: listed(-0.1), ..NONE };
    assert_eq!(doubled.decide("S2", OffsetRule::Auto).unwrap().used.offset, -0.2);
}

/// Decides for each scene of one kind; `None` where it is refused.
fn of_kin(scenes: &[Option<PixelEvidence>], rule: OffsetRule, evidence: OffsetEvidence) -> Vec<Option<f64>> {
    let mut kin = KinEvidence::default();
    scenes.iter().flatten().for_each(|scene| kin.add(*scene));
    let decide = |pixels: &Option<PixelEvidence>| {
        let evidence = OffsetEvidence { pixels: *pixels, kin: Some(kin), ..evidence };
        evidence.decide("S2", rule).ok().map(|decision| decision.used.offset)
    };
    scenes.iter().map(decide).collect()
}

#[test]
fn scenes_of_one_kind_share_an_answer_and_a_stray_is_refused() {
    const NO: Option<f64> = Some(0.0);
    const YES: Option<f64> = Some(-0.1);
    let new = OffsetEvidence { baseline: baseline("05.09"), ..NONE };
    let auto = |scenes: &[_]| of_kin(scenes, OffsetRule::Auto, new);
    // Bright scenes say nothing and take the answer of the dark one.
    assert_eq!(auto(&[BRIGHT, DARK, BRIGHT]), [NO, NO, NO]);
    assert_eq!(auto(&[BRIGHT, HOLDS, BRIGHT]), [YES, YES, YES]);
    // One of two kinds is refused, the rest goes on; the order is nothing.
    assert_eq!(auto(&[HOLDS, DARK, HOLDS, BRIGHT]), [YES, None, YES, YES]);
    assert_eq!(auto(&[DARK, HOLDS, BRIGHT, DARK]), [NO, None, NO, NO]);
    // Nobody can tell which of two is the stray.
    assert_eq!(auto(&[HOLDS, DARK, BRIGHT]), [None, None, None]);
    // A few dark pixels of one among many scenes that show none of them.
    let few = seen(15, 0);
    assert_eq!(auto(&[BRIGHT, few, BRIGHT]), [YES, YES, YES]);
    let stray = Some(PixelEvidence { pixels: 5000, too_dark: 60, ..PixelEvidence::default() });
    let many = [stray, HOLDS, HOLDS, HOLDS];
    assert_eq!(auto(&many), [None, YES, YES, YES]);
    // Of a catalogue that lists an offset which the dark scenes do not hold, the bright ones are no better.
    let wrong = OffsetEvidence { provider: listed(-0.1), ..new };
    assert_eq!(of_kin(&[BRIGHT, DARK], OffsetRule::Auto, wrong), [None, None]);
    // Each as its own pixels show.
    assert_eq!(of_kin(&[HOLDS, DARK, BRIGHT], OffsetRule::Pixels, wrong), [YES, NO, None]);
    assert_eq!(of_kin(&[BRIGHT, DARK], OffsetRule::Pixels, wrong), [NO, NO]);
    assert_eq!(of_kin(&[BRIGHT, HOLDS], OffsetRule::Pixels, new), [YES, YES]);
    assert_eq!(of_kin(&[BRIGHT], OffsetRule::Pixels, new), [None]);
}

#[test]
fn a_stray_is_told_what_its_kin_show() {
    let mut kin = KinEvidence::default();
    [DARK, HOLDS, HOLDS].into_iter().flatten().for_each(|scene| kin.add(scene));
    let evidence = OffsetEvidence { baseline: baseline("05.09"), pixels: DARK, kin: Some(kin), ..NONE };
    assert_eq!(
        evidence.decide("S2B_31UFS", OffsetRule::Auto).unwrap_err().to_string(),
        "scene S2B_31UFS: its pixels and those of its kin disagree on the reflectance offset: the catalogue gives no scale \
         and offset, processing baseline 05.09 adds 1000 counts, 600 of 1000 pixels are too dark to hold it, so it is not in \
         them, of 3 scenes of one collection, baseline and provider's flag 1 show none and 2 show one; settle it with \
         inputs.offset = \"-1000\" (all hold it), \"0\" (none does) or \"pixels\" (each as its own pixels show)"
    );
}

#[test]
fn pixels_are_looked_at_only_where_they_decide() {
    let (old, new) = (baseline("02.14"), baseline("05.09"));
    let needs = |evidence: OffsetEvidence, rule: &str| evidence.needs_pixels(rule.parse().unwrap());
    assert!(needs(OffsetEvidence { baseline: new, ..NONE }, "auto"));
    assert!(needs(OffsetEvidence { baseline: new, provider: listed(-0.1), ..NONE }, "auto"));
    assert!(needs(NONE, "auto") && needs(OffsetEvidence { baseline: old, ..NONE }, "pixels"));
    assert!(!needs(OffsetEvidence { baseline: old, ..NONE }, "auto"));
    assert!(!needs(OffsetEvidence { baseline: new, provider_applied: Some(true), ..NONE }, "auto"));
    assert!(!needs(OffsetEvidence { baseline: new, ..NONE }, "-1000"));
    assert!(!needs(OffsetEvidence { provider: listed(-0.1), ..NONE }, "provider"));
}

#[test]
fn floating_point_values_near_one_are_reflectance() {
    assert!(PixelEvidence::of([0.02, 0.3, 1.1, 0.4]).is_reflectance());
    assert!(!PixelEvidence::of([200.0, 3000.0, 1.0]).is_reflectance());
}

#[test]
fn words_for_a_baseline() {
    for (text, shown) in [("04.00", "04.00"), ("N0400", "04.00"), ("5.9", "05.09"), ("n0214", "02.14")] {
        assert_eq!(text.parse::<Baseline>().unwrap().to_string(), shown);
    }
    for bad in ["", "4", "N04", "N04é0", "four", "04.x", "N-100"] {
        assert!(bad.parse::<Baseline>().is_err(), "{bad}");
    }
    assert!(
        baseline("03.01").unwrap() < Baseline::WITH_OFFSET
            && baseline("05.00").unwrap() > Baseline::WITH_OFFSET
    );
}

proptest! {
    #[test]
    fn dark_pixels_speak_and_bright_ones_do_not(dark in 0u64..500, bright in 0u64..5000, shift in prop_oneof![Just(0.0f32), Just(1000.0)]) {
        let values = (0..dark).map(|_| 300.0 + shift).chain((0..bright).map(|_| 2500.0 + shift)).chain([f32::NAN]);
        let seen = PixelEvidence::of(values);
        prop_assert_eq!(seen.pixels, dark + bright);
        prop_assert_eq!(seen.shows_no_offset(), shift == 0.0 && dark >= 50 && dark as f64 >= 0.01 * (dark + bright) as f64);
    }

    #[test]
    fn both_conventions_give_one_reflectance(reflectance in -0.05..1.2f32) {
        let decide = |offset: f64| OffsetEvidence { provider: listed(offset), ..NONE }.decide("S2", OffsetRule::Auto).unwrap();
        let (mut old, mut new) = ([reflectance * 1e4], [reflectance * 1e4 + 1000.0]);
        decide(0.0).used.apply(&mut old);
        decide(-0.1).used.apply(&mut new);
        prop_assert!((old[0] - reflectance).abs() < 1e-6 && (new[0] - reflectance).abs() < 1e-6);
    }
}
