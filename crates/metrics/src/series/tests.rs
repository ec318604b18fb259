//! Laws and edge cases of a series of maps.

use super::*;
use proptest::prelude::*;

const CLASSES: usize = 4;

/// Three maps of the same pixels, with gaps.
fn series_of_pixels() -> impl Strategy<Value = Vec<[u8; 3]>> {
    let class = || prop_oneof![6 => 0u8..4, 1 => Just(IGNORE)];
    proptest::collection::vec([class(), class(), class()], 0..80)
}

fn count(pixels: &[[u8; 3]]) -> SeriesAgreement {
    let maps: Vec<Vec<u8>> = (0..3).map(|map| pixels.iter().map(|pixel| pixel[map]).collect()).collect();
    let mut series = SeriesAgreement::new(CLASSES, 3).unwrap();
    series.add(&[&maps[0], &maps[1], &maps[2]]).unwrap();
    series
}

proptest! {
    #[test]
    fn windows_merge_to_the_whole_in_any_order(pixels in series_of_pixels(), cut in 0usize..80) {
        let whole = count(&pixels);
        let (left, right) = pixels.split_at(cut.min(pixels.len()));
        let mut merged = count(right);
        merged.merge(&count(left)).unwrap();
        prop_assert_eq!(&merged, &whole);
        let turned: Vec<_> = pixels.iter().rev().copied().collect();
        prop_assert_eq!(count(&turned), whole);
    }

    #[test]
    fn what_flows_into_a_class_flows_out_again(pixels in series_of_pixels()) {
        let series = count(&pixels);
        let flows = series.flows(1.0).unwrap();
        for class in 0..CLASSES {
            let into: u64 = flows.iter().filter(|f| f.step == 0 && f.to == class).map(|f| f.pixels).sum();
            let out: u64 = flows.iter().filter(|f| f.step == 1 && f.from == class).map(|f| f.pixels).sum();
            prop_assert_eq!(into, out);
        }
        let first: u64 = flows.iter().filter(|flow| flow.step == 0).map(|flow| flow.pixels).sum();
        prop_assert_eq!(first, series.complete());
        prop_assert_eq!(series.stable_pixels().iter().sum::<u64>(), series.changes()[0]);
    }

    #[test]
    fn the_raster_of_changes_has_their_histogram(pixels in series_of_pixels()) {
        let maps: Vec<Vec<u8>> = (0..3).map(|map| pixels.iter().map(|pixel| pixel[map]).collect()).collect();
        let raster = changes_per_pixel(&[&maps[0], &maps[1], &maps[2]]).unwrap();
        let of = |changes: u8| raster.iter().filter(|found| **found == changes).count() as u64;
        let series = count(&pixels);
        prop_assert_eq!(series.changes(), [of(0), of(1), of(2)]);
        let nowhere = pixels.iter().filter(|pixel| **pixel == [IGNORE; 3]).count() as u64;
        prop_assert_eq!(series.incomplete(), of(IGNORE) - nowhere);
    }

    #[test]
    fn a_pair_is_counted_as_if_alone(pixels in series_of_pixels()) {
        let series = count(&pixels);
        for (first, second) in [(0, 1), (0, 2), (1, 2)] {
            let side = |map: usize| pixels.iter().map(|pixel| pixel[map]).collect::<Vec<u8>>();
            let mut alone = ConfusionMatrix::new(CLASSES);
            alone.add_many(&side(first), &side(second)).unwrap();
            prop_assert_eq!(series.pair(first, second), Some(&alone));
        }
    }
}

#[test]
fn bad_windows_say_what_is_wrong_and_count_nothing() {
    let mut series = SeriesAgreement::new(2, 2).unwrap();
    let before = series.clone();
    let message = |result: Result<()>| result.unwrap_err().to_string();
    assert_eq!(
        message(series.add(&[&[0, 1], &[0, 2]])),
        "class index 2 of map 1 (from 0) is none of 2 classes"
    );
    assert_eq!(
        message(series.add(&[&[0, 1], &[0]])),
        "map 1 of the series has a window of 1 pixels, the first one of 2"
    );
    assert!(series.add(&[&[0]]).is_err());
    assert!(series.merge(&SeriesAgreement::new(2, 3).unwrap()).is_err());
    assert!(series.merge(&SeriesAgreement::new(3, 2).unwrap()).is_err());
    assert!(series.flows(f64::NAN).is_err());
    assert_eq!(series, before);
}

#[test]
fn a_series_has_at_least_two_maps_and_may_be_empty() {
    assert_eq!(SeriesAgreement::new(2, 1), Err(Error::Maps { found: 1 }));
    assert!(SeriesAgreement::new(2, 256).is_err());
    assert!(changes_per_pixel(&[]).is_err());
    assert!(changes_per_pixel(&[&[0], &[0, 1]]).is_err());
    let empty = SeriesAgreement::new(2, 2).unwrap();
    assert_eq!((empty.stable_share(), empty.mean_changes()), (None, None));
    assert!(empty.flows(1.0).unwrap().is_empty());
    assert_eq!(empty.pair(1, 0), None);
}

#[test]
fn rows_weighed_by_three_are_three_rows() {
    let rows: [&[u8]; 3] = [&[0, 1, 255], &[0, 0, 1], &[1, 1, 1]];
    let (mut weighed, mut thrice, mut one) = (series(), series(), series());
    one.add(&rows).unwrap();
    weighed.merge_times(&one, 3).unwrap();
    (0..3).for_each(|_| thrice.add(&rows).unwrap());
    assert_eq!(weighed, thrice);

    fn series() -> SeriesAgreement {
        SeriesAgreement::new(2, 3).unwrap()
    }
}
