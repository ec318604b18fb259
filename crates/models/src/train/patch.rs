//! Where training patches come from.

use crate::batch::check_finite;
use crate::{Error, Result};

/// A source's own error.
pub type PatchError = Box<dyn std::error::Error + Send + Sync>;

/// Makes training patches. One background thread asks for them, in order.
///
/// Implementers owe determinism: the same epoch gives the same identifiers in the same order, and the
/// same identifier and epoch the same patch.
pub trait PatchSource: Sync {
    /// How many patches an epoch has, for progress.
    fn epoch_len(&self) -> usize;

    /// The identifiers of an epoch's patches, in the order to train on them. Validation asks for epoch 0.
    fn draw(&self, epoch: usize) -> Vec<usize>;

    /// A patch.
    ///
    /// # Errors
    /// Whatever keeps the patch from being made; training stops with it.
    fn patch(&self, id: usize, epoch: usize) -> std::result::Result<Patch, PatchError>;

    /// Whether validation runs over the source after this epoch (from 1); asked of the source of validation patches alone.
    /// The first and the last epoch are always validated.
    fn is_watched(&self, _epoch: usize) -> bool {
        true
    }

    /// What the patches are made of, each by its name and its bytes: a run is not resumed where any of it has changed.
    /// Asked of the source of training patches alone.
    fn made_of(&self) -> Vec<(&'static str, Vec<&[u8]>)> {
        Vec::new()
    }
}

/// A labelled piece of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// Time steps.
    pub steps: usize,
    /// Channels.
    pub channels: usize,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub cols: usize,
    /// `[time, channel, y, x]`, normalised, 0 where invalid.
    pub values: Vec<f32>,
    /// `[time, y, x]`, true where observed.
    pub valid: Vec<bool>,
    /// `[y, x]`: class indices, or [`crate::IGNORE`].
    pub target: Vec<u8>,
}

impl Patch {
    /// `[time, channel, y, x]`.
    pub fn shape(&self) -> [usize; 4] {
        [self.steps, self.channels, self.rows, self.cols]
    }

    pub(crate) fn check(&self) -> Result<()> {
        let [steps, channels, rows, cols] = self.shape();
        for (what, shape, found) in [
            ("patch values", vec![steps, channels, rows, cols], self.values.len()),
            ("patch valid mask", vec![steps, rows, cols], self.valid.len()),
            ("patch target", vec![rows, cols], self.target.len()),
        ] {
            if shape.iter().product::<usize>() != found {
                return Err(Error::Length { what, shape, found });
            }
        }
        check_finite(&self.values, self.shape())
    }
}
