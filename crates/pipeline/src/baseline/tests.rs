//! Baselines on a chequerboard: what a forest learns that a centroid cannot, what teaches nothing, and years together.

use super::*;
use chrono::NaiveDate;
use ecotone_core::{Crs, Cube, GeoBox, GeoTransform, Shape2d, Timeline, XY};
use ecotone_tiling::Part;

const LEGEND: &str = "code,name,color\n5,b,#00ff00\n2,a,#ff0000\n";
const SIDE: usize = 24;

/// One band at two steps over a square; the second step is under cloud wherever `cloudy` says so.
fn cube(value: impl Fn(usize, usize) -> f32, cloudy: impl Fn(usize) -> bool) -> Cube<f32> {
    let shape = Shape2d::new(SIDE, SIDE);
    let geobox = GeoBox::new(shape, GeoTransform::north_up(XY::new(0.0, 0.0), 20.0), Crs::epsg(32633));
    let timeline = Timeline::new(NaiveDate::from_ymd_opt(2020, 1, 1).unwrap(), 10, 2).unwrap();
    let pixels = shape.len();
    let values = (0..2).flat_map(|step| (0..pixels).map(move |pixel| (step, pixel)));
    let values = values.map(|(step, pixel)| value(step, pixel)).collect();
    let valid = (0..2).flat_map(|step| (0..pixels).map(move |pixel| (step, pixel)));
    let valid = valid.map(|(step, pixel)| step == 0 || !cloudy(pixel)).collect();
    Cube::new(geobox, timeline, vec!["NDVI".to_owned()], values, valid).unwrap()
}

/// Two classes in a chequerboard that only a method of both steps can tell: the steps are alike or not.
fn class_of(pixel: usize) -> u8 {
    ((pixel / SIDE + pixel % SIDE) % 2) as u8
}

fn exclusive_or(step: usize, pixel: usize) -> f32 {
    let sign = |on: bool| if on { 1.0 } else { -1.0 };
    let noise = ((pixel * 37 + step * 11) % 19) as f32 / 100.0;
    let first = pixel.is_multiple_of(3);
    sign(if step == 0 { first } else { first == (class_of(pixel) == 0) }) + noise
}

struct Ground {
    classes: Vec<u8>,
    parts: Vec<u8>,
    reference: Vec<u8>,
    blocks: Vec<u32>,
}

/// The upper half trains, the lower one tests, in blocks of six pixels.
fn ground() -> Ground {
    let classes: Vec<u8> = (0..SIDE * SIDE).map(class_of).collect();
    let test = |pixel: usize| pixel >= SIDE * SIDE / 2;
    let part = |pixel| if test(pixel) { Part::Test.code() } else { Part::Train.code() };
    let reference =
        (0..SIDE * SIDE).map(|pixel| if test(pixel) { classes[pixel] } else { UNLABELLED }).collect();
    let block = |pixel: usize| (pixel / SIDE / 6 * 4 + pixel % SIDE / 6) as u32;
    Ground {
        parts: (0..SIDE * SIDE).map(part).collect(),
        blocks: (0..SIDE * SIDE).map(block).collect(),
        reference,
        classes,
    }
}

fn known<'a>(cube: &'a Cube<f32>, ground: &'a Ground, map: &'a [u8]) -> Known<'a> {
    Known {
        cube,
        learnt: &ground.classes,
        parts: &ground.parts,
        labels: &ground.classes,
        map,
        reference: &ground.reference,
        blocks: &ground.blocks,
    }
}

fn asked(forest_pixels: usize) -> Asked {
    Asked { truth: false, years: 1, forest_pixels, seed: 1 }
}

fn named<'a>(found: &'a Baselines, name: &str) -> &'a Baseline {
    found.methods.iter().find(|method| method.name.starts_with(name)).unwrap()
}

