//! Which provider a scene is from.

use super::collection::ProviderCollection;
use super::entry::Provider;
use super::files::holds;
use super::table::providers;
use crate::catalog::scene::{Scene, SceneBand};

/// What is known of a scene by where it is from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KnownScene {
    /// The provider.
    pub provider: &'static Provider,
    /// The collection.
    pub collection: &'static ProviderCollection,
}

/// How sure it is that a scene is of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sure {
    /// Its names alone say so, and it names no collection.
    Names,
    /// Its collection and its names say so.
    Collection,
    /// Its files lie at the provider's.
    Files,
}

impl Scene {
    /// The provider and collection that it is from, told from where its files lie, its collection's identifier, and its own
    /// and its files' names. Copies of known items keep what is known of them.
    pub fn known(&self) -> Option<KnownScene> {
        let all = providers().iter().flat_map(|provider| {
            provider.collections.iter().map(move |collection| KnownScene { provider, collection })
        });
        let ranked = all.filter_map(|known| Some((known.sure(self)?, known)));
        // Of several that are as sure the first of the table.
        ranked.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, known)| known)
    }

    /// The best file for a band whose name, or whose common name by the scene's sensor, its provider writes otherwise.
    pub(in crate::catalog) fn by_provider(&self, name: &str) -> Option<SceneBand<'_>> {
        let common = self.sensor().and_then(|sensor| Some(sensor.band(name).ok()?.common_name));
        let written = |(band, _): &&(&str, &str)| {
            [Some(name), common].into_iter().flatten().any(|asked| asked.eq_ignore_ascii_case(band))
        };
        let names = self.known()?.collection.names;
        names.iter().filter(written).find_map(|(_, asset)| self.best(asset))
    }
}

impl KnownScene {
    fn sure(self, scene: &Scene) -> Option<Sure> {
        let told = self.collection.has_id_of(scene);
        let named = self.collection.has_names_of(scene);
        let there = || {
            let hrefs = scene.assets.values().map(|asset| asset.href.as_str());
            hrefs.into_iter().any(|href| self.provider.files.iter().any(|place| holds(place, href)))
        };
        match (told, named) {
            (false, false) => None,
            (true, _) if there() => Some(Sure::Files),
            (_, true) if scene.collection.is_none() && there() => Some(Sure::Files),
            (true, true) => Some(Sure::Collection),
            (false, true) if scene.collection.is_none() => Some(Sure::Names),
            _ => None,
        }
    }
}

#[cfg(test)]
#[path = "known_tests.rs"]
mod tests;
