//! Whole trainings of a tiny network: validation judges what maps, and a run is resumed on its own data only.

use super::{TrainJob, train};
use crate::recipe::{PriorKind, Recipe};
use crate::{Compute, PredictJob, SimulateJob, predict, simulate};
use ecotone_io::{RasterDataset, Resampling};
use ecotone_jobs::{Existing, Resources, Silent};
use std::path::{Path, PathBuf};

const TINY: &str = r#"
[inputs]
bands = ["B04", "B8A"]
indices = []
max_cloud_cover = 100

[timeline]
start = "2021-05-16"
step_days = 30
steps = 8

[split]
block_m = 200

[model]
width = 4

[train]
epochs = 3
batch = 2
patch = 12
learning_rate = 4e-3

[predict]
blend = "crop"
window = 16
halo = 6
"#;

fn simulated(folder: &Path, seed: u64) {
    let job = SimulateJob {
        preset: "forest".to_owned(),
        out: folder.to_owned(),
        size: Some(56),
        seed,
        years: Some(2),
        every: 6,
        replace: false,
    };
    simulate(&job, &Resources::new(2), &Silent).unwrap();
}

fn job(root: &Path, more: &[&str], existing: Existing) -> TrainJob {
    let mut settings = vec![format!("inputs.catalog={}", root.join("catalogue/catalog.json").display())];
    settings.extend(more.iter().map(|setting| (*setting).to_owned()));
    let recipe = Recipe::from_text(TINY, "tiny", &settings, root).unwrap();
    TrainJob { recipe, out: root.join("run"), existing, here: root.to_owned() }
}

fn run(job: &TrainJob) -> crate::Result<()> {
    train(job, &Compute::new("flex", 2).unwrap(), &Silent).map(|_| ())
}

/// The codes of a file of the map's grid.
fn codes(path: PathBuf, like: &RasterDataset) -> Vec<u8> {
    let file = RasterDataset::open(path).unwrap();
    file.read_onto::<u8>(1, like.geobox(), Resampling::Nearest).unwrap().band(0).to_vec()
}

/// Right pixels of the map and all that it shows, in the validation blocks.
fn right_in_validation(root: &Path) -> (usize, usize) {
    let map = RasterDataset::open(root.join("run/map.tif")).unwrap();
    let [mapped, split, truth] =
        ["run/map.tif", "run/split.tif", "catalogue/truth.tif"].map(|path| codes(root.join(path), &map));
    let watched: Vec<usize> =
        (0..split.len()).filter(|pixel| split[*pixel] == 2 && mapped[*pixel] != 0).collect();
    let right = watched.iter().filter(|pixel| mapped[**pixel] == truth[**pixel]).count();
    (right, watched.len())
}

/// The validation accuracy of the best epoch, by macro-F1 and loss, as history.csv has it.
fn validated(root: &Path) -> f64 {
    let history = std::fs::read_to_string(root.join("run/history.csv")).unwrap();
    let rows = history.lines().skip(1).map(|line| {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap_or(f64::NAN)).collect();
        (cells[4], -cells[2], cells[3])
    });
    let watched = rows.filter(|(f1, _, _)| !f1.is_nan());
    watched.reduce(|best, row| if (row.0, row.1) > (best.0, best.1) { row } else { best }).unwrap().2
}

/// Issue 16: the network that is chosen is the one that maps. With windows that are not blended the map of the validation
/// blocks is as right as validation said, to the pixel, under either prior and with what is fitted to the validation.
#[test]
fn the_map_of_the_validation_blocks_is_as_right_as_validation_said() {
    for (kind, prior) in
        [("unet3d", "natural"), ("unet3d", "drawn"), ("tempcnn", "natural"), ("tempcnn", "drawn")]
    {
        let root = tempfile::tempdir().unwrap();
        simulated(&root.path().join("catalogue"), 5);
        let settings = [format!("model.kind={kind}"), format!("predict.prior={prior}")];
        run(&job(root.path(), &settings.each_ref().map(String::as_str), Existing::Refuse)).unwrap();
        let (right, pixels) = right_in_validation(root.path());
        let (mapped, validated) = (right as f64 / pixels as f64, validated(root.path()));
        assert!(pixels > 200 && (mapped - validated).abs() < 1e-6, "{kind} {prior}: {mapped} {validated}");
    }
}

/// Issue 16: the epoch that the drawn prior chose is mapped under the drawn prior, unless another is asked for.
#[test]
fn a_prediction_is_for_the_prior_of_the_training() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    simulated(&root.join("catalogue"), 5);
    run(&job(root, &["predict.prior=drawn", "train.epochs=1", "model.kind=tempcnn"], Existing::Refuse))
        .unwrap();
    let confidence = |prior: Option<PriorKind>, out: &str| {
        let out = root.join(out);
        let job = PredictJob {
            model: root.join("run/model.safetensors"),
            catalogs: vec![root.join("catalogue/catalog.json").display().to_string()],
            collections: Vec::new(),
            mask_asset: None,
            offset: None,
            grid: None,
            aoi: Vec::new(),
            dem: None,
            start: None,
            prior,
            majority: 0,
            probabilities: false,
            out: out.clone(),
            existing: Existing::Refuse,
        };
        predict(&job, &Compute::new("flex", 2).unwrap(), &Silent).unwrap();
        let found = RasterDataset::open(out.join("confidence.tif")).unwrap();
        codes(out.join("confidence.tif"), &found)
    };
    let of_training = confidence(None, "same");
    assert_eq!(of_training, confidence(Some(PriorKind::Drawn), "drawn"));
    assert_ne!(of_training, confidence(Some(PriorKind::Natural), "natural"));
}

#[test]
fn edited_labels_are_not_trained_on_silently() {
    let root = tempfile::tempdir().unwrap();
    simulated(&root.path().join("catalogue"), 5);
    run(&job(root.path(), &[], Existing::Refuse)).unwrap();
    // As if it had been interrupted after its last epoch.
    std::fs::remove_file(root.path().join("run/report.html")).unwrap();
    let labels = root.path().join("catalogue/truth.tif");
    let own = std::fs::read(&labels).unwrap();
    simulated(&root.path().join("other"), 6);
    std::fs::copy(root.path().join("other/truth.tif"), &labels).unwrap();
    let resumed = job(root.path(), &[], Existing::Resume);
    let message = run(&resumed).unwrap_err().to_string();
    assert!(message.contains("made with another set of labels"), "{message}");
    std::fs::write(&labels, own).unwrap();
    run(&resumed).unwrap();
}
