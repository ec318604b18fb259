//! Which training pixels patches reach: all but those in areas that are smaller than a patch.

use ecotone_curation::UNLABELLED;
use ecotone_tiling::{BlockSplit, Part};
use serde::Serialize;

/// Labelled training pixels that no patch can hold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Unreached {
    /// How many, all years together.
    pub(crate) pixels: u64,
    /// Their share of all labelled training pixels, 0 to 1; 1 where there is none.
    pub(crate) share: f64,
}

impl Unreached {
    /// Of the labels of some years, with patches of `side` pixels.
    pub(crate) fn of<'a>(
        split: &BlockSplit,
        labels: impl IntoIterator<Item = &'a [u8]>,
        side: usize,
    ) -> Self {
        let (mut all, mut pixels) = (0, 0);
        for labels in labels {
            for ((area, codes), (_, labels)) in
                split.areas().parts(split.codes()).zip(split.areas().parts(labels))
            {
                let counts =
                    |(code, label): &(&u8, &u8)| **code == Part::Train.code() && **label != UNLABELLED;
                let labelled = codes.iter().zip(labels).filter(counts).count() as u64;
                all += labelled;
                pixels += if area.rows.min(area.cols) < side { labelled } else { 0 };
            }
        }
        Self { pixels, share: if all == 0 { 1.0 } else { pixels as f64 / all as f64 } }
    }

    /// What to say of it; nothing where every training pixel is reached.
    pub(crate) fn in_words(&self) -> Option<String> {
        (self.pixels > 0).then(|| {
            let Self { pixels, share } = self;
            format!(
                "{pixels} labelled training pixels ({:.1} %) lie in areas smaller than a patch: nothing is learnt from them",
                100.0 * share
            )
        })
    }
}
