//! Samples in files, thinned, drawn, split, and what the two sides of a split have in common.

use ecotone_core::{ClassCode, Crs, Legend, XY};
use ecotone_labeling::{
    Coordinates, Draw, Error, LeakReport, Sample, SampleBlocks, Samples, Shares, Thinning, split_by_blocks,
    split_by_group, split_by_year, widen_gap,
};
use ecotone_tiling::{Fractions, Part};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const FRACTIONS: Fractions = Fractions { train: 0.6, validation: 0.2, test: 0.2 };

/// Places on 10 km x 10 km, or on half a degree of the Alps.
fn samples(count: usize, lon_lat: bool, seed: u64) -> Samples {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let row = |number: usize| {
        let (x, y): (f64, f64) = (random.random(), random.random());
        Sample {
            id: format!("s{number}"),
            place: if lon_lat { XY::new(11.0 + x / 2.0, 46.0 + y / 2.0) } else { XY::new(x * 1e4, y * 1e4) },
            code: ClassCode(random.random_range(1..5)),
            group: Some(format!("field {}", number % 37)),
            year: Some(2018 + number as i32 % 3),
            features: vec![random.random(), -0.5],
        }
    };
    let coordinates = if lon_lat { Coordinates::LonLat } else { Coordinates::Projected(Crs::epsg(32632)) };
    let features = vec!["NDVI 2021-07-05".to_owned(), "a, \"b\"".to_owned()];
    Samples { coordinates, features, rows: (0..count).map(row).collect() }
}

/// Haversine formula (Sinnott 1984), or Pythagoras.
fn distance(samples: &Samples, a: usize, b: usize) -> f64 {
    let (a, b) = (samples.rows[a].place, samples.rows[b].place);
    if samples.coordinates != Coordinates::LonLat {
        return (a.x - b.x).hypot(a.y - b.y);
    }
    let half = |first: f64, second: f64| ((first - second).to_radians() / 2.0).sin().powi(2);
    let h = half(a.y, b.y) + a.y.to_radians().cos() * b.y.to_radians().cos() * half(a.x, b.x);
    2.0 * 6_371_008.8 * h.sqrt().asin()
}

fn least(samples: &Samples, one: &[usize], other: &[usize]) -> f64 {
    let pairs = one.iter().flat_map(|a| other.iter().map(move |b| (*a, *b))).filter(|(a, b)| a != b);
    pairs.map(|(a, b)| distance(samples, a, b)).fold(f64::INFINITY, f64::min)
}

fn of(parts: &[Part], part: Part) -> Vec<usize> {
    (0..parts.len()).filter(|row| parts[*row] == part).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn files_keep_samples(lon_lat: bool, count in 0usize..40, seed in 0u64..1000) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("samples.csv");
        let mut samples = samples(count, lon_lat, seed);
        if let Some(first) = samples.rows.first_mut() {
            (first.group, first.year) = (None, None);
        }
        samples.write_csv(&path).unwrap();
        prop_assert_eq!(Samples::read_csv(&path, Some(&Crs::epsg(32632))).unwrap(), samples);
    }

    #[test]
    fn thinned_samples_keep_apart_and_none_more_would_fit(lon_lat: bool, seed in 0u64..1000, per_class: bool) {
        let samples = samples(150, lon_lat, seed);
        let thinning = Thinning { distance: 900.0, per_class, seed };
        let kept = thinning.keep(&samples, None).unwrap();
        prop_assert_eq!(&kept, &thinning.keep(&samples, None).unwrap());
        let rivals = |row: usize| {
            let like = |other: &usize| !per_class || samples.rows[*other].code == samples.rows[row].code;
            kept.iter().copied().filter(like).collect::<Vec<_>>()
        };
        for row in 0..150 {
            let nearest = least(&samples, &[row], &rivals(row));
            prop_assert_eq!(kept.contains(&row), nearest >= 900.0 - 1e-6, "{} {}", row, nearest);
        }
    }

    #[test]
    fn blocks_keep_their_gap(lon_lat: bool, seed in 0u64..1000, gap in 0.0f64..800.0) {
        let samples = samples(400, lon_lat, seed);
        let config = SampleBlocks { block: 1500.0, gap, fractions: FRACTIONS, seed };
        let parts = split_by_blocks(&samples, &config).unwrap();
        prop_assert_eq!(&parts, &split_by_blocks(&samples, &config).unwrap());
        let [train, validation, test] = Part::USED.map(|part| of(&parts, part));
        for (one, other) in [(&train, &validation), (&train, &test), (&validation, &test)] {
            prop_assert!(least(&samples, one, other) >= gap - 1e-6);
        }
        prop_assert!(test.len() > 30 && train.len() > 20);
        let report = LeakReport::new(&samples, &parts, gap * 0.999).unwrap();
        prop_assert!((report.least_distance.unwrap() - least(&samples, &test, &train)).abs() < 1e-5);
        prop_assert!(report.close == 0 || gap == 0.0);
    }

    #[test]
    fn groups_stay_together(seed in 0u64..1000) {
        let samples = samples(400, false, seed);
        let parts = split_by_group(&samples, FRACTIONS, seed).unwrap();
        let report = LeakReport::new(&samples, &parts, 0.0).unwrap();
        prop_assert!(report.shared_groups.is_empty() && report.in_shared_groups == 0);
        let share = of(&parts, Part::Test).len() as f64 / 400.0;
        prop_assert!((0.1..0.3).contains(&share), "{}", share);
    }

    #[test]
    fn draws_have_their_shares(seed in 0u64..1000, count in 0usize..120) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let labels: Vec<usize> = (0..300).map(|_| random.random_range(0..4)).collect();
        let shares = Shares::Proportional(vec![5.0, 3.0, 2.0, 0.0]);
        let draw = Draw::new(&labels, 4, count, &shares, seed).unwrap();
        prop_assert_eq!(draw.classes.iter().map(|class| class.wanted).sum::<usize>(), count);
        prop_assert!(draw.rows.is_sorted_by(|a, b| a < b));
        for (class, share) in [0.5, 0.3, 0.2, 0.0].into_iter().enumerate() {
            let found = draw.classes[class];
            prop_assert!((found.wanted as f64 - share * count as f64).abs() < 1.0);
            prop_assert_eq!(found.drawn, draw.rows.iter().filter(|row| labels[**row] == class).count());
            prop_assert_eq!(found.drawn, found.wanted.min(found.available));
        }
    }
}

