//! What a report says.

use crate::palette::Swatch;
use crate::png::Png;
use ecotone_core::{Legend, Rgb};
use ecotone_metrics::{CalibrationBin, ConfusionMatrix};

/// A label and a value, such as "Pixel size" and "20 m".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// How much, with its unit.
    pub value: String,
}

impl Fact {
    /// From a label and a value.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into() }
    }
}

/// A picture with the words around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Short title above the picture.
    pub title: String,
    /// A sentence below it; may be empty.
    pub caption: String,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    /// Colours that only this picture has; empty where the section's key says all.
    pub key: Vec<Swatch>,
    /// The picture.
    pub png: Png,
}

/// Pictures that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureSection {
    /// Heading.
    pub title: String,
    /// A sentence or two above the pictures; may be empty.
    pub text: String,
    /// Colours that its pictures share; may be empty.
    pub key: Vec<Swatch>,
    /// The pictures, in reading order; laid out three abreast when their number is a multiple of three, else two.
    pub pictures: Vec<Picture>,
}

/// The accuracy on held-out pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accuracy {
    /// The classes, in the order of the matrix.
    pub legend: Legend,
    /// Counts, rows = map, columns = reference.
    pub confusion: ConfusionMatrix,
}

impl Accuracy {
    /// Name and colour of each class of the matrix; a class that the legend lacks is named by its index.
    pub(crate) fn classes(&self) -> Vec<Swatch> {
        let class = |index: usize| match self.legend.entries().get(index) {
            Some(entry) => Swatch { label: entry.name.clone(), color: entry.color },
            None => Swatch { label: format!("class {index}"), color: Rgb([0x88; 3]) },
        };
        (0..self.confusion.classes()).map(class).collect()
    }
}

/// A value and its interval, where it has one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// The value.
    pub value: f64,
    /// Lower and upper end.
    pub ends: Option<(f64, f64)>,
}

/// What a simpler method scores on the same pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// Name of the method, such as "nearest centroid".
    pub name: String,
    /// How it was made; may be empty.
    pub about: String,
    /// Overall accuracy and macro-F1, 0 to 1.
    pub scores: [Option<f64>; 2],
    /// The network's scores less these, -1 to 1.
    pub gains: [Option<Span>; 2],
}

/// The network beside simpler methods.
#[derive(Debug, Clone, PartialEq)]
pub struct Baselines {
    /// What all are scored on, in a sentence or two.
    pub text: String,
    /// The network's own overall accuracy and macro-F1 there.
    pub network: [Option<f64>; 2],
    /// The others.
    pub methods: Vec<Baseline>,
}

/// What a map is worth, or would be, that is made for some shares of the classes.
#[derive(Debug, Clone, PartialEq)]
pub struct Prior {
    /// Which: natural or drawn.
    pub name: String,
    /// Whether the run's map is made for it.
    pub mapped: bool,
    /// 0 to 1.
    pub overall_accuracy: Option<f64>,
    /// 0 to 1.
    pub macro_f1: Option<f64>,
    /// Quantity disagreement, 0 to 1.
    pub area_error: Option<f64>,
}

/// The probabilities of a class over some pixels, in sum.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassSum {
    /// The class.
    pub class: Swatch,
    /// As the training drew the classes, in pixels.
    pub before: f64,
    /// As they are on the ground, in pixels.
    pub after: f64,
    /// Its pixels in the reference.
    pub pixels: u64,
}

/// One epoch of the training.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryPoint {
    /// Counted from 1.
    pub epoch: usize,
    /// Mean loss over the training patches.
    pub train_loss: f64,
    /// Mean loss over the validation blocks.
    pub validation_loss: Option<f64>,
    /// On the validation blocks, 0 to 1.
    pub overall_accuracy: Option<f64>,
    /// On the validation blocks, 0 to 1.
    pub macro_f1: Option<f64>,
    /// At the end of the epoch.
    pub learning_rate: f64,
}

/// Which scenes the run could read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SceneSummary {
    /// How many were used.
    pub used: usize,
    /// Identifier of each scene that could not be used, and the reason.
    pub failed: Vec<(String, String)>,
}

/// How long a stage took.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    /// Name of the stage.
    pub stage: String,
    /// Wall clock, in seconds.
    pub seconds: f64,
}

/// All that a run has to tell. What is empty or `None` leaves no trace on the page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// Name of the job.
    pub title: String,
    /// One line below it: place, period, network.
    pub subtitle: String,
    /// A sentence that stands before all else, such as that the run is not worth its trouble; may be empty.
    pub headline: String,
    /// The facts to see first.
    pub summary: Vec<Fact>,
    /// What to bear in mind when reading the numbers.
    pub notices: Vec<String>,
    /// Maps and composites.
    pub sections: Vec<PictureSection>,
    /// The accuracy on the test blocks.
    pub accuracy: Option<Accuracy>,
    /// The same of map and of labels against a truth that is better than the labels.
    pub truth: Option<(Accuracy, Accuracy)>,
    /// How often the map was right, by its confidence.
    pub confidence: Vec<CalibrationBin>,
    /// The map for the natural and for the drawn shares of the classes, that of the run first; empty where they are one.
    pub priors: Vec<Prior>,
    /// The sums of the probabilities of each class.
    pub class_sums: Vec<ClassSum>,
    /// What simpler methods score.
    pub baselines: Option<Baselines>,
    /// The epochs, in order.
    pub history: Vec<HistoryPoint>,
    /// The epoch whose weights were kept.
    pub best_epoch: Option<usize>,
    /// Scenes used and failed.
    pub scenes: SceneSummary,
    /// Time of each stage, in order.
    pub timings: Vec<Timing>,
    /// The recipe as checked, in TOML.
    pub recipe_toml: String,
    /// Version of the program, such as "0.1.0".
    pub version: String,
}
