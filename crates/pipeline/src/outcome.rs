//! What a training job leaves behind besides model and map: history, baselines, report, manifest, summary.

use crate::baseline::Baseline;
use crate::patches::Unreached;
use crate::train::{Job, Prepared, Scored};
use crate::{Result, leaks, outcome_years};
use ecotone_assessment::{BINS, add_to_metrics, share};
use ecotone_core::{Cube, GeoBox, Window};
use ecotone_cubes::PlannedScene;
use ecotone_curation::{UNLABELLED, class_codes};
use ecotone_io::{gsd_metres, pixel_areas};
use ecotone_jobs::{RunFolder, Summary, nodata_code, write_json};
use ecotone_metrics::ConfusionMatrix;
use ecotone_models::Trained;
use ecotone_report::{
    Accuracy, Fact, HistoryPoint, Picture, PictureSection, Report, SceneSummary, Stretch, class_map,
    composite, error_key, error_map, legend_key, split_key, split_map,
};
use ecotone_tiling::Part;

/// Composites and the bands that make them: red, green and blue of the picture.
const COMPOSITES: [(&str, [&str; 3]); 2] =
    [("True colour", ["B04", "B03", "B02"]), ("Near infrared", ["B8A", "B04", "B03"])];

/// Writes history.csv.
pub(crate) fn write_history(folder: &RunFolder, trained: &Trained) -> Result<()> {
    let header = "epoch,train_loss,validation_loss,validation_overall_accuracy,validation_macro_f1,learning_rate,seconds";
    let header: Vec<String> = header.split(',').map(str::to_owned).collect();
    let text = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.6}"));
    let rows = trained.history().iter().map(|row| {
        vec![
            row.epoch.to_string(),
            format!("{:.6}", row.train_loss),
            text(row.validation_loss),
            text(row.validation_overall_accuracy),
            text(row.validation_macro_f1),
            format!("{:e}", row.learning_rate),
            format!("{:.2}", row.seconds),
        ]
    });
    ecotone_io::write_csv(folder.file("history.csv"), &header, rows)?;
    Ok(())
}

/// Writes the rest of the run folder and sums up.
pub(crate) fn write(
    mut job: Job<'_>,
    prepared: &Prepared,
    trained: &Trained,
    scored: &Scored,
) -> Result<Summary> {
    write_baselines(&job.folder, scored)?;
    let unreached = unreached(&job, prepared);
    add_to_metrics(&job.folder, "unreached_training_pixels", &unreached)?;
    for year in &prepared.years {
        job.manifest.scenes_used.extend(year.series.scenes().map(PlannedScene::used));
    }
    job.events.stage("report")?;
    let page = ecotone_report::render(&page(&job, prepared, trained, scored)?);
    ecotone_io::write_atomic(job.folder.file("report.html"), page.as_bytes())?;
    job.manifest.write(&job.folder, &job.events)?;
    let mut summary = Summary { failures: job.events.failures(), ..Summary::default() };
    let matrix = &scored.confusion;
    summary.fact(
        "overall accuracy",
        format!("{} on {} held-out pixels", share(matrix.overall_accuracy()), matrix.total()),
    );
    summary.fact("macro-F1", share(matrix.macro_f1()));
    for baseline in &scored.baselines {
        let (oa, f1) = (baseline.confusion.overall_accuracy(), baseline.confusion.macro_f1());
        summary
            .fact(&format!("  {}", baseline.name), format!("accuracy {}, macro-F1 {}", share(oa), share(f1)));
    }
    if let Some(truth) = &scored.truth {
        for (label, matrix) in [("against the truth", &truth.map), ("  the labels themselves", &truth.labels)]
        {
            let (oa, f1) = (matrix.overall_accuracy(), matrix.macro_f1());
            summary.fact(label, format!("accuracy {}, macro-F1 {}", share(oa), share(f1)));
        }
    }
    if let Some(years) = &scored.years {
        outcome_years::sum_up(years, &mut summary);
    }
    summary.fact("calibration error", share(scored.confidence.expected_error(BINS)?));
    for (label, file) in [("map", "map.tif"), ("model", "model.safetensors"), ("report", "report.html")] {
        summary.fact(label, job.folder.file(file).display().to_string());
    }
    Ok(summary)
}

/// Labelled training pixels of all years that no patch can hold.
fn unreached(job: &Job<'_>, prepared: &Prepared) -> Unreached {
    let labels = prepared.years.iter().map(|year| year.learnt.as_slice());
    Unreached::of(&prepared.split, labels, job.recipe.train.patch)
}

