//! The page as a whole: a snapshot, escaping, and what it must not hold.

use super::*;
use crate::composite::{Stretch, composite};
use crate::content::{Accuracy, Baseline, Baselines, ClassSum, HistoryPoint, Prior, Span, Timing};
use crate::palette::{class_map, error_key, error_map, legend_key};
use ecotone_core::{ClassCode, Legend, LegendEntry, Rgb, Shape2d};
use ecotone_metrics::CalibrationBin;

const HOSTILE: &str = "<script>alert(\"1\")</script> & 'co'";

fn legend(third: &str) -> Legend {
    let entry = |code, name: &str, color| LegendEntry {
        code: ClassCode(code),
        name: name.to_owned(),
        color: Rgb(color),
    };
    Legend::new(vec![
        entry(1, "open land", [0xe8, 0xd8, 0x9a]),
        entry(2, "tree cover", [0x1b, 0x6b, 0x3a]),
        entry(3, third, [0x2b, 0x6c, 0xb0]),
    ])
    .unwrap()
}

fn small_report(name: &str) -> Report {
    let shape = Shape2d::new(2, 2);
    let legend = legend(name);
    let (map, reference) = ([1, 2, 2, 0], [1, 2, 1, 2]);
    let band: [f32; 4] = [0.1, 0.2, 0.3, f32::NAN];
    let bands = [&band[..]; 3];
    let picture = |title: &str, key, png| Picture {
        title: title.to_owned(),
        caption: name.to_owned(),
        alt: format!("{title} of {name}"),
        key,
        png,
    };
    let history = |epoch: usize, loss: f64, score| HistoryPoint {
        epoch,
        train_loss: loss,
        validation_loss: Some(loss * 1.25),
        overall_accuracy: score,
        macro_f1: score.map(|score: f64| score - 0.125),
        learning_rate: 1e-3,
    };
    let confusion = ConfusionMatrix::from_counts(3, vec![900, 30, 0, 100, 1170, 0, 0, 0, 0]).unwrap();
    let accuracy = Accuracy { legend: legend.clone(), confusion };
    Report {
        title: name.to_owned(),
        headline: format!("Beware of {name}."),
        subtitle: format!("{name}, 2021 to 2022"),
        summary: vec![Fact::new("Pixel size", "20 m"), Fact::new(name, name)],
        notices: vec![name.to_owned()],
        sections: vec![
            PictureSection {
                title: "Maps".to_owned(),
                text: name.to_owned(),
                key: legend_key(&legend),
                pictures: vec![
                    picture("Map", Vec::new(), class_map(shape, &map, &legend)),
                    picture(
                        "Errors",
                        error_key(),
                        error_map(shape, &map, &reference, &[true, true, true, false]),
                    ),
                ],
            },
            PictureSection {
                title: name.to_owned(),
                text: String::new(),
                key: Vec::new(),
                pictures: vec![picture("June", Vec::new(), composite(shape, bands, &Stretch::of(&[bands])))],
            },
        ],
        accuracy: Some(accuracy.clone()),
        truth: Some((accuracy.clone(), accuracy)),
        confidence: vec![CalibrationBin {
            lower: 0.8,
            upper: 0.9,
            samples: 2200,
            mean_probability: 0.85,
            observed_share: 0.75,
        }],
        priors: vec![
            Prior {
                name: name.to_owned(),
                mapped: true,
                overall_accuracy: Some(0.75),
                macro_f1: None,
                area_error: Some(0.0625),
            },
            Prior {
                name: name.to_owned(),
                mapped: false,
                overall_accuracy: Some(0.5),
                macro_f1: Some(0.5),
                area_error: None,
            },
        ],
        class_sums: vec![ClassSum {
            class: Swatch { label: name.to_owned(), color: Rgb([1, 2, 3]) },
            before: 12_345.6,
            after: f64::NAN,
            pixels: 1200,
        }],
        baselines: Some(Baselines {
            text: format!("On {name}."),
            network: [Some(0.75), None],
            methods: vec![Baseline {
                name: name.to_owned(),
                about: name.to_owned(),
                scores: [Some(0.5), None],
                gains: [Some(Span { value: 0.25, ends: Some((-0.125, 0.5)) }), None],
            }],
        }),
        history: vec![history(1, 1.5, Some(0.5)), history(2, 0.75, Some(0.875)), history(3, f64::NAN, None)],
        best_epoch: Some(2),
        scenes: SceneSummary { used: 23, failed: vec![(name.to_owned(), name.to_owned())] },
        timings: vec![Timing { stage: name.to_owned(), seconds: 75.0 }],
        recipe_toml: format!("# {name}\n[train]\nepochs = 3\n"),
        version: name.to_owned(),
    }
}

/// The page with its style sheet and pictures cut down to their places.
fn skeleton(html: &str) -> String {
    let mut text = html.replace(STYLE, "/* style.css */\n");
    while let Some(start) = text.find("base64,") {
        let end = start + text[start..].find('"').unwrap();
        text.replace_range(start..end, "PICTURE");
    }
    text
}

#[test]
fn a_small_report() {
    insta::assert_snapshot!(skeleton(&render(&small_report("water"))));
}

#[test]
fn no_name_can_write_markup() {
    let html = render(&small_report(HOSTILE));
    assert!(!html.contains("<script"), "markup of a name reached the page");
    assert!(!html.contains("alert(\""), "a quote of a name reached the page");
    // As many tags and attributes as with a harmless name.
    let harmless = render(&small_report("water"));
    for sign in ['<', '>', '"'] {
        assert_eq!(html.matches(sign).count(), harmless.matches(sign).count(), "{sign}");
    }
}

#[test]
fn what_is_not_a_number_is_a_dash() {
    let mut report = small_report("water");
    report.timings[0].seconds = f64::NAN;
    report.history[0].learning_rate = f64::INFINITY;
    if let Some(baselines) = &mut report.baselines {
        baselines.network[0] = Some(f64::NAN);
    }
    if let Some(accuracy) = &mut report.accuracy {
        accuracy.confusion = ConfusionMatrix::new(3);
    }
    let html = skeleton(&render(&report));
    assert!(!html.contains("NaN") && !html.contains(">inf"), "{html}");
    assert!(html.contains("<td>–</td>"));
}

#[test]
fn an_empty_report_is_a_page() {
    let html = render(&Report { title: "Nothing".to_owned(), ..Report::default() });
    assert!(html.contains("<h1>Nothing</h1>"));
    assert!(!html.contains("<section"));
}

#[test]
fn the_page_fetches_nothing_and_is_the_same_every_time() {
    let report = small_report("water");
    let html = render(&report);
    assert!(!html.contains("http") && !html.contains("url("));
    assert_eq!(html, render(&report));
    assert_eq!(html.matches("<img").count(), html.matches(" alt=\"").count());
    assert_eq!(
        html.matches("<svg").count(),
        html.matches("role=\"img\"").count() + html.matches("aria-hidden").count()
    );
}

#[test]
fn a_matrix_larger_than_its_legend_still_shows() {
    let mut report = small_report("water");
    if let Some(accuracy) = &mut report.accuracy {
        accuracy.confusion = ConfusionMatrix::from_counts(4, vec![1; 16]).unwrap();
    }
    assert!(render(&report).contains("class 3"));
}
