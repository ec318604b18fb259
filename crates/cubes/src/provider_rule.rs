//! What a scene's provider tells of its numbers where the item itself is silent.

use ecotone_io::{KnownScene, OffsetSource, Scene};
use ecotone_preprocessing::ScaleOffset;

/// Whether the offset of ESA's baselines since 04.00 was taken out: as the item says, else as its provider does it.
pub(crate) fn offset_applied(scene: &Scene) -> Option<bool> {
    let rule = || match scene.known()?.collection.offset {
        OffsetSource::Held => Some(false),
        // Of products with a baseline of ESA's that hold none of its offset.
        OffsetSource::Fixed { offset: 0.0, .. } => scene.processing_baseline.as_ref().map(|_| true),
        _ => None,
    };
    scene.boa_offset_applied.or_else(rule)
}

/// Scale and offset of a scene's reflectance where they are the same for all items of its collection, and whose they are.
pub(crate) fn documented(scene: &Scene) -> Option<(ScaleOffset, KnownScene)> {
    let known = scene.known()?;
    match known.collection.offset {
        OffsetSource::Fixed { scale, offset } => Some((ScaleOffset { scale, offset }, known)),
        _ => None,
    }
}
