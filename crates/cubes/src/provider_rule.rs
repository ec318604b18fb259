//! What a scene's provider tells of its numbers where the item itself is silent.

use ecotone_io::{KnownScene, OffsetSource, Scene, SceneBand};
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

/// Scale and offset of a band of reflectance where they are the same for all items of its collection, and whose they are.
pub(crate) fn documented(scene: &Scene, found: SceneBand<'_>) -> Option<(ScaleOffset, KnownScene)> {
    let known = scene.known().filter(|known| is_reflectance(scene, *known, found))?;
    match known.collection.offset {
        OffsetSource::Fixed { scale, offset } => Some((ScaleOffset { scale, offset }, known)),
        _ => None,
    }
}

/// Whether a band is one that its instrument measures, and not an angle, a quality or another by-product beside these.
fn is_reflectance(scene: &Scene, KnownScene { collection, .. }: KnownScene, found: SceneBand<'_>) -> bool {
    let key = found.asset.key.as_str();
    let names = [Some(found.band.name.as_str()), found.band.common_name.as_deref(), Some(key)];
    let sensor = scene.sensor().or(collection.sensor);
    let measured = |name: &str| sensor.is_some_and(|sensor| sensor.band(name).is_ok());
    names.into_iter().flatten().any(measured) || collection.names.iter().any(|(_, asset)| *asset == key)
}
