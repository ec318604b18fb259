//! What a file is: model, map, catalogue, recipe or run folder.

use crate::input_card::InputCard;
use crate::networks::in_words;
use crate::recipe::Recipe;
use crate::{Error, Result};
use chrono::NaiveDate;
use ecotone_cubes::{COUNTED, pixel_in_words};
use ecotone_io::{Query, RasterDataset, Scene, open_catalog};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Failure, Summary};
use ecotone_models::{InputKind, read_card};
use std::collections::BTreeSet;
use std::path::Path;

/// Says what a file, folder or address is.
///
/// # Errors
/// When it does not exist, or is nothing that ecotone knows.
pub fn info(path: &Path) -> Result<Summary> {
    let is_url = path.to_string_lossy().contains("://");
    if !is_url {
        std::fs::metadata(path).map_err(|source| JobError::ReadFile {
            what: "file",
            path: path.to_owned(),
            source,
        })?;
    }
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    match extension.as_str() {
        _ if path.join("recipe.toml").is_file() || path.join("manifest.json").is_file() => run(path),
        "safetensors" => model(path),
        "toml" => recipe(path),
        "tif" | "tiff" | "vrt" | "jp2" => raster(path),
        "json" | "geojson" | "safe" => catalog(path),
        _ if is_url || path.is_dir() => catalog(path),
        _ => Err(Error::UnknownFile { path: path.to_owned() }),
    }
}

fn model(path: &Path) -> Result<Summary> {
    let card = read_card(path)?;
    let network = card.network.clone().check()?;
    let mut summary = Summary::default();
    summary.fact("model", format!("{} with {} parameters", network.name(), network.parameters().trainable));
    summary.fact("channels", card.bands.join(", "));
    if matches!(network.rules().kind, InputKind::StackedRadar { .. }) {
        summary.fact("reads", in_words(network.rules()));
    }
    summary.fact("pixels", format!("{} m", card.gsd));
    let timeline = &card.timeline;
    summary.fact(
        "series",
        format!("{} steps of {} days, {}-filled", timeline.steps, timeline.step_days, timeline.fill),
    );
    summary.fact("mask", card.mask.clone());
    summary.fact("window", format!("{} pixels, halo {}", card.window.size, card.window.halo));
    // The card of another program has none.
    if let Ok(inputs) = InputCard::of(&card, path) {
        let bands: Vec<String> = inputs
            .sources
            .iter()
            .flat_map(|source| &source.meant)
            .map(|band| format!("{} {}", band.name, band.in_words()))
            .collect();
        if !bands.is_empty() {
            summary.fact("bands", bands.join("; "));
        }
        summary.fact("prior", inputs.prior.name());
    }
    let classes: Vec<String> =
        card.legend.iter().map(|class| format!("{} {}", class.code, class.name)).collect();
    summary.fact("classes", classes.join("; "));
    let training = &card.training;
    summary.fact(
        "trained",
        format!("{} epochs, best {}, seed {}", training.epochs, training.best_epoch, training.seed),
    );
    summary.fact("on", training.catalog.clone());
    summary
        .fact("validation", format!("macro-F1 {}", ecotone_assessment::share(training.validation_macro_f1)));
    Ok(summary)
}

fn recipe(path: &Path) -> Result<Summary> {
    let recipe = Recipe::load(path, &[], Path::new("."))?;
    let sources = recipe.sources(NaiveDate::default())?;
    let channels: Vec<String> =
        sources.iter().map(|source| Ok(source.channels()?)).collect::<Result<Vec<_>>>()?.concat();
    let mut summary = Summary::default();
    summary.fact("recipe", recipe.name);
    summary.fact("title", recipe.title);
    summary.fact("channels", channels.join(", "));
    summary.fact("network", recipe.model.to_string());
    Ok(summary)
}

fn raster(path: &Path) -> Result<Summary> {
    let dataset = RasterDataset::open(path)?;
    let (geobox, mut summary) = (dataset.geobox(), Summary::default());
    let shape = geobox.shape();
    summary.fact(
        "raster",
        format!("{} rows, {} columns, {} bands", shape.rows, shape.cols, dataset.bands().len()),
    );
    summary.fact("grid", format!("{} at {}", geobox.crs(), pixel_in_words(geobox)?));
    let bounds = geobox.bounds();
    summary.fact("bounds", format!("{} {} {} {}", bounds.min.x, bounds.min.y, bounds.max.x, bounds.max.y));
    for (place, band) in dataset.bands().iter().enumerate() {
        let nodata =
            band.nodata.map_or_else(|| "no nodata".to_owned(), |nodata| format!("nodata {}", nodata.value()));
        summary.fact(
            &format!("band {}", place + 1),
            format!("{} {}, {nodata}", band.pixel_type, band.description),
        );
    }
    if let Some(legend) = dataset.legend(1)? {
        let classes: Vec<String> =
            legend.entries().iter().map(|entry| format!("{} {}", entry.code.0, entry.name)).collect();
        summary.fact("classes", classes.join("; "));
    }
    Ok(summary)
}

fn catalog(path: &Path) -> Result<Summary> {
    let location = path.display().to_string();
    let catalog = open_catalog(&location)?;
    let limit = catalog.needs_area().then_some(COUNTED);
    let found = catalog.search(&Query { limit, ..Query::default() })?;
    let mut summary = Summary::default();
    summary.fact("catalogue", location);
    let scenes = found.scenes.len();
    let more = if limit == Some(scenes) { ", the first that it gives" } else { "" };
    summary.fact("scenes", format!("{scenes}{more}"));
    if let (Some(first), Some(last)) = (found.scenes.first(), found.scenes.last()) {
        summary.fact("period", format!("{} to {}", first.datetime.date_naive(), last.datetime.date_naive()));
        // Collections of several sensors have different bands.
        let bands: BTreeSet<String> = found.scenes.iter().flat_map(Scene::band_names).collect();
        summary.fact("bands", bands.into_iter().collect::<Vec<_>>().join(", "));
        summary.fact("CRS", first.crs.as_ref().map_or_else(|| "not said".to_owned(), ToString::to_string));
    }
    summary.failures =
        found.failures.into_iter().map(|f| Failure { scene: f.href, reason: f.reason }).collect();
    Ok(summary)
}

fn run(path: &Path) -> Result<Summary> {
    let mut summary = Summary::default();
    summary.fact("run folder", path.display().to_string());
    let metrics = path.join("metrics.json");
    if metrics.is_file() {
        let read = |source| JobError::ReadFile { what: "metrics", path: metrics.clone(), source };
        let text = std::fs::read_to_string(&metrics).map_err(read)?;
        let value: serde_json::Value = serde_json::from_str(&text).map_err(|source| JobError::Json {
            act: "reading",
            path: metrics.clone(),
            source,
        })?;
        for key in ["overall_accuracy", "macro_f1", "kappa", "pixels"] {
            summary.fact(key, value[key].to_string());
        }
    }
    let map = path.join("map.tif");
    if map.is_file() {
        summary.facts.extend(raster(&map)?.facts);
    }
    Ok(summary)
}