fn write_baselines(folder: &RunFolder, scored: &Scored) -> Result<()> {
    let line = |baseline: &Baseline| {
        serde_json::json!({
            "name": baseline.name,
            "overall_accuracy": baseline.confusion.overall_accuracy(),
            "macro_f1": baseline.confusion.macro_f1(),
        })
    };
    let lines: Vec<_> = scored.baselines.iter().map(line).collect();
    Ok(write_json(&folder.file("baselines.json"), &lines)?)
}

/// How much ground windows of a grid hold.
fn square_metres(geobox: &GeoBox, windows: &[Window]) -> Result<f64> {
    let Some(areas) = pixel_areas(geobox)? else {
        let pixels: usize = windows.iter().map(|window| window.shape().len()).sum();
        return Ok(pixels as f64 * geobox.pixel_area());
    };
    let row = |window: &Window, row: usize| -> u64 {
        let cols = window.col as usize..window.col_end() as usize;
        areas.runs(window.row as usize + row, cols).map(|(run, parts)| run.len() as u64 * parts).sum()
    };
    let of = |window: &Window| (0..window.rows).map(|at| row(window, at)).sum::<u64>();
    Ok(windows.iter().map(of).sum::<u64>() as f64 * areas.part())
}

fn page(job: &Job<'_>, prepared: &Prepared, trained: &Trained, scored: &Scored) -> Result<Report> {
    let (matrix, recipe) = (&scored.confusion, job.recipe);
    let geobox = prepared.labels().geobox();
    let network = trained.summary("", "");
    let site = prepared.series().site();
    let around: usize = site.areas().iter().map(|area| area.shape().len()).sum();
    // Of outlines the share of their pixels, which are as large as those around them.
    let inside = site.pixels()? as f64 / around as f64;
    let area = square_metres(geobox, site.areas())? * inside / 1e6;
    let facts = [
        ("Overall accuracy", share(matrix.overall_accuracy())),
        ("Macro-F1", share(matrix.macro_f1())),
        ("Kappa", share(matrix.kappa())),
        ("Test pixels", matrix.total().to_string()),
        (
            "Area",
            format!(
                "{area:.1} km² at {} m, {}",
                gsd_metres(geobox)?.round(),
                geobox.crs().to_epsg().map_or("own CRS".to_owned(), |e| format!("EPSG:{e}"))
            ),
        ),
        ("Series", prepared.series().spec().steps_in_words()),
        (
            "Network",
            format!(
                "{}, {} parameters, {}",
                recipe.model.kind,
                job.network(prepared.series(), &prepared.legend)?.parameters().total,
                job.resources.backend
            ),
        ),
        ("Best epoch", format!("{} of {}", network.best_epoch, network.epochs)),
        ("Calibration error", share(scored.confidence.expected_error(BINS)?)),
    ];
    let accuracy =
        |matrix: &ConfusionMatrix| Accuracy { legend: prepared.legend.clone(), confusion: matrix.clone() };
    let history = trained.history().iter().map(|row| HistoryPoint {
        epoch: row.epoch,
        train_loss: row.train_loss,
        validation_loss: row.validation_loss,
        overall_accuracy: row.validation_overall_accuracy,
        macro_f1: row.validation_macro_f1,
        learning_rate: row.learning_rate,
    });
    let baselines = scored.baselines.iter().map(|baseline| ecotone_report::Baseline {
        name: baseline.name.to_owned(),
        overall_accuracy: baseline.confusion.overall_accuracy(),
        macro_f1: baseline.confusion.macro_f1(),
    });
    let timings = job.events.timings().into_iter();
    let timings = timings.map(|t| ecotone_report::Timing { stage: t.stage, seconds: t.seconds });
    let mut sections = vec![maps(prepared, scored)];
    sections.extend(scored.years.as_ref().map(|years| outcome_years::section(prepared, years)).transpose()?);
    sections.push(composites(prepared));
    Ok(Report {
        title: if recipe.title.is_empty() { recipe.name.clone() } else { recipe.title.clone() },
        subtitle: recipe.name.clone(),
        summary: facts.into_iter().map(|(label, value)| Fact::new(label, value)).collect(),
        notices: notices(prepared)?,
        sections,
        accuracy: Some(accuracy(matrix)),
        truth: scored.truth.as_ref().map(|truth| (accuracy(&truth.map), accuracy(&truth.labels))),
        confidence: scored.confidence.curve(BINS)?,
        baselines: baselines.collect(),
        history: history.collect(),
        best_epoch: Some(trained.best_epoch()),
        scenes: SceneSummary {
            used: prepared.years.iter().map(|year| year.series.scenes().count()).sum(),
            failed: job.events.failures().into_iter().map(|f| (f.scene, f.reason)).collect(),
        },
        timings: timings.collect(),
        recipe_toml: recipe.to_toml()?,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

fn notices(prepared: &Prepared) -> Result<Vec<String>> {
    let mut notices = vec![
        "Accuracy is measured on blocks that the network never saw. Their labels come from the same protocol as the training \
         labels, so these figures compare models; they are no unbiased estimate of the map's accuracy, which takes a \
         probability sample."
            .to_owned(),
    ];
    let scenes = prepared.years.iter().map(|year| year.series.scenes().count()).sum();
    notices.extend(leaks::in_words(&prepared.split, prepared.labels(), scenes)?);
    for missing in prepared.split.missing_classes() {
        let name = &prepared.legend.entries()[missing.class].name;
        notices.push(format!(
            "No {} block holds a pixel of “{name}”, so nothing is said of it there.",
            missing.part
        ));
    }
    Ok(notices)
}

fn maps(prepared: &Prepared, scored: &Scored) -> PictureSection {
    let (legend, areas) = (&prepared.legend, prepared.split.areas());
    let nodata = nodata_code(legend);
    let map = class_codes(&scored.map, legend, nodata);
    let reference = class_codes(&prepared.labels().indices, legend, nodata);
    let codes = prepared.split.codes();
    let scored_pixels: Vec<bool> = prepared
        .labels()
        .indices
        .iter()
        .zip(codes)
        .map(|(label, code)| *label != UNLABELLED && *code == Part::Test.code())
        .collect();
    let picture = |title: &str, caption: &str, key, png| Picture {
        title: title.to_owned(),
        caption: caption.to_owned(),
        alt: format!("{title}: {caption}"),
        key,
        png,
    };
    PictureSection {
        title: "Map and reference".to_owned(),
        text: String::new(),
        key: legend_key(legend),
        pictures: vec![
            picture("Map", "what the network says", Vec::new(), class_map(areas.clone(), &map, legend)),
            picture("Reference", "what is known", Vec::new(), class_map(areas.clone(), &reference, legend)),
            picture(
                "Errors",
                "in the test blocks",
                error_key(),
                error_map(areas.clone(), &map, &reference, &scored_pixels),
            ),
            picture(
                "Split",
                "which blocks trained, validated and tested",
                split_key(),
                split_map(areas.clone(), codes),
            ),
        ],
    }
}

/// Three dates of the first area's series, the clearest of each third, as the composites that its bands allow.
fn composites(prepared: &Prepared) -> PictureSection {
    let cube = &prepared.cubes[0][0];
    let steps = cube.timeline().steps();
    let size = cube.geobox().shape().len();
    let clear =
        |step: &usize| prepared.clear[step * size..(step + 1) * size].iter().filter(|clear| **clear).count();
    let dates: Vec<usize> = (0..3)
        .filter_map(|third| (third * steps / 3..(third + 1) * steps / 3).rev().max_by_key(clear))
        .filter(|step| clear(step) > 0)
        .collect();
    let mut pictures = Vec::new();
    for (title, bands) in COMPOSITES {
        let images: Option<Vec<[Vec<f32>; 3]>> =
            dates.iter().map(|step| image(prepared, cube, *step, bands)).collect();
        let Some(images) = images else { continue };
        let views: Vec<[&[f32]; 3]> = images.iter().map(|[r, g, b]| [r.as_slice(), g, b]).collect();
        let stretch = Stretch::of(&views);
        for (step, view) in dates.iter().zip(views) {
            let caption =
                format!("{} days from {}", cube.timeline().days_of(*step), cube.timeline().step_start(*step));
            pictures.push(Picture {
                title: title.to_owned(),
                alt: format!("{title} composite, {caption}"),
                caption,
                key: Vec::new(),
                png: composite(cube.geobox().shape(), view, &stretch),
            });
        }
    }
    PictureSection {
        title: "What the network saw".to_owned(),
        text: format!(
            "The clearest step of each third of the series{}; grey is masked or nodata.",
            if prepared.cubes.len() > 1 { ", in the first of the areas" } else { "" }
        ),
        key: Vec::new(),
        pictures,
    }
}

/// Three bands of a step in reflectance, NaN where nothing was seen; `None` where the series lacks one of them.
fn image(prepared: &Prepared, cube: &Cube<f32>, step: usize, bands: [&str; 3]) -> Option<[Vec<f32>; 3]> {
    let size = cube.geobox().shape().len();
    let valid = &prepared.clear[step * size..(step + 1) * size];
    let layer = |name: &str| {
        let band = cube.band_index(name)?;
        let (mean, std) = (prepared.normalisation.mean()[band], prepared.normalisation.std()[band]);
        let value = |(value, valid): (&f32, &bool)| if *valid { value * std + mean } else { f32::NAN };
        Some(cube.layer(step, band).iter().zip(valid).map(value).collect::<Vec<f32>>())
    };
    Some([layer(bands[0])?, layer(bands[1])?, layer(bands[2])?])
}