#[test]
fn a_forest_tells_what_centroids_cannot_and_a_worse_network_hears_it() {
    let legend = Legend::from_csv(LEGEND.as_bytes()).unwrap();
    let (cube, ground) = (cube(exclusive_or, |_| false), ground());
    // A network that knows one class only.
    let map = vec![0; SIDE * SIDE];
    let found = Baselines::of(&[known(&cube, &ground, &map)], &legend, &asked(10_000)).unwrap();
    let accuracy = |name: &str| named(&found, name).confusion.overall_accuracy().unwrap();
    assert!(accuracy("random forest") > 0.95 && accuracy("nearest centroid") < 0.8);
    assert_eq!(accuracy("majority class"), 0.5);
    assert_eq!((found.blocks, found.network.total()), (8, 288));
    assert!(named(&found, "random forest").about.contains("all 288 training pixels"));

    let line = named(&found, "random forest").difference("overall_accuracy").unwrap();
    assert!(line.is_below() && line.blocks == 8 && line.first == Some(0.5), "{line:?}");
    assert_eq!(found.verdict(), Some(Verdict::Worse));
    let (label, words) = verdict_in_words(&found).unwrap();
    assert_eq!(label, "worse than a forest");
    assert!(words.contains("overall accuracy 0.500 against ") && words.contains("train.epochs"), "{words}");
    // The same map as the majority's: no difference at all.
    let line = named(&found, "majority class").difference("overall_accuracy").unwrap();
    assert_eq!((line.difference, line.lower, line.upper), (Some(0.0), Some(0.0), Some(0.0)));

    let network = Baselines::of(&[known(&cube, &ground, &ground.classes)], &legend, &asked(50)).unwrap();
    assert_eq!(network.network.overall_accuracy(), Some(1.0));
    let about = &named(&network, "random forest").about;
    assert!(about.contains("50 of 288 training pixels (thinned"), "{about}");
    let none = Baselines::of(&[known(&cube, &ground, &map)], &legend, &asked(0)).unwrap();
    assert!(none.forest().is_none() && none.verdict().is_none() && verdict_in_words(&none).is_none());
}

#[test]
fn what_nobody_saw_or_is_no_number_teaches_nothing() {
    let legend = Legend::from_csv(LEGEND.as_bytes()).unwrap();
    let ground = ground();
    let value = |step: usize, pixel: usize| {
        if pixel.is_multiple_of(7) { f32::NAN } else { exclusive_or(step, pixel) }
    };
    let mut with_holes = cube(value, |_| false);
    let (geobox, timeline, bands, values, mut valid) = with_holes.into_parts();
    valid
        .iter_mut()
        .enumerate()
        .filter(|(place, _)| (place % (SIDE * SIDE)).is_multiple_of(7))
        .for_each(|(_, v)| *v = false);
    with_holes = Cube::new(geobox, timeline, bands, values, valid).unwrap();
    let found =
        Baselines::of(&[known(&with_holes, &ground, &ground.classes)], &legend, &asked(10_000)).unwrap();
    let forest = named(&found, "random forest");
    let seen = (0..SIDE * SIDE / 2).filter(|pixel| !pixel.is_multiple_of(7)).count();
    assert!(forest.about.contains(&format!("all {seen} training pixels")), "{}", forest.about);
    assert_eq!(forest.confusion.total(), 288, "a test pixel that nobody saw gets the majority class");
    assert!(forest.confusion.overall_accuracy().unwrap() > 0.85);
}

#[test]
fn clear_steps_tell_the_classes_apart() {
    let legend = Legend::from_csv(LEGEND.as_bytes()).unwrap();
    let ground = ground();
    // The second step says the other class wherever it is cloudy.
    let cloudy = |pixel: usize| pixel.is_multiple_of(5);
    let value = |step: usize, pixel: usize| match step == 1 && cloudy(pixel) {
        true => 1.0 - f32::from(class_of(pixel)),
        false => f32::from(class_of(pixel)),
    };
    let cube = cube(value, cloudy);
    let found = Baselines::of(&[known(&cube, &ground, &ground.classes)], &legend, &asked(0)).unwrap();
    assert_eq!(named(&found, "nearest centroid").confusion.overall_accuracy(), Some(1.0));
}

#[test]
fn years_are_learnt_from_together_and_labels_are_a_map_beside_the_truth() {
    let legend = Legend::from_csv(LEGEND.as_bytes()).unwrap();
    let (first, second) = (cube(exclusive_or, |_| false), cube(exclusive_or, |_| false));
    let (one, mut other) = (ground(), ground());
    // Labels of the second year that are wrong in a quarter of the test pixels.
    let labels: Vec<u8> = other
        .classes
        .iter()
        .enumerate()
        .map(|(i, class)| if i % 4 == 0 { 1 - class } else { *class })
        .collect();
    other.classes.clone_from(&labels);
    let mut areas = vec![known(&first, &one, &one.classes), known(&second, &other, &one.classes)];
    areas[1].labels = &labels;
    let truth = Asked { truth: true, years: 2, ..asked(10_000) };
    let found = Baselines::of(&areas, &legend, &truth).unwrap();
    assert!(named(&found, "random forest").about.contains("all 576 training pixels"));
    assert_eq!((found.network.total(), found.blocks), (576, 8), "years of a block are one block");
    assert_eq!(named(&found, "the labels").confusion.overall_accuracy(), Some(1.0 - 0.25 / 2.0));
    // Labels of a part of the ground are no map of it.
    let few: Vec<u8> =
        labels.iter().enumerate().map(|(i, c)| if i % 10 == 0 { UNLABELLED } else { *c }).collect();
    areas[0].labels = &few;
    areas[1].labels = &few;
    let found = Baselines::of(&areas, &legend, &truth).unwrap();
    assert!(found.methods.iter().all(|method| !method.name.starts_with("the labels")));
}
