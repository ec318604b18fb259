//! A collection of a provider.

use super::mask::ProviderMask;
use super::offset::OffsetSource;
use super::pattern::follows;
use crate::catalog::scene::Scene;
use ecotone_core::Sensor;

/// What is known of the items of a collection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProviderCollection {
    /// Its identifier in the catalogue.
    pub id: &'static str,
    /// Other identifiers that its items are found under.
    pub others: &'static [&'static str],
    /// Patterns that its items' identifiers, or else the names of their files, follow: `?` is any one character, `*` any
    /// number of them.
    pub items: &'static [&'static str],
    /// The instrument of items that name none; `None` for what no instrument measured.
    pub sensor: Option<Sensor>,
    /// The layer that tells clear pixels from others; `None` where there is none or nothing to hide.
    pub mask: Option<ProviderMask>,
    /// How numbers become reflectance.
    pub offset: OffsetSource,
    /// Names of bands, each with that of the asset that holds it, where the items themselves do not tell.
    pub names: &'static [(&'static str, &'static str)],
}

impl ProviderCollection {
    /// A collection of optical scenes whose items name their bands.
    pub(super) const fn optical(
        id: &'static str,
        items: &'static [&'static str],
        sensor: Sensor,
        mask: ProviderMask,
        offset: OffsetSource,
    ) -> Self {
        Self { id, others: &[], items, sensor: Some(sensor), mask: Some(mask), offset, names: &[] }
    }

    /// A collection without reflectance, and so without clouds.
    pub(super) const fn other(
        id: &'static str,
        items: &'static [&'static str],
        sensor: Option<Sensor>,
    ) -> Self {
        Self { id, others: &[], items, sensor, mask: None, offset: OffsetSource::NoReflectance, names: &[] }
    }

    /// The same under other identifiers as well.
    pub(super) const fn or(self, others: &'static [&'static str]) -> Self {
        Self { others, ..self }
    }

    /// The same with names of bands.
    pub(super) const fn with(self, names: &'static [(&'static str, &'static str)]) -> Self {
        Self { names, ..self }
    }

    /// True where a scene says that it belongs to it.
    pub(super) fn has_id_of(&self, scene: &Scene) -> bool {
        let said = |id: &&str| scene.collection.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(id));
        said(&self.id) || self.others.iter().any(said)
    }

    /// True where a scene, or one of its files, is named as its are.
    pub(super) fn has_names_of(&self, scene: &Scene) -> bool {
        let files = scene.assets.values().map(|asset| file_name(&asset.href));
        let mut names = std::iter::once(scene.id.as_str()).chain(files);
        names.any(|name| self.items.iter().any(|pattern| follows(name, pattern)))
    }
}

/// The last part of an address or path.
fn file_name(href: &str) -> &str {
    let path = href.split(['?', '#']).next().unwrap_or(href);
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
