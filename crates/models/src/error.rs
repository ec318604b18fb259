//! What can go wrong in a network's life: settings, inputs, weight files, training.

use std::path::PathBuf;

use crate::Backend;

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of this crate: the act that failed and the thing it failed on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A word that names no backend.
    #[error("unknown backend `{found}`: expected flex, tch, tch-cuda, vulkan or cuda")]
    UnknownBackend {
        /// The word as given.
        found: String,
    },
    /// A backend that this build does not contain.
    #[error(
        "backend `{backend}` is not in this build (it has {available}): build with `--features {}`",
        backend.feature()
    )]
    BackendNotBuilt {
        /// The backend asked for.
        backend: Backend,
        /// The backends of this build, for the message.
        available: String,
    },
    /// A backend that is built in and finds no device.
    #[error("backend `{backend}` finds no GPU: it needs {wanted}")]
    NoGpu {
        /// The backend asked for.
        backend: Backend,
        /// What it runs on.
        wanted: &'static str,
    },
    /// The number of threads could not be set.
    #[error("cannot give backend `{backend}` {threads} threads: its thread pool has started already")]
    Threads {
        /// The backend.
        backend: Backend,
        /// The number of threads asked for.
        threads: usize,
    },
    /// A setting of a network or of the training that cannot be.
    #[error("setting `{setting}` is {found}, but must be {rule}")]
    Setting {
        /// The setting's name as it is serialised.
        setting: &'static str,
        /// Its value.
        found: String,
        /// What it must be.
        rule: &'static str,
    },
    /// Vector instructions that this machine lacks, or a word for none.
    #[error("instructions of the networks: {source}")]
    Instructions {
        /// Which, and which there are.
        #[source]
        source: ecotone_kernels::Error,
    },
    /// An input whose size the network cannot take.
    #[error("input has {found} {axis}, but network {network} takes {expected}")]
    InputSize {
        /// The network's name.
        network: &'static str,
        /// The axis: `channels`, `steps`, `rows` or `columns`.
        axis: &'static str,
        /// What the network takes.
        expected: String,
        /// What the input has.
        found: usize,
    },
    /// An array whose length does not fit its stated shape.
    #[error("{what} holds {found} values, but its shape {shape:?} takes {expected}", expected = shape.iter().product::<usize>())]
    Length {
        /// The array.
        what: &'static str,
        /// The shape it should fill.
        shape: Vec<usize>,
        /// The length found.
        found: usize,
    },
    /// An input value that is NaN or infinite; invalid pixels are written as 0 with `valid` false.
    #[error(
        "input value {value} at sample {sample}, step {step}, channel {channel}, row {row}, column {column} is not finite"
    )]
    NotFinite {
        /// The value.
        value: f32,
        /// Its sample in the batch.
        sample: usize,
        /// Its time step.
        step: usize,
        /// Its channel.
        channel: usize,
        /// Its row.
        row: usize,
        /// Its column.
        column: usize,
    },
    /// A target that is neither a class of the network nor [`crate::IGNORE`].
    #[error("target class {found} is not below the network's {classes} classes")]
    UnknownClass {
        /// The class index found.
        found: u8,
        /// The number of classes.
        classes: usize,
    },
    /// A batch in which no pixel carries any weight, so that its loss is not defined.
    #[error("no labelled pixel with a weight above zero in {what}")]
    NoLabelledPixel {
        /// Where: a batch, an epoch.
        what: String,
    },
    /// An input that differs from what the model was trained on.
    #[error("the model expects {what} {expected}, but the input has {found}")]
    CardMismatch {
        /// The property, such as `band 3`.
        what: String,
        /// The card's value.
        expected: String,
        /// The input's value.
        found: String,
    },
    /// A file or folder that could not be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// A file or folder that could not be written.
    #[error("cannot write {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// A file that came back from disk other than it was written.
    #[error("{path} reads back differently from what was written")]
    Verify {
        /// The file.
        path: PathBuf,
    },
    /// A file that is no safetensors file, or a truncated one.
    #[error("{path} is not a whole safetensors file")]
    WeightsFormat {
        /// The file.
        path: PathBuf,
        /// The parser's reason.
        #[source]
        source: safetensors::SafeTensorError,
    },
    /// A safetensors file without a model card of ours.
    #[error("{path} holds weights, but no model card: it was not written by this program")]
    NoCard {
        /// The file.
        path: PathBuf,
    },
    /// A PyTorch file that holds no state dict, or a damaged one.
    #[error("cannot read a state dict from {path}")]
    Pytorch {
        /// The file.
        path: PathBuf,
        /// The reader's reason.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A network for which no PyTorch code was published.
    #[error("network {network} has no published PyTorch form to import weights from")]
    NoPytorchForm {
        /// The network's name.
        network: &'static str,
    },
    /// A JSON document (model card, training state) that does not parse.
    #[error("{path}: {what} is malformed")]
    Document {
        /// The file.
        path: PathBuf,
        /// The document: `model card`, `training state`.
        what: &'static str,
        /// The parser's reason.
        #[source]
        source: serde_json::Error,
    },
    /// A model card of a format that is not read.
    #[error(
        "{path} has a card of format {found}, but this program reads formats {oldest} to {newest}: use the ecotone that wrote it, version {writer}"
    )]
    CardFormat {
        /// The file.
        path: PathBuf,
        /// The format found.
        found: u32,
        /// The oldest that this program reads.
        oldest: u32,
        /// The newest.
        newest: u32,
        /// The version of the program that wrote the file, as the card tells it.
        writer: String,
    },
    /// A checkpoint of another format version.
    #[error("{path} has format version {found}, but this program reads version {expected}")]
    Version {
        /// The file.
        path: PathBuf,
        /// The version this program reads.
        expected: u32,
        /// The version found.
        found: u32,
    },
    /// Weights of another network.
    #[error("{path} does not fit network {network}: tensor `{tensor}` is {found}, expected {expected}")]
    WeightsMismatch {
        /// The file.
        path: PathBuf,
        /// The network's name.
        network: &'static str,
        /// The tensor.
        tensor: String,
        /// What the network expects of it.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// A weight file to start from that has no tensor of the network.
    #[error("{path} holds weights of network {given}, but none that network {network} has, too")]
    NothingInCommon {
        /// The file.
        path: PathBuf,
        /// The network that was to start from it.
        network: &'static str,
        /// The file's network.
        given: &'static str,
    },
    /// A source of patches that offers none.
    #[error("the {which} source offers no patch in epoch {epoch}")]
    EmptySource {
        /// `training` or `validation`.
        which: &'static str,
        /// The epoch.
        epoch: usize,
    },
    /// A patch that could not be made.
    #[error("cannot make patch {id} of epoch {epoch}")]
    Patch {
        /// The patch's identifier in its source.
        id: usize,
        /// The epoch.
        epoch: usize,
        /// The source's reason.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Patches of different shapes in one batch.
    #[error("patch {id} has shape [step, channel, row, column] = {found:?}, but its batch has {expected:?}")]
    PatchShape {
        /// The patch's identifier in its source.
        id: usize,
        /// The batch's shape.
        expected: [usize; 4],
        /// The patch's shape.
        found: [usize; 4],
    },
    /// A loss or a gradient that is NaN or infinite; the last checkpoint is untouched.
    #[error("{what} is {value} in epoch {epoch}, step {step}: training stopped, the last checkpoint is kept")]
    Diverged {
        /// `loss` or `gradient norm`.
        what: &'static str,
        /// Its value.
        value: f32,
        /// The epoch, from 1.
        epoch: usize,
        /// The step in the epoch, from 1.
        step: usize,
    },
    /// A checkpoint made under other settings, or from other data.
    #[error("{path} was made with another {what}: resume with the same one, or start anew")]
    OtherCheckpoint {
        /// The checkpoint.
        path: PathBuf,
        /// What differs: `network`, `training settings`, `class weights`, `file of first weights`, or what the source of
        /// patches names.
        what: &'static str,
    },
    /// A validation result that could not be counted.
    #[error("cannot score the validation patches")]
    Score {
        /// The reason.
        #[source]
        source: ecotone_metrics::Error,
    },
}
