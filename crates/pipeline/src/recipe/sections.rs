//! The sections of a recipe and their defaults.
//!
//! What each key means stands in `explain.rs`. An empty text or list means "not said"; TOML has no null, and a recipe in a run folder writes every key out.

#![expect(missing_docs, reason = "explain.rs says what each key means")]

use ecotone_cubes::{Calendar, FillKind, Mask, RadarUnits, StepKind};
use ecotone_models::Prior;
use serde::{Deserialize, Serialize};

/// The loss of a recipe that names none.
pub(super) const DEFAULT_LOSS: &str = "cross_entropy";

/// Where the scenes come from and which layers of them are used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    pub catalog: Vec<String>,
    pub collections: Vec<String>,
    pub bands: Vec<String>,
    pub indices: Vec<String>,
    pub dem: String,
    pub dates: Vec<String>,
    pub max_cloud_cover: f64,
    pub offset: String,
    pub scale: String,
    pub simulate: Simulate,
    pub mask: Mask,
    pub sar: Sar,
}

/// Radar scenes beside the optical ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sar {
    pub collections: Vec<String>,
    pub bands: Vec<String>,
    pub indices: Vec<String>,
    pub units: RadarUnits,
    pub rule: StepKind,
}

/// The sample that is simulated on first use when no catalogue is named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Simulate {
    pub preset: String,
    pub size: usize,
    pub seed: u64,
    pub years: u32,
    pub folder: String,
}

/// What a step of the series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepLength {
    /// So many days.
    Days,
    /// A calendar month.
    Month,
}

impl StepLength {
    /// As the series says it.
    pub(crate) const fn calendar(self) -> Option<Calendar> {
        match self {
            Self::Days => None,
            Self::Month => Some(Calendar::Months),
        }
    }
}

/// The steps of the series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    pub start: String,
    pub step: StepLength,
    pub step_days: u32,
    pub steps: usize,
    pub rule: StepKind,
    pub fill: FillKind,
    pub years: Vec<i32>,
    pub pair_days: u32,
}

/// What is known on the ground.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    pub raster: String,
    pub vector: String,
    pub attribute: String,
    pub legend: String,
    pub ignore: Vec<u8>,
    pub cleaning: Cleaning,
    pub samples: usize,
    pub clusters: usize,
}

/// Which labels are learnt from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cleaning {
    /// All.
    None,
    /// Those that a forest of every year confirms.
    Stable,
}

/// The network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    pub kind: String,
    /// Those of the network of this kind.
    #[serde(flatten)]
    pub settings: toml::Table,
}

/// Which series the network is trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Series {
    /// The mask is applied.
    Masked,
    /// Clouds stay in, in the map too.
    Unmasked,
    /// Patches are drawn from both in turn; the masked series is mapped.
    Both,
}

/// How much a pixel of each class counts in the loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClassWeighting {
    /// Every pixel counts the same.
    None,
    /// The inverse of the class's share among training pixels, up to a cap.
    Inverse,
}

/// How it is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Train {
    pub from: String,
    pub epochs: usize,
    pub batch: usize,
    pub accumulate: usize,
    pub patch: usize,
    pub patches_per_epoch: usize,
    pub rare_share: f64,
    pub series: Series,
    pub single_years: bool,
    pub optimizer: String,
    pub learning_rate: f64,
    pub schedule: String,
    pub warmup_epochs: usize,
    pub weight_decay: f64,
    pub clip_norm: f64,
    pub average_decay: f64,
    pub class_weights: ClassWeighting,
    pub class_weight_cap: f64,
    pub loss: String,
    pub label_smoothing: f64,
    pub flips: bool,
    pub rotations: bool,
    pub temporal_shift: usize,
    pub date_dropout: f64,
    pub band_noise: f64,
    pub select_by: String,
    pub early_stop: usize,
    pub calibrate: bool,
    pub seed: u64,
    /// Those of the loss of that name.
    pub loss_numbers: toml::Table,
}

/// How overlapping windows are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlendKind {
    /// The halo is thrown away.
    Crop,
    /// A cosine taper across the halo.
    Cosine,
}

/// Which shares of the classes the map is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PriorKind {
    /// Those on the ground.
    #[default]
    Natural,
    /// Those of the training, in which rare classes were drawn more often.
    Drawn,
}