#[test]
fn the_highest_priority_is_kept() {
    let samples = samples(100, false, 1);
    let thinning = Thinning { distance: 1e6, per_class: false, seed: 1 };
    let priorities: Vec<f64> = (0..100).map(|row| f64::from(row == 42)).collect();
    assert_eq!(thinning.keep(&samples, Some(&priorities)).unwrap(), [42]);
    assert!(matches!(thinning.keep(&samples, Some(&[1.0])), Err(Error::Unpaired { found: 1, .. })));
    let error = Thinning { distance: f64::NAN, ..thinning }.keep(&samples, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "distance is NaN, expected 0 or more, in metres or the units of the projection"
    );
}

#[test]
fn years_part_and_places_leak() {
    let mut samples = samples(90, true, 1);
    for row in 0..30 {
        samples.rows[row * 3 + 2].place = samples.rows[row * 3].place;
    }
    let parts = split_by_year(&samples, &[], &[2020]).unwrap();
    let report = LeakReport::new(&samples, &parts, 10.0).unwrap();
    assert_eq!((report.train, report.test, report.close, report.least_distance), (60, 30, 30, Some(0.0)));
    assert!(!report.is_clean() && report.in_shared_groups > 20);
    let text = report.to_string();
    assert!(text.starts_with("60 training and 30 test samples, 0.0 apart or more, 0.0 in the median; 30 test samples (100.0 %) within 10 of a training sample; "), "{text}");
    let apart = widen_gap(&samples, &parts, 10.0).unwrap();
    assert_eq!(LeakReport::new(&samples, &apart, 10.0).unwrap().close, 0);

    samples.rows[7].year = None;
    let error = split_by_year(&samples, &[], &[2020]).unwrap_err();
    assert_eq!(error.to_string(), "sample `s7` has no year: it cannot be split by it");
}

#[test]
fn labels_are_indices_of_a_legend() {
    let legend =
        Legend::from_csv("code,name,color\n4,a,#000000\n1,b,#000000\n2,c,#000000\n3,d,#000000\n".as_bytes())
            .unwrap();
    let mut samples = samples(50, false, 2);
    let labels = samples.labels(&legend).unwrap();
    assert!(labels.iter().zip(&samples.rows).all(|(label, row)| *label == usize::from(row.code.0 % 4)));
    assert_eq!(samples.records().dim(), (50, 2));
    assert_eq!(samples.select(&[3, 1]).rows[1].id, "s1");
    samples.rows[9].code = ClassCode(77);
    assert_eq!(samples.labels(&legend).unwrap_err().to_string(), "the class of sample `s9`");
}

#[track_caller]
fn refused(text: &str, message: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("samples.csv");
    std::fs::write(&path, text).expect("a file");
    let error = Samples::read_csv(&path, None).expect_err(message).to_string();
    assert!(error.ends_with(message), "{error}");
}

#[test]
fn bad_tables_say_where() {
    refused(
        "lon,lat,class\n1,2,3\n",
        "samples.csv has the columns `lon,lat,class`, expected `x,y,code`, `lon,lat,code` or `longitude,latitude,code`",
    );
    refused("x,y,code\n1,2,3\n", "samples.csv has the columns `x,y`, whose projection must be given");
    refused(
        "lon,lat,code\n1,2,3\n1,2,256\n",
        "samples.csv, line 3: expected a class code from 0 to 255 in column `code`, found `256`",
    );
    refused("lon,lat,code\n1,95,3\n", "line 2: expected degrees from -90 to 90 in column `lat`, found `95`");
    refused("lon,lat,code\n,5,3\n", "line 2: expected a number in column `lon`, found ``");
    refused(
        "lon,lat,code,year\n1,5,3,next\n",
        "line 2: expected a year or nothing in column `year`, found `next`",
    );
    refused(
        "lon,lat,code,NDVI\n1,5,3,inf\n",
        "line 2: expected a number or nothing in column `NDVI`, found `inf`",
    );
    assert!(
        Samples::read_csv("missing.csv", None).unwrap_err().to_string().starts_with("reading missing.csv")
    );
}
