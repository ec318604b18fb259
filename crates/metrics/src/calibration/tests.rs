//! Laws of forecasts by level.

use super::*;
use proptest::prelude::*;

fn forecasts() -> impl Strategy<Value = Vec<(u8, bool)>> {
    proptest::collection::vec((0u8..=100, any::<bool>()), 1..80)
}

fn count(forecasts: &[(u8, bool)]) -> Calibration {
    let mut calibration = Calibration::new(Levels::Percents);
    for (percent, event) in forecasts {
        calibration.add(f64::from(*percent) / 100.0, *event).unwrap();
    }
    calibration
}

proptest! {
    #[test]
    fn parts_merge_to_the_whole_in_any_order(forecasts in forecasts(), cut in 0usize..80) {
        let (left, right) = forecasts.split_at(cut.min(forecasts.len()));
        let mut merged = count(right);
        merged.merge(&count(left)).unwrap();
        prop_assert_eq!(&merged, &count(&forecasts));
        let turned: Vec<_> = forecasts.iter().rev().copied().collect();
        prop_assert_eq!(count(&turned), merged);
    }

    #[test]
    fn the_brier_score_has_three_parts_where_bins_hide_nothing(forecasts in forecasts()) {
        let parts = count(&forecasts).brier_parts(Binning::EachLevel).unwrap().unwrap();
        prop_assert!(parts.within_bins.abs() < 1e-12, "{parts:?}");
        prop_assert!(parts.resolution <= parts.uncertainty + 1e-12);
    }

    #[test]
    fn what_bins_hide_is_variance_less_twice_covariance(forecasts in forecasts(), bins in 1usize..12) {
        let calibration = count(&forecasts);
        let binning = Binning::EqualWidth(bins);
        let bin_of = calibration.bins(binning).unwrap();
        let mut hidden = 0.0;
        for bin in 0..bins {
            let inside: Vec<(f64, f64)> = forecasts.iter().filter(|(percent, _)| bin_of[usize::from(*percent)] == bin)
                .map(|(percent, event)| (f64::from(*percent) / 100.0, f64::from(u8::from(*event)))).collect();
            let n = inside.len() as f64;
            let (p, o) = (inside.iter().map(|f| f.0).sum::<f64>() / n, inside.iter().map(|f| f.1).sum::<f64>() / n);
            hidden += inside.iter().map(|f| (f.0 - p).powi(2) - 2.0 * (f.0 - p) * (f.1 - o)).sum::<f64>();
        }
        let found = calibration.brier_parts(binning).unwrap().unwrap().within_bins;
        prop_assert!((found - hidden / forecasts.len() as f64).abs() < 1e-12);
    }

    #[test]
    fn bins_hold_every_forecast_once(forecasts in forecasts(), bins in 1usize..150) {
        let calibration = count(&forecasts);
        for binning in [Binning::EachLevel, Binning::EqualWidth(bins), Binning::EqualMass(bins)] {
            let curve = calibration.curve(binning).unwrap();
            prop_assert_eq!(curve.iter().map(|bin| bin.samples).sum::<u64>(), forecasts.len() as u64);
            prop_assert!(curve.windows(2).all(|pair| pair[0].mean_probability < pair[1].mean_probability));
            prop_assert!(curve.iter().all(|bin| bin.lower - 1e-12 <= bin.mean_probability));
            prop_assert!(curve.iter().all(|bin| bin.mean_probability <= bin.upper + 1e-12));
            prop_assert!(matches!(binning, Binning::EachLevel) || curve.len() <= bins);
            let (expected, most) = (calibration.expected_error(binning).unwrap(), calibration.maximum_error(binning).unwrap());
            prop_assert!(expected.unwrap() <= most.unwrap() + 1e-12);
        }
    }
}

#[test]
fn a_probability_on_an_edge_belongs_below() {
    let curve = count(&[(0, false), (50, true), (51, true)]).curve(Binning::EqualWidth(2)).unwrap();
    assert_eq!((curve[0].samples, curve[0].lower, curve[0].upper), (2, 0.0, 0.5));
    assert_eq!((curve[1].samples, curve[1].lower, curve[1].upper), (1, 0.5, 1.0));
}

#[test]
fn nothing_counted_has_no_scores_and_bad_input_is_named() {
    let mut empty = Calibration::new(Levels::Fine);
    assert_eq!((empty.brier(), empty.auc()), (None, None));
    for binning in [Binning::EachLevel, Binning::EqualWidth(3), Binning::EqualMass(3)] {
        assert_eq!(empty.curve(binning), Ok(vec![]));
        assert_eq!(empty.brier_parts(binning), Ok(None));
        assert_eq!((empty.expected_error(binning), empty.maximum_error(binning)), (Ok(None), Ok(None)));
    }
    let message = empty.add(f64::NAN, true).unwrap_err().to_string();
    assert_eq!(message, "the probability of an event is NaN, expected 0 to 1");
    let message = empty.curve(Binning::EqualMass(0)).unwrap_err().to_string();
    assert_eq!(message, "the number of bins is 0, expected 1 or more");
    let message = empty.merge(&Calibration::new(Levels::Percents)).unwrap_err().to_string();
    assert_eq!(message, "cannot merge accumulators of unlike levels: 10000 and 100");
    assert_eq!(empty, Calibration::new(Levels::Fine));
}
