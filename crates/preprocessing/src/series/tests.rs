//! Laws of the regular series: order, nodata, ties.

use super::*;
use chrono::{Days, NaiveDate};
use ecotone_core::{Crs, GeoTransform, Shape2d, XY};
use proptest::prelude::*;

const SIZE: usize = 6;
const BANDS: usize = 2;
const RULES: [StepRule; 4] =
    [StepRule::Best, StepRule::Median, StepRule::Mean { decibels: 0 }, StepRule::Mean { decibels: 1 }];

#[derive(Debug, Clone)]
struct Scene {
    id: String,
    day: u64,
    cloud_cover: Option<f32>,
    values: Vec<f32>,
    valid: Vec<bool>,
}

fn start() -> NaiveDate {
    NaiveDate::from_ymd_opt(2020, 2, 20).unwrap()
}

fn builder(rule: StepRule) -> SeriesBuilder {
    let transform = GeoTransform::north_up(XY::new(0.0, 0.0), 20.0);
    let geobox = GeoBox::new(Shape2d::new(2, 3), transform, Crs::epsg(32631));
    let timeline = Timeline::new(start(), 10, 4).unwrap();
    SeriesBuilder::new(geobox, timeline, vec!["B04".into(), "B8A".into()], rule)
}

fn add(builder: &mut SeriesBuilder, scene: &Scene) -> Result<Option<usize>> {
    builder.add(SceneLayer {
        id: &scene.id,
        day: start() + Days::new(scene.day),
        cloud_cover: scene.cloud_cover,
        values: &scene.values,
        valid: &scene.valid,
    })
}

fn series(scenes: &[Scene], rule: StepRule, fill: Fill) -> Series {
    let mut builder = builder(rule);
    for scene in scenes {
        add(&mut builder, scene).unwrap();
    }
    builder.finish(fill).unwrap()
}

/// Scenes with many ties: few days, few cloud covers.
fn scenes() -> impl Strategy<Value = Vec<Scene>> {
    let cover = proptest::option::of(prop_oneof![Just(0.0f32), Just(20.0), Just(f32::NAN)]);
    let value = prop_oneof![9 => 0.0..1.0f32, 1 => Just(f32::NAN)];
    let values = proptest::collection::vec(value, BANDS * SIZE);
    let one = (0u64..45, cover, values, proptest::collection::vec(any::<bool>(), SIZE));
    proptest::collection::vec(one, 0..12).prop_map(|list| {
        let named = |(i, (day, cloud_cover, values, valid))| Scene {
            id: format!("S{i}"),
            day,
            cloud_cover,
            values,
            valid,
        };
        list.into_iter().enumerate().map(named).collect()
    })
}

