//! Which training pixels patches reach: all but those in areas that are smaller than a patch.

use ecotone_assessment::Unreached;
use ecotone_curation::UNLABELLED;
use ecotone_tiling::{BlockSplit, Part};

/// Labelled training pixels that no patch can hold, with patches of `side` pixels, of the labels of some years.
pub(crate) fn unreached<'a>(
    split: &BlockSplit,
    labels: impl IntoIterator<Item = &'a [u8]>,
    side: usize,
) -> Unreached {
    let (mut all, mut pixels) = (0, 0);
    for labels in labels {
        for ((area, codes), (_, labels)) in
            split.areas().parts(split.codes()).zip(split.areas().parts(labels))
        {
            let counts = |(code, label): &(&u8, &u8)| **code == Part::Train.code() && **label != UNLABELLED;
            let labelled = codes.iter().zip(labels).filter(counts).count() as u64;
            all += labelled;
            pixels += if area.rows.min(area.cols) < side { labelled } else { 0 };
        }
    }
    Unreached { pixels, share: (all > 0).then(|| pixels as f64 / all as f64) }
}