impl PriorKind {
    /// As a recipe says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Natural => "natural",
            Self::Drawn => "drawn",
        }
    }

    /// As the networks know it.
    pub(crate) const fn of_network(self) -> Prior {
        match self {
            Self::Natural => Prior::Natural,
            Self::Drawn => Prior::Drawn,
        }
    }
}

/// How the map is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predict {
    pub window: usize,
    pub halo: usize,
    pub blend: BlendKind,
    pub prior: PriorKind,
    pub majority: usize,
    pub probabilities: bool,
}

impl Predict {
    /// How far around the map pixels are read, at most, in pixels.
    pub(crate) const fn reach(&self) -> usize {
        reach(self.window + 2 * self.halo, self.majority)
    }
}

/// How far around a map pixels are read, at most: the filter looks at pixels beyond its edge, each of which may be the last in
/// the halo of a window that reads so many pixels a side.
pub(crate) const fn reach(read_side: usize, majority: usize) -> usize {
    read_side + majority / 2
}

/// What is reported beside the accuracy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assess {
    pub baselines: bool,
    pub forest_pixels: usize,
    pub truth: String,
}

fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

impl Default for Inputs {
    fn default() -> Self {
        Self {
            catalog: Vec::new(),
            collections: Vec::new(),
            bands: texts(&["B02", "B03", "B04", "B05", "B06", "B07", "B8A", "B11", "B12"]),
            indices: texts(&["NDVI", "NBR", "NDMI"]),
            dem: String::new(),
            dates: Vec::new(),
            max_cloud_cover: 30.0,
            offset: "auto".to_owned(),
            scale: "auto".to_owned(),
            simulate: Simulate::default(),
            mask: Mask::default(),
            sar: Sar::default(),
        }
    }
}

impl Default for Sar {
    fn default() -> Self {
        Self {
            collections: Vec::new(),
            bands: Vec::new(),
            indices: Vec::new(),
            units: RadarUnits::Auto,
            rule: StepKind::Median,
        }
    }
}

impl Default for Simulate {
    fn default() -> Self {
        Self { preset: "forest".to_owned(), size: 512, seed: 1, years: 2, folder: "samples".to_owned() }
    }
}

impl Timeline {
    /// Days a step; of months about as many as they have.
    pub(crate) const fn about_days(&self) -> u32 {
        match self.step {
            StepLength::Days => self.step_days,
            StepLength::Month => 30,
        }
    }
}

impl Default for Timeline {
    fn default() -> Self {
        Self {
            start: String::new(),
            step: StepLength::Days,
            step_days: 10,
            steps: 46,
            rule: StepKind::Best,
            fill: FillKind::Zero,
            years: Vec::new(),
            pair_days: 0,
        }
    }
}

impl Default for Labels {
    fn default() -> Self {
        Self {
            raster: "{catalog}/truth.tif".to_owned(),
            vector: String::new(),
            attribute: String::new(),
            legend: "{catalog}/legend.csv".to_owned(),
            ignore: Vec::new(),
            cleaning: Cleaning::None,
            samples: 20_000,
            clusters: 0,
        }
    }
}

impl Default for Train {
    fn default() -> Self {
        Self {
            from: String::new(),
            epochs: 30,
            batch: 4,
            accumulate: 1,
            patch: 64,
            patches_per_epoch: 0,
            rare_share: 0.5,
            series: Series::Masked,
            single_years: false,
            optimizer: "adamw".to_owned(),
            learning_rate: 1e-3,
            schedule: "cosine".to_owned(),
            warmup_epochs: 1,
            weight_decay: 1e-4,
            clip_norm: 1.0,
            average_decay: 0.0,
            class_weights: ClassWeighting::None,
            class_weight_cap: 10.0,
            loss: DEFAULT_LOSS.to_owned(),
            label_smoothing: 0.0,
            flips: true,
            rotations: true,
            temporal_shift: 0,
            date_dropout: 0.0,
            band_noise: 0.0,
            select_by: "macro_f1".to_owned(),
            early_stop: 0,
            calibrate: true,
            seed: 1,
            loss_numbers: toml::Table::new(),
        }
    }
}

impl Default for Predict {
    fn default() -> Self {
        Self {
            window: 128,
            halo: 16,
            blend: BlendKind::Cosine,
            prior: PriorKind::Natural,
            majority: 0,
            probabilities: false,
        }
    }
}

impl Default for Assess {
    fn default() -> Self {
        Self { baselines: true, forest_pixels: 50_000, truth: String::new() }
    }
}