proptest! {
    #[test]
    fn order_changes_nothing(scenes in scenes(), turn in 0usize..12) {
        let mut turned = scenes.clone();
        turned.reverse();
        if !turned.is_empty() {
            let n = turned.len();
            turned.rotate_left(turn % n);
        }
        for rule in RULES {
            for fill in [Fill::Zero, Fill::Linear, Fill::Harmonic] {
                prop_assert_eq!(series(&scenes, rule, fill), series(&turned, rule, fill));
            }
        }
    }

    #[test]
    fn scenes_read_step_by_step_come_to_the_same(scenes in scenes(), length in 0usize..200) {
        for rule in RULES {
            let fresh = builder(rule);
            let (geobox, timeline, bands) = (fresh.geobox, fresh.timeline, fresh.bands);
            let mut reused = SeriesBuilder::reusing(vec![f32::NAN; length], geobox, timeline, bands, rule);
            for (step, mut builder) in reused.steps().into_iter().enumerate() {
                for scene in scenes.iter().filter(|scene| scene.day / 10 == step as u64) {
                    let day = start() + Days::new(scene.day);
                    let broken = builder.read("broken", day, None, |values, valid| {
                        values.fill(7.0);
                        valid.fill(true);
                        Err(Error::SceneTwice { id: "broken".into() })
                    });
                    prop_assert!(broken.is_err());
                    let read = builder.read::<Error>(&scene.id, day, scene.cloud_cover, |values, valid| {
                        values.copy_from_slice(&scene.values);
                        valid.copy_from_slice(&scene.valid);
                        Ok(scene.valid.contains(&true))
                    });
                    prop_assert!(read.is_ok());
                }
            }
            prop_assert_eq!(reused.finish(Fill::Linear).unwrap(), series(&scenes, rule, Fill::Linear));
        }
    }

    #[test]
    fn reused_memory_changes_nothing(scenes in scenes(), length in 0usize..200) {
        for rule in RULES {
            let fresh = builder(rule);
            let (geobox, timeline, bands) = (fresh.geobox, fresh.timeline, fresh.bands);
            let mut reused = SeriesBuilder::reusing(vec![f32::NAN; length], geobox, timeline, bands, rule);
            for scene in &scenes {
                add(&mut reused, scene).unwrap();
            }
            prop_assert_eq!(reused.finish(Fill::Harmonic).unwrap(), series(&scenes, rule, Fill::Harmonic));
        }
    }

    #[test]
    fn a_scene_of_nodata_changes_nothing(scenes in scenes(), day in 0u64..45) {
        let empty = Scene { id: "none".into(), day, cloud_cover: Some(-1.0), values: vec![f32::NAN; BANDS * SIZE], valid: vec![false; SIZE] };
        let mut more = scenes.clone();
        more.insert(scenes.len() / 2, Scene { valid: vec![true; SIZE], ..empty.clone() });
        more.push(Scene { id: "none2".into(), ..empty });
        for rule in RULES {
            prop_assert_eq!(series(&scenes, rule, Fill::Zero), series(&more, rule, Fill::Zero));
        }
    }

    #[test]
    fn the_best_scene_wins_pixel_by_pixel(scenes in scenes()) {
        let found = series(&scenes, StepRule::Best, Fill::Zero);
        for step in 0..4 {
            for pixel in 0..SIZE {
                let usable = |s: &&Scene| {
                    s.day / 10 == step as u64 && s.valid[pixel] && (0..BANDS).all(|b| s.values[b * SIZE + pixel].is_finite())
                };
                // The rule spelt out: cover, then latest day, then id.
                let mut seen: Vec<&Scene> = scenes.iter().filter(usable).collect();
                seen.sort_by(|a, b| {
                    let cover = |s: &Scene| s.cloud_cover.filter(|c| c.is_finite()).unwrap_or(1000.0);
                    cover(a).total_cmp(&cover(b)).then(b.day.cmp(&a.day)).then(a.id.cmp(&b.id))
                });
                prop_assert_eq!(found.cube.valid_at(step)[pixel], !seen.is_empty());
                for band in 0..BANDS {
                    let expected = seen.first().map_or(0.0, |s| s.values[band * SIZE + pixel]);
                    prop_assert_eq!(found.cube.layer(step, band)[pixel], expected);
                }
            }
        }
        let valid: u32 = found.cube.valid().iter().map(|v| u32::from(*v)).sum();
        prop_assert!(found.observations.iter().sum::<u32>() >= valid);
    }

    #[test]
    fn nothing_that_comes_out_is_nan(scenes in scenes()) {
        for rule in RULES {
            for fill in [Fill::Zero, Fill::Linear, Fill::Harmonic] {
                prop_assert!(series(&scenes, rule, fill).cube.data().iter().all(|value| value.is_finite()));
            }
        }
    }
}

fn scene(id: &str, day: u64, cloud_cover: Option<f32>, value: f32) -> Scene {
    Scene { id: id.into(), day, cloud_cover, values: vec![value; BANDS * SIZE], valid: vec![true; SIZE] }
}

#[test]
fn two_scenes_at_the_same_time_are_both_counted_and_the_better_shown() {
    let twins = [scene("B", 3, None, 0.2), scene("A", 3, None, 0.1), scene("C", 3, Some(90.0), 0.3)];
    let best = series(&twins, StepRule::Best, Fill::Zero);
    assert_eq!((best.cube.layer(0, 0)[0], best.observations[0]), (0.3, 3));
    assert_eq!(series(&twins[..2], StepRule::Best, Fill::Zero).cube.layer(0, 0)[0], 0.1);
    assert_eq!(series(&twins, StepRule::Median, Fill::Zero).cube.layer(0, 0)[0], 0.2);
    assert_eq!(series(&twins[..2], StepRule::Mean { decibels: 0 }, Fill::Zero).cube.layer(0, 0)[0], 0.15);
}

#[test]
fn bad_scenes_are_refused_and_foreign_days_passed_over() {
    let mut builder = builder(StepRule::Best);
    assert_eq!(add(&mut builder, &scene("A", 39, None, 0.1)).unwrap(), Some(3));
    assert_eq!(add(&mut builder, &scene("off", 40, None, 0.1)).unwrap(), None);
    let twice = add(&mut builder, &scene("A", 0, None, 0.1)).unwrap_err();
    assert_eq!(twice.to_string(), "scene A was added twice to one series");
    assert!(add(&mut builder, &Scene { valid: vec![true; 5], ..scene("B", 0, None, 0.1) }).is_err());
    assert!(add(&mut builder, &Scene { values: vec![0.0; 5], ..scene("B", 0, None, 0.1) }).is_err());
}
