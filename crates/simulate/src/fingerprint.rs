//! A hash that freezes a simulation.

use crate::optics::SimulatedScene;
use sha2::{Digest, Sha256};

/// SHA-256 of all that it is given.
#[derive(Default)]
pub(crate) struct Fingerprint(Sha256);

impl Fingerprint {
    /// At most `most` of `count` scenes, spread over them.
    pub(crate) fn spread(count: usize, most: usize) -> impl Iterator<Item = usize> {
        let some = most.min(count);
        (0..some).map(move |i| i * count / some)
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn floats(&mut self, values: &[f32]) {
        values.iter().for_each(|value| self.0.update(value.to_le_bytes()));
    }

    /// A scene's name, classification and bands.
    pub(crate) fn scene(&mut self, scene: &SimulatedScene) {
        self.0.update(scene.spec.id.as_bytes());
        self.0.update(&scene.scl);
        for band in &scene.bands {
            self.0.update(band.data.iter().flat_map(|dn| dn.to_le_bytes()).collect::<Vec<u8>>());
        }
    }

    /// In hexadecimal.
    pub(crate) fn finish(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
