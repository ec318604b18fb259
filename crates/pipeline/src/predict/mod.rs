//! A map of new ground or new years with a trained model.

mod asked;
mod elsewhere;
mod job;
mod resumed_series;
mod scenes;

pub use job::PredictJob;

use crate::Result;
use crate::compute::Compute;
use crate::input_card::InputCard;
use crate::mapping::{CUBES_IN_MEMORY, Mapping, TileJob, blend};
use ecotone_core::{ClassCode, GeoBox, Legend, LegendEntry};
use ecotone_cubes::{PlannedScene, Series, is_same_resolution, pixel_in_words};
use ecotone_io::gsd_metres;
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{
    Command, Earlier, Events, Manifest, Progress, RunFolder, Summary, sha256, write_map_item,
};
use ecotone_models::{InputDescription, ModelCard, NetworkPredictor, Predictor};
use ecotone_preprocessing::Normalisation;
use resumed_series::{keep_plan, resumed_series};
use std::path::Path;

/// Maps the area. A run that is finished is left as it is.
///
/// # Errors
/// When the model cannot be loaded or refuses the input, no scene fits, or the map cannot be written; single scenes
/// that fail are listed in the summary.
pub fn predict(job: &PredictJob, resources: &Compute, progress: &dyn Progress) -> Result<Summary> {
    let folder = RunFolder::claim(Command::Predict, &job.out, job.existing, &job.files())?;
    resources.apply()?;
    let mut manifest =
        Manifest::new("predict", Some(resources.backend.to_string()), resources.machine.threads);
    let predictor = NetworkPredictor::load(&job.model, resources.backend)?;
    let card = predictor.card().clone();
    let prior = job.prior.map_or_else(|| InputCard::of(&card, &job.model).map(|inputs| inputs.prior), Ok)?;
    let mut predictor = predictor.with_prior(prior.of_network());
    let model = sha256(&job.model)?;
    let asked = job.asked(&model, prior);
    if let Some(earlier) = Earlier::of(&folder)? {
        earlier.check(&asked)?;
        if let Some(summary) = earlier.finished(&[("map", "map.tif")]) {
            return Ok(summary);
        }
    }
    let events = Events::begin(Command::Predict, &asked);
    events.stage("read")?;
    manifest.input(&job.model)?;
    for path in job.catalogs.iter().map(Path::new).chain(job.dem.as_deref()) {
        manifest.input(path)?;
    }
    let inputs = job.inputs(&card)?;
    let series = match resumed_series(job, &folder, &resources.machine)? {
        Some(series) => series,
        None => {
            let sought = job.seek(inputs.sources, &card)?;
            let site = job.site(&card, &sought)?;
            Series::plan(sought, site, job.dem.clone(), &resources.machine, progress)?
        }
    };
    events.scenes_failed(None, &series.failures())?;
    let geobox = series.geobox().clone();
    let spec = series.spec();
    let described = InputDescription {
        bands: series.channels(),
        gsd: nominal(&geobox, &card)?,
        step_days: spec.step_days,
        steps: spec.steps,
    };
    card.check_input(&described)?;
    let legend = legend_of(&card)?;
    let (mean, std) = card.normalisation.iter().map(|channel| (channel.mean, channel.std)).unzip();
    let normalisation = Normalisation::new(mean, std)?;

    folder.clear()?;
    events.keep_in(&folder)?;
    keep_plan(&series, &folder)?;
    events.stage("predict")?;
    let tile = TileJob {
        series: &series,
        normalisation: &normalisation,
        legend: &legend,
        window: card.window.size - 2 * card.window.halo,
        halo: card.window.halo,
        blend: blend(inputs.blend),
        majority: job.majority,
        probabilities: job.probabilities,
        scored: None,
        memory: CUBES_IN_MEMORY,
    };
    let mapped = Mapping {
        tile,
        folder: folder.root(),
        strips: &folder.strips(),
        resume: folder.resumed(),
        model: &model,
        prior,
        events: &events,
    }
    .run(&mut predictor, progress)?;
    write_map_item(&folder, &geobox, &legend, series.period()?)?;
    manifest.scenes_used = series.scenes().map(PlannedScene::used).collect();
    manifest.write(&folder, &events)?;

    let mut summary = Summary { failures: events.failures(), ..Summary::default() };
    let shape = geobox.shape();
    summary.fact("map", folder.file("map.tif").display().to_string());
    summary.fact(
        "grid",
        format!("{} x {} pixels of {}, {}", shape.rows, shape.cols, pixel_in_words(&geobox)?, geobox.crs()),
    );
    summary.fact(
        "mapped",
        format!(
            "{} of {} pixels from {} scenes",
            mapped.observed,
            series.site().pixels()?,
            series.scenes().count()
        ),
    );
    let share = mapped.network.as_secs_f64() / mapped.total.as_secs_f64().max(1e-9);
    summary.fact(
        "time",
        format!("{:.1} s, {:.0} % of it in the network", mapped.total.as_secs_f64(), 100.0 * share),
    );
    Ok(summary)
}

/// The side of a pixel on the ground, as the card has it where they differ by less than a hundredth.
fn nominal(geobox: &GeoBox, card: &ModelCard) -> Result<f64> {
    let gsd = gsd_metres(geobox)?;
    Ok(if is_same_resolution(gsd, card.gsd) { card.gsd } else { gsd })
}

fn legend_of(card: &ModelCard) -> Result<Legend> {
    let entry = |class: &ecotone_models::LegendClass| {
        let color = class.color.parse().ok().ok_or_else(|| JobError::Value {
            key: "legend.color",
            found: class.color.clone(),
            expected: "#rrggbb".to_owned(),
        })?;
        Ok(LegendEntry { code: ClassCode(class.code), name: class.name.clone(), color })
    };
    Ok(Legend::new(card.legend.iter().map(entry).collect::<Result<_>>()?)?)
}
