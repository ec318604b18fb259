//! Reflectance of simulated scenes.

use ecotone_simulate::SimulatedScene;

/// Reflectance times 10000 of all bands at 10 m, the pixels of 20 m repeated; 0 without data.
pub(crate) fn reflectance(scene: &SimulatedScene, size: usize) -> impl Iterator<Item = i16> {
    scene.bands.iter().flat_map(move |band| {
        let step = size / band.cols;
        (0..size * size).map(move |i| match band.data[i / size / step * band.cols + i % size / step] {
            0 => 0,
            dn => (i32::from(dn) + i32::from(scene.spec.offset)).clamp(1, 32_767) as i16,
        })
    })
}
