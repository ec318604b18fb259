//! The witnesses of an offset, alone and against each other.

use super::*;
use proptest::prelude::*;

const NONE: OffsetEvidence =
    OffsetEvidence { provider: None, provider_applied: None, baseline: None, pixels: None };
const DARK: Option<PixelEvidence> = Some(PixelEvidence { pixels: 1000, too_dark: 600 });
const BRIGHT: Option<PixelEvidence> = Some(PixelEvidence { pixels: 1000, too_dark: 2 });

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
    check(OffsetEvidence { baseline: new, pixels: BRIGHT, ..NONE }, Some((-0.1, R::Baseline)));
}

#[test]
fn an_offset_that_was_taken_out_is_not_applied_twice() {
    use OffsetReason as R;
    let new = baseline("04.00");
    // A provider that lists the offset and says that it applied it.
    let applied =
        OffsetEvidence { provider: listed(-0.1), provider_applied: Some(true), baseline: new, pixels: DARK };
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
        decide(0.0).to_reflectance(&mut old);
        decide(-0.1).to_reflectance(&mut new);
        prop_assert!((old[0] - reflectance).abs() < 1e-6 && (new[0] - reflectance).abs() < 1e-6);
    }
}
